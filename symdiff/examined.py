"""Examination: what can be asked about a function and its derivative, beside computing them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.origin import Origin
from symdiff.verbs import Differentiable, Verb

if TYPE_CHECKING:
    from symdiff.explain.explanation import Explanation
    from symdiff.explain.picture import Picture
    from symdiff.progress import Progress
    from symdiff.verify.bench import BenchReport
    from symdiff.verify.compare import ComparisonReport
    from symdiff.verify.plots import Plot
    from symdiff.verify.report import CheckReport, CheckRow
    from symdiff.verify.slopes import Computed


class Examined(Differentiable):
    """What is compared, measured, explained and drawn, each by a method.

    A function that is no derivative is examined by its gradient. The attributes are those of
    `symdiff.api.Function`.
    """

    primal: Graph
    origin: Origin
    verb: Verb
    wrt: tuple[str, ...]
    captured: Mapping[str, Any]
    tensor: Tensor | None
    target: str
    dtype: str

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order of a call."""

    @property
    @abstractmethod
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs."""

    @property
    @abstractmethod
    def shapes(self) -> dict[str, tuple[int | str, ...]]:
        """The shape of each input, `()` for a number."""

    @abstractmethod
    def _repr_latex_(self) -> str | None:
        """What a notebook shows as LaTeX."""

    @property
    @abstractmethod
    def packing(self) -> Nest | Tensor | Coordinates:
        """How the outputs of `derivation` become what a call returns."""

    @property
    @abstractmethod
    def derivation(self) -> Graph:
        """The graph of the value and the derivative, in the order that `packing` counts."""

    @property
    @abstractmethod
    def optimized_value(self) -> Graph:
        """The graph that is printed for the value alone."""

    @property
    @abstractmethod
    def ops(self) -> int:
        """The operations of one evaluation: of the value, and of the derivative if asked for."""

    @property
    @abstractmethod
    def unshared_ops(self) -> float:
        """The operations of one evaluation if every formula were written out."""

    @abstractmethod
    def emit(self, target: str | None = None) -> str:
        """The text of a module that computes this."""

    @abstractmethod
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:  # numbers or any kind of array
        """Compute: numbers or arrays in the order of `inputs`, broadcast as NumPy does."""

    @abstractmethod
    def of_module(self, name: str) -> Callable[..., Any]:
        """A function of the module that computes a call, for NumPy's arrays."""

    @abstractmethod
    def of_numpy(self, name: str) -> Callable[..., Any]:
        """A function of the module of NumPy in float64."""

    @abstractmethod
    def again(self) -> Self:
        """The same function, of which nothing is computed yet."""

    @property
    @abstractmethod
    def undifferentiated(self) -> Self:
        """The function that the verb is asked of."""

    def check(
        self,
        at: Mapping[str, float] | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> CheckReport:
        """Compare value and derivative, by `target`, with differences and a 50-digit reference.

        The derivative is the one that is asked for; of a function itself, its gradient. Before a
        second derivative the gradient is compared, whose differences the second one is held to.

        Args:
            at: a point, a number or an array for each input. Random and boundary points by default.
            seed: of the random points.
            progress: called from time to time with the number of points done, and of all; by
                default a notebook shows a bar.

        Raises:
            UnsupportedError: where the function itself has no gradient: it has several outputs; in
                single precision.
        """
        from symdiff.explain.results import errors_at
        from symdiff.verify.check import check, check_derivative
        from symdiff.verify.report import CheckReport

        if self.dtype != FLOAT:
            raise UnsupportedError(
                "a check in single precision is not supported",
                suggestion="check in float64; the module's self-check is for float32",
            )
        rows: list[CheckRow] = []
        errors = None
        if self.verb.order != 1 or self.verb.has_gradient:
            made = self if self.verb.has_gradient else self._of_primal()
            call = made.of_module("value_and_grad")
            found = check(
                made.primal, made.wrt, call, at, seed=seed, progress=progress, raises=self._raises
            )
            rows += found.rows
            errors = partial(errors_at, made.primal, made.wrt, call, at)
        if self.verb.is_derivative and not self.verb.has_gradient:
            rows += check_derivative(self._computed, at=at, seed=seed, progress=progress).rows
        return CheckReport(tuple(rows), errors)

    @property
    def _computed(self) -> Computed:
        """The derivative, and what computes it."""
        from symdiff.verify.slopes import Computed

        vectors = self.inputs[len(self.primal.inputs) :]
        call = self.of_module(self.verb.name)
        packed = self.tensor, vectors, self.packing
        return Computed(self.verb, self.primal, self.wrt, *packed, call, self._raises)

    @property
    def _raises(self) -> bool:
        from symdiff.emit.targets import target_of

        return target_of(self.target).raises

    def _of_primal(self) -> Self:
        """The gradient of the function that the verb is asked of."""
        return self.undifferentiated.value_and_grad(self.wrt)

    def compare(self, at: Mapping[str, float] | None = None) -> ComparisonReport:
        """Measure this compiler, by `target`, beside other methods on this function."""
        from symdiff.verify.compare import compare

        made = self if self.verb.has_gradient else self._of_primal()

        def compiled() -> tuple[Callable[..., Any], int, int]:
            again = made.again()
            return again.of_module("value_and_grad"), again.optimized_value.ops, again.ops

        return compare(made.primal, made.wrt, compiled, at=at)

    def explain(self, at: Mapping[str, Any] | None = None, *, mode: str = "reverse") -> Explanation:
        """The chain rule on this function, step by step.

        Args:
            at: a point, a number or an array for each input; a random one by default.
            mode: `reverse`, for cotangents from the output back, or `forward`, for tangents.

        Raises:
            SymdiffError: where the point does not fit, or a step has no value there.
            LimitError: where there are too many steps.
        """
        from symdiff.explain.explain import explain
        from symdiff.explain.steps import refuse_large

        refuse_large(self.primal)  # before a module is made of it
        made = self if self.verb.has_gradient else self._of_primal()
        at = at if at is None or not made.captured else {**made.captured, **at}
        call = made.of_numpy("value_and_grad")
        return explain(made, call, at, mode=mode, source=self.origin.text)

    def picture(self, at: Mapping[str, Any] | None = None) -> Picture:
        """The graph of this function and of its cotangents, with values at a point.

        Loops are drawn as loops, and branches as their ways; of very many steps the lines of the
        source, without values. Notebooks show it; it has methods `svg`, `dot` and `mermaid`.

        Args:
            at: a point, a number or an array for each input; a random one by default.

        Raises:
            SymdiffError: where the point does not fit, or a step has no value there.
        """
        from symdiff.explain.outline import is_large, outline_of
        from symdiff.explain.pictures import picture_at

        if is_large(self.primal):
            return outline_of(self.primal, self.wrt, self.origin.text)
        made = self if self.verb.has_gradient else self._of_primal()
        at = at if at is None or not made.captured else {**made.captured, **at}
        return picture_at(made, made.of_numpy("value_and_grad"), at, source=self.origin.text)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:  # what notebooks ask for
        from symdiff.explain.card import bundle

        return bundle(self)

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def plot(
        self,
        over: Mapping[str, tuple[float, float]] | None = None,
        at: Mapping[str, Any] | None = None,
    ) -> Plot:
        """Draw this function and its derivative over a range, or contours and gradient over two.

        Args:
            over: by name of one number or two, from where to where; default all numbers, 3 to each
                side of what `at` says, or of 0.
            at: what the other inputs are.

        Raises:
            UnsupportedError: where Matplotlib is not installed.
            SymdiffError: where it is not clear what varies, or an input has no value.
        """
        from symdiff.explain.plots import plot_samples
        from symdiff.explain.samples import samples_of

        made = self if self.verb.has_gradient else self._of_primal()
        at = {**made.captured, **(at or {})}
        call = made.of_numpy("value_and_grad")
        return plot_samples(samples_of(made.primal, made.wrt, call, over, at))

    def bench(
        self,
        at: Mapping[str, Any] | None = None,
        sizes: Sequence[int] = (),
        bound: float = 10.0,
        progress: Progress | None = None,
    ) -> BenchReport:
        """Time value and gradient by every target and tool that is installed.

        Args:
            at: a point, a value for each input; a random one by default.
            sizes: points of a batch for functions of numbers, lengths of the named dimensions for
                functions of arrays.
            bound: seconds for each way, imports excepted.
            progress: called from time to time with the number of ways done, and of all; by
                default a notebook shows a bar.
        """
        from symdiff.verify.bench import bench

        made = self if self.verb.name == "value_and_grad" else self._of_primal()
        return bench(made, at=at, sizes=sizes, bound=bound, progress=progress)

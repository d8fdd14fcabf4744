"""`Function`: what users hold. A graph, the verb that is asked of it, and where it came from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symdiff.emit.formula import formulas, program
from symdiff.emit.load import load_source
from symdiff.emit.module import emit_module
from symdiff.emit.source import Source
from symdiff.emit.write import write_whole
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.limits import LIMITS, Limits
from symdiff.frontend.program import parse
from symdiff.graph.graph import Graph
from symdiff.graph.pause import without_collector
from symdiff.optimize import optimize
from symdiff.verbs import VERBS, Verb

if TYPE_CHECKING:
    from symdiff.verify.check import CheckReport
    from symdiff.verify.compare import ComparisonReport

Wrt = str | int | Sequence[str | int] | None

TARGETS = ("numpy",)
PLANNED_TARGETS = ("python", "c", "numba", "array-api")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a function is made from again: the text, the output's name, and the verbs in turn."""

    text: str
    name: str | None
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def recipe(self) -> dict[str, Any]:  # JSON
        """The origin as plain data."""
        recipe: dict[str, Any] = {"source": self.text}
        if self.name is not None:
            recipe["name"] = self.name
        return recipe | {"steps": [[verb, *wrt] for verb, wrt in self.steps]}


@without_collector
def function(
    source: object, *, wrt: Wrt = None, name: str | None = None, limits: Limits = LIMITS
) -> Function:
    """A function from a formula, a program or a SymPy expression.

    Args:
        source: text in symdiff's grammar; or a SymPy expression, or a Matrix or sequence of
            them for several outputs.
        wrt: what it is differentiated by where a verb does not say: a name, a position, a tuple
            of them, or names separated by commas or spaces. All inputs by default.
        name: the name of the output.
        limits: how large a text may be.

    Raises:
        ParseError: the text is not in the grammar.
        UnsupportedError: the source holds something that symdiff does not support.
        LimitError: the source is larger than a limit.
    """
    if isinstance(source, Function):
        return source
    if isinstance(source, str):
        graph, text = parse(source, limits=limits), source
    else:
        from symdiff.frontend.sympy import from_sympy

        graph = from_sympy(source)
        text = program(graph)
    if name is not None:
        graph = _named(graph, name)
    return Function(graph, Origin(text, name), VERBS["value"], _wrt_names(graph, wrt))


def from_recipe(recipe: Mapping[str, Any], limits: Limits = LIMITS) -> Function:
    """The function that a recipe describes, as an emitted module holds one in its header.

    Raises:
        SymdiffError: where it is no recipe.
    """
    try:
        made = function(str(recipe["source"]), name=recipe.get("name"), limits=limits)
        for verb, *wrt in recipe["steps"]:
            made = made.derived(VERBS[verb], tuple(wrt))
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, SymdiffError):
            raise
        raise SymdiffError("the recipe is damaged: it does not describe a function") from error
    return made


class Function:
    """A function of named numbers, and a verb: the value itself, or a derivative of it.

    Calling it computes; a verb's method gives another Function, so derivatives can be repeated.

    Attributes:
        primal: the graph of the function that the verb is asked of.
        verb: what a call computes.
        wrt: names of the inputs that it is differentiated by.
        origin: what the function was made from.
    """

    def __init__(self, primal: Graph, origin: Origin, verb: Verb, wrt: tuple[str, ...]) -> None:
        self.primal = primal
        self.origin = origin
        self.verb = verb
        self.wrt = wrt

    # --- verbs -------------------------------------------------------------------------------

    def derived(self, verb: Verb, wrt: Wrt = None) -> Function:
        """The function that computes `verb` of what this one computes.

        Raises:
            UnsupportedError: where there is no such derivative.
        """
        primal = self.graph
        names = self.wrt if wrt is None else _wrt_names(primal, wrt)
        steps = (*self.origin.steps, (verb.name, names))
        made = Function(primal, replace(self.origin, steps=steps), verb, names)
        _ = made._derived  # refuse now, not at the first call
        return made

    def grad(self, wrt: Wrt = None) -> Function:
        """The gradient: a call returns it alone, a number for one `wrt` and a tuple for several."""
        return self.derived(VERBS["grad"], wrt)

    def value_and_grad(self, wrt: Wrt = None) -> Function:
        """The value and the gradient: a call returns `(value, gradient)`."""
        return self.derived(VERBS["value_and_grad"], wrt)

    # --- what it is --------------------------------------------------------------------------

    @cached_property
    @without_collector
    def _derived(self) -> Graph:
        """The graph of the value and the derivative, as derivation made it."""
        try:
            graph = self.verb.derive(self.primal, self.wrt)
        except SymdiffError as error:
            raise error.at(self.origin.text, error.span) from None
        return graph.keep(graph.ancestors(graph.outputs))

    @cached_property
    def graph(self) -> Graph:
        """The graph of what a call returns."""
        graph = self._derived
        if self.verb.returns_value:
            return graph
        alone = graph.select(range(graph.primal, len(graph.outputs)))
        return replace(alone.keep(alone.ancestors(alone.outputs)), primal=len(alone.outputs))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order of a call."""
        return self.primal.input_names

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what a call returns."""
        return self.graph.output_names

    @property
    def shapes(self) -> dict[str, tuple[int | str, ...]]:
        """The shape of each input, `()` for a number."""
        return {
            name: self.primal[at].shape
            for name, at in zip(self.inputs, self.primal.inputs, strict=True)
        }

    @cached_property
    @without_collector
    def optimized(self) -> Graph:
        """The graph that is printed: the value, and the derivative where there is one."""
        return optimize(self._derived)

    @cached_property
    @without_collector
    def optimized_value(self) -> Graph:
        """The graph that is printed for the value alone."""
        return optimize(self.primal) if self.verb.is_derivative else self.optimized

    @property
    def ops(self) -> int:
        """The operations of one evaluation: of the value, and of the derivative where asked for."""
        return self.optimized.ops

    @property
    def unshared_ops(self) -> float:
        """The operations of one evaluation if every formula were written out, nothing shared."""
        counts: list[float] = []
        for node in self._derived.nodes:
            counts.append(float(bool(node.args)) + sum(counts[argument] for argument in node.args))
        return sum(counts[output] for output in self._derived.outputs)

    def formulas(self) -> dict[str, str]:
        """A formula for each output, empty where it is longer than a line."""
        return dict(zip(self.outputs, formulas(self.graph), strict=True))

    def sympy(self) -> Any:  # SymPy's classes are not typed
        """The outputs as SymPy expressions: one, or a tuple for several."""
        from symdiff.explain.sympy import to_sympy

        return to_sympy(self.graph)

    def latex(self) -> str:
        """The outputs as LaTeX."""
        from symdiff.explain.sympy import to_latex

        return to_latex(self.graph)

    def __repr__(self) -> str:
        shown = self.origin.text if len(self.origin.text) <= 60 else self.origin.text[:57] + "..."
        verbs = "".join(f".{verb}({', '.join(wrt)})" for verb, wrt in self.origin.steps)
        return f"symdiff.function({shown!r}){verbs}"

    # --- what it computes --------------------------------------------------------------------

    @without_collector
    def emit(self, target: str = "numpy") -> str:
        """The text of a module that computes this and needs nothing of symdiff.

        Raises:
            UnsupportedError: for a target that is not there.
        """
        if target not in TARGETS:
            known = f"supported: {', '.join(TARGETS)}"
            if target in PLANNED_TARGETS:
                raise UnsupportedError(
                    f"the target '{target}' is not supported yet", suggestion=known
                )
            raise UnsupportedError(f"there is no target '{target}'", suggestion=known)
        derivative = self.verb.is_derivative
        return emit_module(
            Source(
                value=self.primal,
                value_body=self.optimized_value,
                gradient=self.optimized if derivative else None,
                formulas=self._derived if derivative else None,
                wrt=self.wrt,
                recipe=self.origin.recipe(),
            )
        )

    def write(self, path: str | Path, target: str = "numpy") -> Path:
        """Write the module to a file, whole or not at all.

        Raises:
            SymdiffError: where it cannot be written; an old file is then as it was.
        """
        return write_whole(Path(path), self.emit(target))

    def load(self) -> ModuleType:
        """The emitted module, loaded: the same text that `emit` gives."""
        return self._module

    @cached_property
    def _module(self) -> ModuleType:
        return load_source(self.emit(), "_".join([self.verb.name, *self.primal.output_names[:1]]))

    @cached_property
    def _callable(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self._module, self.verb.name)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # numbers or any kind of array
        """Compute: numbers or arrays in the order of `inputs`, broadcast as NumPy does."""
        return self._callable(*args, **kwargs)

    def check(self, at: Mapping[str, float] | None = None, seed: int = 0) -> CheckReport:
        """Compare value and gradient with finite differences and a 50-digit reference.

        Args:
            at: a point, a number for each input. Random and boundary points by default.
            seed: of the random points.
        """
        from symdiff.verify.check import check

        made = self if self.verb.is_derivative else self.value_and_grad()
        return check(made.primal, made.wrt, made.load().value_and_grad, at=at, seed=seed)

    def compare(self, at: Mapping[str, float] | None = None) -> ComparisonReport:
        """Measure this compiler beside other methods on this function."""
        from symdiff.verify.compare import compare

        made = self if self.verb.is_derivative else self.value_and_grad()

        def compiled() -> tuple[Callable[..., Any], int, int]:
            again = Function(made.primal, made.origin, made.verb, made.wrt)
            return again.load().value_and_grad, again.optimized_value.ops, again.ops

        return compare(made.primal, made.wrt, compiled, at=at)

    def __reduce__(self) -> tuple[object, ...]:
        return from_recipe, (self.origin.recipe(),)


def _wrt_names(graph: Graph, wrt: Wrt) -> tuple[str, ...]:
    """The names that a `wrt` means.

    Raises:
        SymdiffError: for a name or a position that is no input, or one that stands twice.
    """
    known = graph.input_names
    if wrt is None:
        return known
    if isinstance(wrt, str):
        wrt = re.split(r"[,\s]+", wrt.strip(", \t\n"))
    elif isinstance(wrt, int):
        wrt = (wrt,)
    names = tuple(_wrt_name(known, item) for item in wrt)
    if not names:
        raise SymdiffError("wrt names no input")
    for name in names:
        if names.count(name) > 1:
            raise SymdiffError(f"wrt names '{name}' twice")
    return names


def _wrt_name(known: Sequence[str], item: str | int) -> str:
    if isinstance(item, int):
        if not -len(known) <= item < len(known):
            raise SymdiffError(f"wrt asks for input {item}, and there are {len(known)}")
        return known[item]
    if item not in known:
        listed = ", ".join(known[:10]) or "none"
        near = difflib.get_close_matches(item, known, 1)
        suggestion = f"did you mean '{near[0]}'?" if near else f"the inputs are: {listed}"
        raise SymdiffError(f"'{item}' is not an input", suggestion=suggestion)
    return item


def _named(graph: Graph, name: str) -> Graph:
    """The graph with its output, or its outputs numbered, under another name."""
    if not name.isidentifier():
        raise SymdiffError(f"'{name}' cannot be the name of an output: it is not an identifier")
    if name in graph.input_names:
        raise SymdiffError(f"'{name}' is an input and cannot be the name of the output too")
    count = len(graph.outputs)
    names = (name,) if count == 1 else tuple(f"{name}{i + 1}" for i in range(count))
    return replace(graph, output_names=names)

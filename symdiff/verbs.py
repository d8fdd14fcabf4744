"""The table of verbs: what can be computed of a function, each under one name everywhere.

A verb has a record, a method, and a line at the end of this file that says to type checkers which
arguments its function in the package takes. The functions of the package, the commands, the
definitions of an emitted module and its self-check are made of the records. Nothing heavy is
imported to load them: the command line's help reads them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from symdiff.derive.options import PLAIN, Options
from symdiff.errors import SymdiffError

if TYPE_CHECKING:
    from symdiff.derive.packing import Derived
    from symdiff.derive.problem import Problem

INPUTS, OUTPUTS = "inputs", "outputs"


class Named(Protocol):
    """What has a name, as a symbol of SymPy's."""

    @property
    def name(self) -> str:
        """The name of an input."""


Wrt = str | int | Named | Sequence[str | int | Named] | None  # what to differentiate by


class Vectors(NamedTuple):
    """What a call takes behind the inputs.

    Attributes:
        noun: what one is called.
        axis: there is one for each of these: the `INPUTS` of `wrt`, or the `OUTPUTS`.
    """

    noun: str
    axis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One thing that can be computed of a function.

    Attributes:
        name: in the command line, in Python and in the emitted module.
        help: one sentence, of the command and of the function of the package.
        noun: what is computed, as a title says it: "its gradient by x".
        counted: what the operations of the module compute.
        headline: the docstring's first line in the emitted module; of a matrix made of its noun.
        derivation: the module of `symdiff.derive` and the function in it that makes a `Derived` of
            a `Problem`, loaded at its first use.
        result: what the derivative has a part for each of, in turn: a gradient for the `INPUTS` of
            `wrt`, a Jacobian for the `OUTPUTS` and for the `INPUTS` behind them.
        order: of the derivatives; 0 for none.
        vectors: what a call takes behind the inputs, if anything.
        returns_value: whether a call returns the value along with the derivative.
        has_gradient: whether its module offers the gradient, packed too.
        is_command: whether the command line has it.
        options: names of the options of the derivation that it takes.
    """

    name: str
    help: str
    noun: str
    counted: str
    headline: str = ""
    derivation: str
    result: tuple[str, ...]
    order: int
    vectors: Vectors | None = None
    returns_value: bool = False
    has_gradient: bool = False
    is_command: bool = True
    options: tuple[str, ...] = ()

    @property
    def is_derivative(self) -> bool:
        """Whether the verb computes more than the function itself."""
        return self.order > 0

    @property
    def is_matrix(self) -> bool:
        """Whether it has a part for each pair."""
        return len(self.result) == 2

    def derive(self, problem: Problem) -> Derived:
        """The graph of what is computed, and how its outputs are packed."""
        module, _, function = self.derivation.partition(".")
        found: Derived = getattr(import_module(f"symdiff.derive.{module}"), function)(problem)
        return found


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            name="value",
            help="The function itself.",
            noun="value",
            counted="value",
            derivation="vectors.value",
            result=(OUTPUTS,),
            order=0,
            returns_value=True,
        ),
        Verb(
            name="grad",
            help="The gradient.",
            noun="gradient",
            counted="value and gradient",
            derivation="vectors.value_and_grad",
            result=(INPUTS,),
            order=1,
            has_gradient=True,
        ),
        Verb(
            name="value_and_grad",
            help="The value and the gradient.",
            noun="gradient",
            counted="value and gradient",
            derivation="vectors.value_and_grad",
            result=(INPUTS,),
            order=1,
            returns_value=True,
            has_gradient=True,
            is_command=False,  # `grad` emits it
        ),
        Verb(
            name="jacobian",
            help="The Jacobian: every output by every input.",
            noun="Jacobian",
            counted="jacobian",
            derivation="matrices.jacobian",
            result=(OUTPUTS, INPUTS),
            order=1,
            options=("sparse", "mode"),
        ),
        Verb(
            name="hessian",
            help="The Hessian: the second derivatives of one number.",
            noun="Hessian",
            counted="hessian",
            derivation="matrices.hessian",
            result=(INPUTS, INPUTS),
            order=2,
            options=("sparse", "mode"),
        ),
        Verb(
            name="laplacian",
            help="The Laplacian: the sum of the second derivatives of one number.",
            noun="Laplacian",
            counted="laplacian",
            headline="The Laplacian: the sum of the second derivatives by each element of WRT.",
            derivation="laplacian.laplacian",
            result=(),
            order=2,
        ),
        Verb(
            name="hvp",
            help="The Hessian times a vector.",
            noun="product of the Hessian with vectors",
            counted="product",
            headline="The Hessian times the vectors.",
            derivation="vectors.hvp",
            result=(INPUTS,),
            order=2,
            vectors=Vectors("vector", INPUTS),
        ),
        Verb(
            name="jvp",
            help="The value and the Jacobian times a tangent.",
            noun="product of the Jacobian with tangents",
            counted="value and product",
            headline="The value, and its tangent: the Jacobian times the tangents of the inputs.",
            derivation="vectors.jvp",
            result=(OUTPUTS,),
            order=1,
            vectors=Vectors("tangent", INPUTS),
            returns_value=True,
        ),
        Verb(
            name="vjp",
            help="The value and a cotangent times the Jacobian.",
            noun="product of cotangents with the Jacobian",
            counted="value and product",
            headline="The value, and the cotangents of the inputs: those of the outputs times the "
            "Jacobian.",
            derivation="vectors.vjp",
            result=(INPUTS,),
            order=1,
            vectors=Vectors("cotangent", OUTPUTS),
            returns_value=True,
        ),
    )
}


OPTIONS = {
    "sparse": "Only the entries that are not zero by structure.",
    "mode": "How it is derived, forward or reverse; by default what costs less.",
}


def checked(verb: Verb, options: Options) -> Options:
    """The options, refused where the verb does not take them."""
    for name in OPTIONS:
        if getattr(options, name) and name not in verb.options:
            takers = ", ".join(v.name for v in VERBS.values() if name in v.options)
            raise SymdiffError(f"'{verb.name}' takes no {name}", suggestion=f"these do: {takers}")
    return options


# --- methods -------------------------------------------------------------------------------------


class Differentiable(ABC):
    """What the verbs can be asked of, each by its method."""

    @abstractmethod
    def derived(self, verb: Verb, wrt: Wrt = None, options: Options = PLAIN) -> Self:
        """What computes `verb` of what this one computes.

        Args:
            verb: what is computed.
            wrt: what to differentiate by: names, positions, symbols of SymPy's, or a tuple of them.
            options: of the derivation.

        Raises:
            UnsupportedError: where there is no such derivative.
        """

    def grad(self, wrt: Wrt = None) -> Self:
        """The gradient: a call returns it alone, a number for one `wrt` and a tuple for several."""
        return self.derived(VERBS["grad"], wrt)

    def value_and_grad(self, wrt: Wrt = None) -> Self:
        """The value and the gradient: a call returns `(value, gradient)`."""
        return self.derived(VERBS["value_and_grad"], wrt)

    def jacobian(self, wrt: Wrt = None, *, sparse: bool = False, mode: str | None = None) -> Self:
        """Every output by every input.

        Args:
            wrt: what to differentiate by.
            sparse: return `(values, (rows, columns))` of the entries that are not zero by
                structure, as `scipy.sparse.coo_array` takes them.
            mode: `forward` or `reverse`; by default what costs less.

        Returns:
            Of a function of numbers, one matrix of shape batch + (outputs, wrt). Of arrays a block
            of shape output + input; where there are several, a tuple by output of tuples by `wrt`.
        """
        return self.derived(VERBS["jacobian"], wrt, Options(mode, sparse))

    def hessian(self, wrt: Wrt = None, *, sparse: bool = False, mode: str | None = None) -> Self:
        """The second derivatives of one number; the arguments and results are as of `jacobian`."""
        return self.derived(VERBS["hessian"], wrt, Options(mode, sparse))

    def laplacian(self, wrt: Wrt = None) -> Self:
        """The sum of the second derivatives of one number, by each element of each `wrt`."""
        return self.derived(VERBS["laplacian"], wrt)

    def hvp(self, wrt: Wrt = None) -> Self:
        """The Hessian times vectors: called with the inputs and one for each `wrt`, `x_dot`."""
        return self.derived(VERBS["hvp"], wrt)

    def jvp(self, wrt: Wrt = None) -> Self:
        """The Jacobian times tangents: called with the inputs and one for each `wrt`, `x_dot`.

        A call returns `(value, tangent)`, each a tuple where there are several outputs.
        """
        return self.derived(VERBS["jvp"], wrt)

    def vjp(self, wrt: Wrt = None) -> Self:
        """Cotangents times the Jacobian: called with the inputs and one for each output, `f_bar`.

        A call returns `(value, cotangents)`, the cotangents as in `grad`.
        """
        return self.derived(VERBS["vjp"], wrt)


# --- functions of the package, which `transform` makes of the records ----------------------------


class Transform(Protocol):
    """A verb of a NumPy function, or of what `sd.function` takes."""

    def __call__(
        self,
        function: Any,
        wrt: Wrt = None,
        *,
        target: str = "numpy",
        loops: str = "auto",
        checkpoint: int | None = None,
    ) -> Any:
        """What is called as the NumPy function is; a `Function` of anything else."""


class MatrixTransform(Protocol):
    """As `Transform`, of a matrix."""

    def __call__(
        self,
        function: Any,
        wrt: Wrt = None,
        *,
        sparse: bool = False,
        mode: str | None = None,
        target: str = "numpy",
        loops: str = "auto",
        checkpoint: int | None = None,
    ) -> Any:
        """What is called as the NumPy function is; a `Function` of anything else."""


grad: Transform
value_and_grad: Transform
jacobian: MatrixTransform
hessian: MatrixTransform
laplacian: Transform
hvp: Transform
jvp: Transform
vjp: Transform

"""The record of one operation, and the six kinds of derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Shape
from symdiff.ops.handle import Handle

# A rule takes handles and parameters in its operation's own order, so its type is open.
Rule = Callable[..., Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Unknown:
    """In the place of a factor: this derivative is refused, for the reason given."""

    reason: str


@dataclass(frozen=True, slots=True)
class Partials:
    """Elementwise and smooth. `rule(y, *args)` gives a factor for each argument."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Selected:
    """Elementwise with branches. `rule(t, y, *args)` gives `only(condition, t)` an argument."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Linear:
    """Linear in all arguments jointly. `transpose(t, *args)` gives each argument's cotangent."""

    transpose: Rule


@dataclass(frozen=True, slots=True)
class Multilinear:
    """Linear in each argument alone. `transpose(t, *args)` gives each argument's cotangent."""

    transpose: Rule


@dataclass(frozen=True, slots=True)
class Pair:
    """An explicit JVP and VJP: `jvp(tangents, y, *args)` and `vjp(t, y, *args)`."""

    jvp: Callable[..., Any]  # as Rule; a tangent may be None for zero
    vjp: Rule


@dataclass(frozen=True, slots=True)
class Flat:
    """The derivative is zero wherever it exists."""


Derivative = Partials | Selected | Linear | Multilinear | Pair | Flat


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one target writes an operation.

    Attributes:
        form: `infix`, `prefix` or `call`.
        text: the operator's sign, or the name of the function that is called.
        precedence: Python's, for operators; larger binds tighter.
        source: the definition of the function, where the emitted file must bring it.
    """

    form: str
    text: str
    precedence: int = 0
    source: str = ""


def infix(sign: str, precedence: int) -> dict[str, Spelling]:
    """An operator that is written the same for floats and for arrays."""
    spelling = Spelling("infix", sign, precedence)
    return {"numpy": spelling, "math": spelling}


def prefix(sign: str, precedence: int) -> dict[str, Spelling]:
    """A sign before its argument, the same for floats and for arrays."""
    spelling = Spelling("prefix", sign, precedence)
    return {"numpy": spelling, "math": spelling}


def function(name: str) -> Spelling:
    """A call of a function that the target's libraries offer."""
    return Spelling("call", name)


def helper(source: str) -> Spelling:
    """A call of a function that the emitted file defines; `source` is its text."""
    name = source.split("def ", 1)[1].split("(", 1)[0]
    return Spelling("call", name, source=source)


def same(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    """Elementwise: the arguments' common shape. Broadcasting is a node of its own."""
    first = shapes[0]
    if any(shape != first for shape in shapes):
        raise ValueError(f"an elementwise operation on different shapes {shapes}")
    return first


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One operation, whole: what it computes, its derivative, and how it is written.

    Attributes:
        name: its name in the graph.
        doc: one sentence.
        arity: the number of arguments.
        derivative: one of the six kinds; `None` refuses, and `kink` says why.
        spelling: how each built-in target writes it. Empty: printed from `expand`.
        expand: the same in simpler operations.
        shape: the shape of the result, from those of the arguments and the parameters.
        dtype: the type of the result's elements.
        commutative: whether exchanging the two arguments gives the same bits.
        kink: the convention where the derivative jumps or does not exist.
        domain: where it is defined, if not everywhere; for the documentation.
        safe: for each argument that must stay inside a domain, a point inside; an argument in
            a branch that is not taken is replaced by it.
        sympy: the counterpart's name in SymPy, or a formula `(sympy, *params, *args)`, written
            with SymPy's functions and classes alone, which are called so that none evaluates.
        mpmath: likewise for the 50-digit reference.
        params: the names of the parameters, printed before the arguments.
        analytic: whether NumPy's function takes complex numbers analytically.
        may_raise: whether its spelling for floats raises where NumPy gives inf or NaN.
    """

    name: str
    doc: str
    arity: int
    derivative: Derivative | None
    spelling: Mapping[str, Spelling] = field(default_factory=dict)
    expand: Callable[..., Handle] | None = None
    shape: Callable[..., Shape] = same
    dtype: str = FLOAT
    commutative: bool = False
    kink: str = ""
    domain: str = ""
    safe: tuple[float | None, ...] = ()
    sympy: str | Callable[..., Any] = ""  # a formula in a library that is not imported here
    mpmath: str | Callable[..., Any] = ""  # likewise
    params: tuple[str, ...] = ()
    analytic: bool = True
    may_raise: bool = True

    def __call__(self, *args: Handle | float, params: tuple[Any, ...] = ()) -> Handle:
        """The operation on handles; numbers among them become constants."""
        first = next(arg for arg in args if isinstance(arg, Handle))
        builder = first.builder
        positions = tuple([builder.position(arg, first.at) for arg in args])
        return Handle(builder, builder.make(self.name, positions, params))

"""The record of one operation, and the kinds of derivative. No text of any language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Shape
from symdiff.ops.handle import Handle

# A rule takes handles and parameters in its operation's own order, so its type is open.
Rule = Callable[..., Sequence[Any]]
# (arguments, which of them are batched, params, length of the new axis) -> result with that axis
Batch = Callable[[Sequence[Handle], Sequence[bool], tuple[Any, ...], Any], Handle]


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
    """Linear in all arguments jointly. `transpose(t, *args)` gives each argument's cotangent.

    Or in the first `count` of them, and what the others are has no derivative: they say where
    elements go, as indices and conditions do.
    """

    transpose: Rule
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Multilinear:
    """Linear in each argument alone. `transpose(t, *args)` gives each argument's cotangent."""

    transpose: Rule


@dataclass(frozen=True, slots=True)
class Pair:
    """An explicit JVP and VJP: `jvp(tangents, y, *args)` and `vjp(t, y, *args)`.

    Each of the tangents is `None` where it is zero, and not all of them are.
    """

    jvp: Callable[..., Any]  # as Rule; a handle, or None for zero
    vjp: Rule


@dataclass(frozen=True, slots=True)
class Flat:
    """The derivative is zero wherever it exists."""


@dataclass(frozen=True, slots=True)
class Binds(Flat):
    """The same; and from here on the named dimension of its parameter has the value of the line."""


@dataclass(frozen=True, slots=True)
class Raises:
    """The node has no value: it raises an error where a condition holds."""


@dataclass(frozen=True, slots=True)
class Own:
    """The node holds graphs: `jvp` and `vjp` of its parameters, `None` for one that is missing."""


@dataclass(frozen=True, slots=True)
class Even:
    """A smooth function of a length and of what else its graph takes: see `derive.smooth`."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A line that holds a graph, so that its derivative is a loop again: see `derive.loops`.

    Its results are lines of the kind `Part`. Reverse mode gathers their cotangents first, so that
    one loop carries all of them back.
    """


@dataclass(frozen=True, slots=True)
class Part:
    """One result of a `Loop`, whose line is the argument and whose number the first parameter."""


Derivative = (
    Partials | Selected | Linear | Multilinear | Pair | Flat | Raises | Own | Even | Loop | Part
)

ANY = -1  # as an arity: any number of arguments
PROMOTED = "promoted"  # as a dtype: the largest kind among the arguments
FIRST = "first"  # the kind of the first argument
REAL = "real"  # floats, of complex numbers too
GIVEN = "given"  # the kind that the last parameter says

# What is known of the sign of a result, or that it is NaN
UNSIGNED = "unsigned"  # has no minus sign, whatever the arguments
NON_NEGATIVE = "non-negative"  # is never below 0, and as KEPT: the root of -0.0 is -0.0
KEPT = "kept"  # is never below 0 where no `signed` argument is; no minus sign where none has one


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
        arity: the number of arguments, or `ANY`.
        derivative: one of the kinds; `None` refuses, and `kink` says why.
        expand: the same in simpler operations, in which it is printed.
        shape: the shape of the result, from those of the arguments and the parameters.
        dtype: the kind of the result's elements, `PROMOTED`, `FIRST`, `REAL` or `GIVEN`.
        batch: `(args, batched, params, length)` to the operation on arguments of which some have
            gained a leading axis. Elementwise operations need none.
        is_view: whether NumPy's result may share memory with its first argument.
        is_own: whether the result never shares memory with what is not its first argument.
        sign: `UNSIGNED`, `NON_NEGATIVE` or `KEPT`, where one holds for all floats.
        commutative: whether exchanging the two arguments gives the same bits.
        names: what users call it, separated by spaces: NumPy's names as they are, SciPy's after
            `scipy.special.`, those of formulas alone after `formula.`. Empty where more than the
            record stands behind a name, and where derivation alone makes it.
        kink: the convention where the derivative jumps or does not exist.
        domain: where it is defined, if not everywhere; for the documentation.
        safe: for each argument that must stay inside a domain, a point inside; an argument in
            a branch that is not taken is replaced by it.
        sympy: the counterpart's name in SymPy, or a formula `(sympy, *params, *args)`, written
            with SymPy's functions and classes alone, which are called so that none evaluates.
        exact: the counterpart's name in mpmath, or a formula `(mp, *params, *args)` in many digits:
            of numbers where it is elementwise, else of NumPy's arrays of them, see `ops.exact`.
        sparsity: which elements depend on which, see `ops.sparsity`; `None` for an elementwise
            operation, and for what couples everything.
        params: the names of the parameters, printed before the arguments.
        is_cheap: whether making it again costs less than keeping its result.
        analytic: whether NumPy's function takes complex numbers analytically.
        takes_complex: whether it takes complex numbers too, by the same rule.
        of_real: the operation that it stands for where an argument is complex.
        may_raise: whether its spelling for floats raises where NumPy gives inf or NaN.
        is_internal: whether derivation alone makes it: formulas show what it expands to.
        is_folded: whether its value of numbers is computed while compiling: not where SciPy's
            domain is smaller than mpmath's, or mpmath cancels or takes minutes.
    """

    name: str
    doc: str
    arity: int
    derivative: Derivative | None
    expand: Callable[..., Handle] | None = None
    shape: Callable[..., Shape] = same
    dtype: str = FLOAT
    batch: Batch | None = None
    is_view: bool = False
    is_own: bool = True
    sign: str = ""
    commutative: bool = False
    names: str = ""
    kink: str = ""
    domain: str = ""
    safe: tuple[float | None, ...] = ()
    sympy: str | Callable[..., Any] = ""  # a formula in a library that is not imported here
    exact: str | Callable[..., Any] = ""  # likewise
    sparsity: Callable[..., Any] | None = None  # of NumPy\'s arrays
    params: tuple[str, ...] = ()
    is_cheap: bool = False
    analytic: bool = True
    takes_complex: bool = False
    of_real: str = ""
    may_raise: bool = True
    is_internal: bool = False
    is_folded: bool = True

    @property
    def is_elementwise(self) -> bool:
        """Whether each element of the result comes from the elements at its place alone."""
        return self.shape is same

    def exactly(self, context: Any) -> Callable[..., Any]:
        """What `exact` says, as a function of the parameters and arguments in a context."""
        if isinstance(self.exact, str):
            return getattr(context, self.exact)  # type: ignore[no-any-return]
        return partial(self.exact, context)

    def signed(self, args: tuple[int, ...]) -> tuple[int, ...]:
        """The arguments that a sign is kept from: of what is not elementwise, the first."""
        return args if self.is_elementwise else args[:1]

    def __call__(self, *args: Handle | float, params: tuple[Any, ...] = ()) -> Handle:
        """The operation on handles; numbers among them become constants."""
        first = next(arg for arg in args if isinstance(arg, Handle))
        builder = first.builder
        positions = tuple([builder.position(arg, first.at) for arg in args])
        return Handle(builder, builder.make(self.name, positions, params))

"""Functions of the grammar: those that NumPy and SciPy lack, and what a call may name.

Those that are not written here the text takes from the catalogue, `symdiff.frontend.lowering`.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
from collections.abc import Callable, Mapping
from functools import reduce
from typing import NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import Array, Floats, refuse, truth_of
from symdiff.frontend.lowering.elementwise import of_record
from symdiff.frontend.lowering.registry import Lowering, Registry
from symdiff.frontend.lowering.truths import Truth, both, choose, either, undefined
from symdiff.frontend.sympy.records import PREFIX, check_orders
from symdiff.frontend.text.derivatives import derivative
from symdiff.graph.shape import Dimension
from symdiff.ops import integrals
from symdiff.ops.builder import Builder
from symdiff.ops.control import logical_and, logical_or
from symdiff.ops.exponential import log, log2, log10
from symdiff.ops.handle import Handle
from symdiff.ops.kinks import heaviside, maximum, minimum
from symdiff.ops.lengths import hypot
from symdiff.ops.operation import Operation
from symdiff.ops.reduction import broadcast_together
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.trigonometric import arccos, arccosh, arcsin, arcsinh, arctanh, cos, sin, tanh

OWN = Registry()

_LEAST_ORDER = -98  # below it parts of the formula underflow

Pair = tuple[Handle, Handle]  # a value and a condition, as SymPy's Piecewise takes them

# Further names of functions of the catalogue, most of them SymPy's
_ALIASES = {
    "power": "Pow",
    "remainder": "Mod",
    "ceil": "ceiling",
    "less": "Lt",
    "less_equal": "Le",
    "greater": "Gt",
    "greater_equal": "Ge",
    "equal": "Eq",
    "not_equal": "Ne",
    "logical_not": "Not",
    "maximum.accumulate": "cummax",
    "minimum.accumulate": "cummin",
    "scipy.special.lambertw": "LambertW",
    "scipy.special.jv": "besselj",
    "scipy.special.yv": "bessely",
    "scipy.special.iv": "besseli",
    "scipy.special.kv": "besselk",
}
for _name, _further in _ALIASES.items():
    OWN.update(dict.fromkeys(_further.split(), LOWERINGS[_name]))


# Records say themselves what they are called in formulas alone
_PREFIX = "formula."
for _record in OPERATIONS.values():
    _names = [name for name in _record.names.split() if name.startswith(_PREFIX)]
    if _names:
        _named = LOWERINGS.get(_record.names.split()[0])
        _own = _named or Lowering(_names, of_record(_record), _record, is_elementwise=True)
        OWN.update({name.removeprefix(_PREFIX): _own for name in _names})


# --- formulas ----------------------------------------------------------------------------------


@OWN.elementwise("sec", domain="x != pi/2 + k*pi")
def _sec(x: Floats) -> Handle:
    """Secant, 1/cos(x)."""
    return 1.0 / cos(x)


@OWN.elementwise("csc", "cosec", domain="x != k*pi")
def _csc(x: Floats) -> Handle:
    """Cosecant, 1/sin(x)."""
    return 1.0 / sin(x)


@OWN.elementwise("cot", domain="x != k*pi")
def _cot(x: Floats) -> Handle:
    """Cotangent, cos(x)/sin(x)."""
    return cos(x) / sin(x)


@OWN.elementwise("arcsec", "asec", domain="abs(x) >= 1")
def _arcsec(x: Floats) -> Handle:
    """Inverse secant, arccos(1/x)."""
    return arccos(1.0 / x)


@OWN.elementwise("arccsc", "acsc", domain="abs(x) >= 1")
def _arccsc(x: Floats) -> Handle:
    """Inverse cosecant, arcsin(1/x)."""
    return arcsin(1.0 / x)


@OWN.elementwise("coth", domain="x != 0")
def _coth(x: Floats) -> Handle:
    """Hyperbolic cotangent, 1/tanh(x)."""
    return 1.0 / tanh(x)


@OWN.elementwise("arcsech", "asech", domain="0 < x <= 1")
def _arcsech(x: Floats) -> Handle:
    """Inverse hyperbolic secant, arccosh(1/x)."""
    return arccosh(1.0 / x)


@OWN.elementwise("arccsch", "acsch", domain="x != 0")
def _arccsch(x: Floats) -> Handle:
    """Inverse hyperbolic cosecant, arcsinh(1/x)."""
    return arcsinh(1.0 / x)


@OWN.elementwise("arccoth", "acoth", domain="abs(x) > 1")
def _arccoth(x: Floats) -> Handle:
    """Inverse hyperbolic cotangent, arctanh(1/x)."""
    return arctanh(1.0 / x)


# --- integrals of any order --------------------------------------------------------------------


@OWN.elementwise("expint", domain=integrals.expint.domain, derivative="-expint(nu - 1, x)")
def _expint(nu: Floats, x: Floats) -> Handle:
    """The generalized exponential integral of any order, which is SciPy's expn of a whole one."""
    order = nu.number
    if order is not None and order >= 0.0 and order.is_integer():
        return integrals.expn(x, params=(int(order),))
    if order is not None and order <= _LEAST_ORDER:
        refuse(
            f"expint of the order {order:g} is not supported", f"orders above {_LEAST_ORDER} are"
        )
    return integrals.expint(*broadcast_together(nu, x))


@OWN.elementwise("lowergamma", domain=integrals.lowergamma.domain)
def _lowergamma(a: Floats, x: Floats) -> Handle:
    """The lower incomplete gamma function, not regularized."""
    if a.number is not None and a.number <= 0.0 and a.number.is_integer():
        refuse(f"lowergamma of {a.number:g} has a pole", "use uppergamma, which has none")
    return integrals.lowergamma(*broadcast_together(a, x))


# --- more or fewer arguments than NumPy's ------------------------------------------------------


@OWN.elementwise("log", "ln", record=log, arguments="x")
def _log(x: Floats, base: Floats | None = None) -> Handle:
    """Natural logarithm; log(x, b) is the one to base b."""
    if base is None:
        return log(x)
    if base.number == 2.0:
        return log2(x)
    return log10(x) if base.number == 10.0 else log(x) / log(base)


@OWN.elementwise("heaviside", "Heaviside", record=heaviside, arguments="x")
def _heaviside(x: Floats, h: Floats | None = None) -> Handle:
    """0 for a negative x, 1 for a positive one; at 0 the second argument, else 0.5."""
    return heaviside(x, 0.5) if h is None else heaviside(*broadcast_together(x, h))


@OWN.elementwise("hypot", record=hypot, arguments="a, b, ...")
def _hypot(a: Floats, b: Floats, *c: Floats) -> Handle:
    """The length of a vector, without overflow."""
    return _joined(hypot, a, b, *c)


@OWN.elementwise("maximum", "max", "Max", record=maximum)
def _maximum(a: Array, *b: Array) -> Handle:
    """The largest; NaN where one is NaN."""
    return _joined(maximum, a, *b)


@OWN.elementwise("minimum", "min", "Min", record=minimum)
def _minimum(a: Array, *b: Array) -> Handle:
    """The smallest; NaN where one is NaN."""
    return _joined(minimum, a, *b)


@OWN.elementwise("logical_and", "And", record=logical_and, arguments="a, b, ...")
def _and(a: Truth, b: Truth, *c: Truth) -> Handle:
    """Whether all conditions hold."""
    return _joined(both, a, b, *c)


@OWN.elementwise("logical_or", "Or", record=logical_or, arguments="a, b, ...")
def _or(a: Truth, b: Truth, *c: Truth) -> Handle:
    """Whether one of several conditions holds."""
    return _joined(either, a, b, *c)


def _joined(join: Callable[[Handle, Handle], Handle], *values: Handle) -> Handle:
    """An operation on two, taken over any number of arguments from left to right."""
    return reduce(join, broadcast_together(*values))


@OWN.elementwise("Piecewise", record=OPERATIONS["where"], arguments="(value, condition), ...")
def _piecewise(first: Pair, *others: Pair) -> Handle:
    """The first value whose condition holds; NaN where none does."""
    lines = broadcast_together(*[line for pair in (first, *others) for line in pair])
    values, conditions = lines[::2], lines[1::2]
    if truth_of(conditions[-1]):
        result, left = values[-1], len(values) - 1
    else:
        result, left = undefined(lines), len(values)
    for index in range(left - 1, -1, -1):
        result = choose(conditions[index], values[index], result)
    return result


@OWN.named("derivative")
def _derivative(b: Builder, f: Array, x: Array) -> Handle:
    """The derivative of a formula by an input, other inputs held fixed."""
    return derivative(b, f, x)


# --- functions that only SymPy has -------------------------------------------------------------


def find_function(name: str) -> Lowering | None:
    """What a name means as a function of numbers, where the catalogue has none of it."""
    found = OWN.get(name)
    if found is None and name.startswith(PREFIX):
        with contextlib.suppress(KeyError):
            found = _of_sympy(OPERATIONS[name])
    return found


def _of_sympy(record: Operation) -> Lowering:
    """A function that SymPy can differentiate; a program names it after SymPy's class."""

    def function(*x: Floats) -> Handle:
        check_orders(str(record.sympy), [argument.number for argument in x])
        return record(*x)

    arguments = ", ".join(f"x{i + 1}" for i in range(record.arity))
    found = Lowering([record.name], function, is_elementwise=True, arguments=arguments)
    found.least = found.most = record.arity
    return found


# --- calls -------------------------------------------------------------------------------------

_NAMESPACE = "linalg."


class Callee(NamedTuple):
    """A function that a text calls.

    Attributes:
        name: as the text has it.
        of_numbers: what it is on numbers, where it is a function of numbers.
        lowering: NumPy's function of this name, or of this last part of its name.
    """

    name: str
    of_numbers: Lowering | None
    lowering: Lowering | None

    @property
    def signature(self) -> str:
        """How a call is written."""
        shown = self.of_numbers or self.lowering
        return f"{self.name}({'' if shown is None else shown.arguments})"

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters of NumPy's function, as far as they are supported."""
        return [] if self.lowering is None else self.lowering.parameters


def find_callee(name: str) -> Callee | None:
    """The function of a name; `None` where there is none."""
    found = CALLEES.get(name)
    if found is None:
        own = find_function(name)  # SymPy's further functions
        found = None if own is None else Callee(name, own, None)
    return found


def is_function(name: str) -> bool:
    """Whether a call may have this name."""
    return name in CALLEES


def nearest_function(name: str) -> str | None:
    """The function whose name is most like this one."""
    if is_function(name.lower()):
        return name.lower()
    letters = sorted(name)
    for other in CALLEES:
        if sorted(other) == letters:  # two letters exchanged, the commonest slip
            return other
    near = difflib.get_close_matches(name, CALLEES, n=1, cutoff=0.7)
    return near[0] if near else None


def _length(x: Array, /) -> Dimension:
    """The length of the first axis, as Python's `len`."""
    if not x.shape:
        raise ShapeError("a number has no length")
    return x.shape[0]


_STATS = "scipy.stats."  # whose functions are methods of distributions


def _by_name() -> Mapping[str, Lowering]:
    """All lowerings by their names and by the last part of these; plain names come first."""
    found = {name: LOWERINGS[name.lower()] for name in ("Max", "Min")}
    found["len"] = Lowering(["len"], _length)
    for name in sorted(LOWERINGS, key=lambda name: name.count(".")):
        module, _, last = name.rpartition(".")
        is_method = module in LOWERINGS or name.startswith(_STATS)  # of a universal function, ...
        if not is_method:
            found.setdefault(last, LOWERINGS[name])
        if name.startswith(_NAMESPACE):
            found[name] = LOWERINGS[name]
    return found


def _callee(name: str) -> Callee:
    lowering = _BY_NAME.get(name)
    own = OWN.get(name, lowering)
    if own is None or own.is_elementwise:
        return Callee(name, own, lowering)
    return Callee(name, None, own)


_BY_NAME = _by_name()
CALLEES: Mapping[str, Callee] = {name: _callee(name) for name in (*OWN, *_BY_NAME)}

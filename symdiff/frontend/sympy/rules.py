"""Rules for SymPy's classes: how each becomes lines; what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.sympy.arithmetic import add, multiply, power, raised, to_float
from symdiff.frontend.sympy.choices import if_then_else, implies, logic, piecewise, xor
from symdiff.frontend.sympy.lowering import Lowering, Steps, numbers, ready
from symdiff.frontend.sympy.matrices import MATRIX_RULES
from symdiff.frontend.sympy.open import (
    carried_out,
    finite_product,
    finite_sum,
)
from symdiff.frontend.sympy.records import check_orders, record_name
from symdiff.frontend.text.functions import CALLEES
from symdiff.graph.node import is_exact_integer
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.registry import OPERATIONS


def by_record(low: Lowering, expression: Any, record: Operation) -> Steps:
    """A call, its leading arguments parameters where the record has some."""
    given = len(record.params)
    params = tuple([_parameter(expression, order) for order in expression.args[:given]])
    args = expression.args[given:]
    positions = yield from numbers(low, args)
    return low.make(record.name, *positions, params=params)


def _parameter(expression: Any, order: Any) -> int | float:
    """The order of a Bessel function and its like: a number that is known now."""
    if not getattr(order, "is_Number", False):
        raise UnsupportedError(
            f"{type(expression).__name__} of an order that is not a constant is not supported"
        )
    value = to_float(order)
    return int(value) if is_exact_integer(value) else value


def _recorded(record: Operation) -> Callable[[Lowering, Any], Steps]:
    """A class that is an operation of the core."""
    return lambda low, expression: by_record(low, expression, record)


def _called(name: str) -> Callable[[Lowering, Any], Steps]:
    """A class that is the function of the catalogue of this name."""
    function = CALLEES[name].of_numbers
    assert function is not None  # the names stand below

    def rule(low: Lowering, expression: Any) -> Steps:
        positions = yield from numbers(low, expression.args)
        found: Handle = function(low.builder, *map(low.handle, positions))
        return found.at

    return rule


def _fraction(low: Lowering, expression: Any) -> Steps:
    """frac(x) = x - floor(x)."""
    argument = low.number((yield expression.args[0]))
    return low.make("subtract", argument, low.make("floor", argument))


def _sinc(low: Lowering, expression: Any) -> Steps:
    """SymPy's sinc is sin(x)/x, the record's is NumPy's, of pi*x."""
    argument = low.number((yield expression.args[0]))
    return low.make("sinc", low.make("divide", argument, low.constant(3.141592653589793)))


def _polygamma(low: Lowering, expression: Any) -> Steps:
    """Of order 0 it is digamma."""
    order, argument = expression.args
    number = _parameter(expression, order)
    position = low.number((yield argument))
    if number == 0:
        return low.make("digamma", position)
    if not isinstance(number, int) or number < 0:
        raise UnsupportedError(f"polygamma of order {number} is not supported: 0, 1, 2, ... are")
    return low.builder.make("polygamma", (position,), (number,))


def _of_whole_order(record: Operation) -> Callable[[Lowering, Any], Steps]:
    """A class that is an operation of a whole order; of other orders it is SymPy's alone."""

    def rule(low: Lowering, expression: Any) -> Steps:
        order = _constant(expression.args[0])
        is_whole = order is not None and order >= 0.0 and order.is_integer()
        own = record if is_whole else sympy_record(expression)
        return (yield from by_record(low, expression, own))

    return rule


def _elliptic_e(low: Lowering, expression: Any) -> Steps:
    """The complete integral of one argument, the incomplete one of two."""
    name = "ellipe" if len(expression.args) == 1 else "ellipeinc"
    return (yield from by_record(low, expression, OPERATIONS[name]))


def _trigamma(low: Lowering, expression: Any) -> Steps:
    """The derivative of digamma."""
    position = low.number((yield expression.args[0]))
    return low.builder.make("polygamma", (position,), (1,))


def _beta(low: Lowering, expression: Any) -> Steps:
    """beta(x) is beta(x, x)."""
    first, last = yield from numbers(low, (expression.args[0], expression.args[-1]))
    return low.make("beta", first, last)


def _lambertw(low: Lowering, expression: Any) -> Steps:
    """The branches that are real somewhere, 0 and -1."""
    branch = expression.args[1] if len(expression.args) > 1 else 0
    if branch not in (0, -1):
        raise UnsupportedError(f"the branch {branch} of LambertW is not real")
    name = "lambertw_lower" if branch else "lambertw"
    return low.make(name, low.number((yield expression.args[0])))


def _fused(low: Lowering, expression: Any) -> Steps:
    """fma(a, b, c) = a*b + c."""
    a, b, c = yield from numbers(low, expression.args)
    return low.make("add", low.make("multiply", a, b), c)


def _transparent(_: Lowering, expression: Any) -> Steps:
    """What UnevaluatedExpr holds."""
    return (yield expression.args[0])


def _macaulay(low: Lowering, expression: Any) -> Steps:
    """SingularityFunction: <x - a>^n is (x - a)^n for x >= a, and 0 before.

    Source: W. H. Macaulay (1919), Note on the deflection of beams.
    """
    _, offset, exponent = expression.args
    power_of = _constant(exponent)
    if power_of is None:
        raise UnsupportedError(
            "SingularityFunction of an exponent that is not a number is not supported",
            suggestion="give the exponent with .subs",
        )
    if power_of < 0.0:
        raise UnsupportedError(
            f"SingularityFunction of the exponent {exponent} is a pulse, which has no value",
            suggestion="leave it out of the expression",
        )
    x, a = yield from numbers(low, (expression.args[0], offset))
    shift = x if offset == 0 else low.make("subtract", x, a)
    if power_of == 0.0:
        return low.make("heaviside", shift, low.constant(1.0))
    if power_of.is_integer():
        return raised(low, low.make("relu", shift), power_of)
    zero = low.constant(0.0)
    after = low.make("greater", shift, zero)
    return low.make("where", after, raised(low, shift, power_of), zero)


def _truth_value(low: Lowering, expression: Any) -> Steps:
    """True and False, where a number is wanted."""
    return ready(low.constant(float(bool(expression))))


def _refused(message: str, suggestion: str | None = None) -> Callable[[Lowering, Any], Steps]:
    def refuse(_: Lowering, expression: Any) -> Steps:
        name = type(expression).__name__
        raise UnsupportedError(message.format(name=name), suggestion=suggestion)

    return refuse


_COMPLEX = _refused("{name} needs complex numbers; the functions here are real")
_OPEN = _refused("an unevaluated {name} is not supported", "evaluate it with .doit() first")
_ARRAY = _refused("{name} is not supported", "write it with a MatrixSymbol, or with elements")


# Classes that are a function of the catalogue, of the same name and meaning; of sympy.codegen, too
_FUNCTIONS = (
    "Max Min log zeta sec csc cot asec acsc acot sech csch coth asech acsch acoth "
    "expm1 log1p exp2 log2 log10 hypot logaddexp logaddexp2 maximum minimum"
).split()


RULES: dict[str, Callable[[Lowering, Any], Steps]] = {
    **{
        record.sympy: _recorded(record)
        for record in OPERATIONS.values()
        if isinstance(record.sympy, str) and record.sympy and not record.is_internal
    },
    **{name: _called(name) for name in _FUNCTIONS},
    "Sqrt": _called("sqrt"),
    "Cbrt": _called("cbrt"),
    "Add": add,
    "Mul": multiply,
    "Pow": power,
    "Piecewise": piecewise,
    "And": logic("logical_and"),
    "Or": logic("logical_or"),
    "Nand": logic("logical_and", inverted=True),
    "Nor": logic("logical_or", inverted=True),
    "Not": logic("logical_and", inverted=True),
    "Xor": xor,
    "ITE": if_then_else,
    "Implies": implies,
    "BooleanTrue": _truth_value,
    "BooleanFalse": _truth_value,
    "frac": _fraction,
    "sinc": _sinc,
    "polygamma": _polygamma,
    "trigamma": _trigamma,
    "beta": _beta,
    "LambertW": _lambertw,
    "expint": _called("expint"),
    "lowergamma": _called("lowergamma"),
    "elliptic_e": _elliptic_e,
    **{
        record.sympy: _of_whole_order(record)
        for record in OPERATIONS.values()
        if isinstance(record.sympy, str) and record.params in (("degree",), ("order",))
        if record.name.startswith("eval_")
    },
    "fma": _fused,
    "DiracDelta": _refused("{name} has no value at a number", "leave it out of the expression"),
    "ImaginaryUnit": _refused("the imaginary unit I is no real number"),
    "ComplexInfinity": _refused("the expression holds zoo, a division by zero"),
    **dict.fromkeys(("re", "im", "arg", "conjugate", "polar_lift", "exp_polar"), _COMPLEX),
    **dict.fromkeys(("hankel1", "hankel2", "hn1", "hn2", "Ynm", "Znm"), _COMPLEX),
    **dict.fromkeys(("Integral", "Limit", "ArrayDerivative"), _OPEN),
    "Order": _refused("the remainder of a series has no value", "drop it with .removeO()"),
    **dict.fromkeys(("IndexedBase", "ArraySymbol", "ArrayElement"), _ARRAY),
    **MATRIX_RULES,
    "UnevaluatedExpr": _transparent,
    "SingularityFunction": _macaulay,
    "Derivative": carried_out,
    "Subs": carried_out,
    "Sum": finite_sum,
    "Product": finite_product,
}


def sympy_record(expression: Any) -> Operation:
    """The record of a function that the registry lacks."""
    kind = type(expression)
    name = kind.__name__
    check_orders(name, [_constant(argument) for argument in expression.args])
    try:
        return OPERATIONS[record_name(kind, len(expression.args))]
    except KeyError:
        raise UnsupportedError(f"SymPy's {name} is not supported") from None


def _constant(expression: Any) -> float | None:
    """The number that an expression is; `None` for one that is no number."""
    return to_float(expression) if getattr(expression, "is_Number", False) else None

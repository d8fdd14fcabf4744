"""SymPy expressions and matrices become graphs: one rule for each class of SymPy's.

A symbol is a number, a MatrixSymbol an array of its two lengths; a column vector `(n, 1)` keeps
both. A length may be a symbol: it becomes a named dimension, and is a number where it stands in
the expression itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering.truths import undefined
from symdiff.frontend.sympy.arithmetic import add, multiply, power, raised, to_float
from symdiff.frontend.sympy.lowering import Lowering, Steps, numbers, ready
from symdiff.frontend.sympy.matrices import MATRIX_RULES
from symdiff.frontend.sympy.open import (
    carried_out,
    check_applied,
    finite_product,
    finite_sum,
    undefined_function,
)
from symdiff.frontend.sympy.records import check_orders, make_record, record_name
from symdiff.frontend.text.functions import CALLEES
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import is_exact_integer
from symdiff.graph.shape import names_of
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT


def from_sympy(expression: Any, *, limit: int | None = None) -> Graph:
    """Lower a SymPy expression, each distinct part of it once.

    Args:
        expression: an expression, or a Matrix, list or tuple of them: several outputs, row by
            row, named `f1`, `f2`, ... A single one is named `f`. A matrix expression is one
            output, an array.
        limit: the largest number of lines, `None` for no limit.

    Returns:
        A graph whose inputs are the symbols in the order of their names.

    Raises:
        UnsupportedError: naming the part that has no counterpart on real floats.
        LimitError: where the graph has more lines than the limit.
    """
    items = _items(expression)
    low, outputs = _lowered(items, {}, limit)
    if not low.lengths.keys().isdisjoint(low.symbols):
        # a symbol was met as a number before it was known to be a length
        low, outputs = _lowered(items, low.lengths, limit)
    several = len(outputs) > 1
    names = [f"f{index}" if several else "f" for index in range(1, len(outputs) + 1)]
    inputs = [position for _, (_, position) in sorted(low.symbols.items())]
    graph = low.builder.graph(inputs, outputs, names, primal=len(outputs))
    _check_lengths(low, graph)
    check_applied(low)
    return pruned(graph)


def _lowered(
    items: list[Any], lengths: Mapping[str, Any], limit: int | None
) -> tuple[Lowering, list[int]]:
    low = Lowering(Builder(EXACT, limit=limit), _steps, lengths)
    return low, [low.as_real(low.lower(item)) for item in items]


def _check_lengths(low: Lowering, graph: Graph) -> None:
    """A named length must be that of an input: there it is found when the function runs."""
    known = names_of(graph[position].shape for position in graph.inputs)
    for name in sorted(low.lengths.keys() - set(known)):
        raise UnsupportedError(
            f"the length '{name}' is not known: no matrix that is an input has it",
            suggestion="give it as a number with .subs",
        )


def _items(expression: Any) -> list[Any]:
    """The outputs that an expression, a Matrix or a sequence stands for."""
    import sympy as sp

    if isinstance(expression, (sp.MatrixBase, sp.NDimArray)):
        parts = list(sp.Array(expression).reshape(len(expression)) if len(expression) else ())
    elif isinstance(expression, (list, tuple, sp.Tuple)):
        parts = list(expression)
    else:
        parts = [expression]
    if not parts:
        raise UnsupportedError("there is no expression here: nothing to compute")
    try:
        return [sp.sympify(part, strict=True) for part in parts]
    except sp.SympifyError:
        kinds = ", ".join(sorted({type(part).__name__ for part in parts}))
        raise UnsupportedError(
            f"not a SymPy expression, but {kinds}",
            suggestion="give the text of a formula, SymPy's expressions, or a NumPy function",
        ) from None


# --- one node ----------------------------------------------------------------------------------


def _steps(low: Lowering, expression: Any) -> Steps:
    """How to lower one node: its class's rule, a record of that name, or SymPy's own function."""
    kind = type(expression)
    name = kind.__name__
    if not str(kind.__module__).startswith("sympy."):  # a class of the user's, whatever its name
        return _of_user(low, expression)
    rule = _RULES.get(name)
    if rule is not None:
        return rule(low, expression)
    if expression.is_Symbol:
        return ready(low.symbol(expression))
    if getattr(expression, "is_Number", False) or getattr(expression, "is_NumberSymbol", False):
        return ready(low.constant(to_float(expression)))
    return _by_record(low, expression, _sympy_record(expression))


def _of_user(low: Lowering, expression: Any) -> Steps:
    """An undefined function, or a class that a user derived from one of SymPy's."""
    from sympy.core.function import AppliedUndef

    if isinstance(expression, AppliedUndef):
        return undefined_function(low, expression)
    if expression.is_Symbol:
        return ready(low.symbol(expression))
    raise UnsupportedError(
        f"the class {type(expression).__name__} is none of SymPy's",
        suggestion="write its formula in its place, with .rewrite or .subs",
    )


def _by_record(low: Lowering, expression: Any, record: Operation) -> Steps:
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


# --- choices -----------------------------------------------------------------------------------


def _piecewise(low: Lowering, expression: Any) -> Steps:
    """The first branch whose condition holds; NaN where none does."""
    branches: list[tuple[int, int]] = []
    otherwise: int | None = None
    for value, condition in (pair.args for pair in expression.args):
        if type(condition).__name__ == "BooleanTrue":
            otherwise = low.number((yield value))
            break
        if type(condition).__name__ == "BooleanFalse":
            continue
        holds = low.truth((yield condition))
        branches.append((holds, low.number((yield value))))
    result = _undefined(low, branches) if otherwise is None else otherwise
    for condition, value in reversed(branches):
        result = low.make("where", condition, value, result)
    return result


def _undefined(low: Lowering, branches: list[tuple[int, int]]) -> int:
    """NaN, and no derivative, where no branch is taken."""
    return undefined([low.handle(at) for branch in branches for at in branch]).at


def _logic(op: str, *, inverted: bool = False) -> Callable[[Lowering, Any], Steps]:
    """And, Or, Xor on any number of conditions; inverted for Not, Nand, Nor, Xnor."""

    def combine(low: Lowering, expression: Any) -> Steps:
        first, *others = expression.args
        result = low.truth((yield first))
        for argument in others:
            result = low.make(op, result, low.truth((yield argument)))
        return low.make("logical_not", result) if inverted else result

    return combine


def _xor(low: Lowering, expression: Any) -> Steps:
    """Whether an odd number of conditions hold."""
    first, *others = expression.args
    result = low.truth((yield first))
    for argument in others:
        other = low.truth((yield argument))
        either, both = low.make("logical_or", result, other), low.make("logical_and", result, other)
        result = low.make("logical_and", either, low.make("logical_not", both))
    return result


def _if_then_else(low: Lowering, expression: Any) -> Steps:
    """ITE on conditions: (c and a) or (not c and b)."""
    condition, yes, no = expression.args
    holds = low.truth((yield condition))
    first = low.make("logical_and", holds, low.truth((yield yes)))
    fails = low.make("logical_not", holds)
    return low.make("logical_or", first, low.make("logical_and", fails, low.truth((yield no))))


def _implies(low: Lowering, expression: Any) -> Steps:
    """(not a) or b."""
    premise, conclusion = expression.args
    fails = low.make("logical_not", low.truth((yield premise)))
    return low.make("logical_or", fails, low.truth((yield conclusion)))


# --- functions that other functions give -------------------------------------------------------


def _recorded(record: Operation) -> Callable[[Lowering, Any], Steps]:
    """A class that is an operation of the core."""
    return lambda low, expression: _by_record(low, expression, record)


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
        own = record if is_whole else _sympy_record(expression)
        return (yield from _by_record(low, expression, own))

    return rule


def _elliptic_e(low: Lowering, expression: Any) -> Steps:
    """The complete integral of one argument, the incomplete one of two."""
    name = "ellipe" if len(expression.args) == 1 else "ellipeinc"
    return (yield from _by_record(low, expression, OPERATIONS[name]))


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


# --- what is refused ---------------------------------------------------------------------------


def _refused(message: str, suggestion: str | None = None) -> Callable[[Lowering, Any], Steps]:
    def refuse(_: Lowering, expression: Any) -> Steps:
        name = type(expression).__name__
        raise UnsupportedError(message.format(name=name), suggestion=suggestion)

    return refuse


_COMPLEX = _refused("{name} needs complex numbers; the functions here are real")
_OPEN = _refused("an unevaluated {name} is not supported", "evaluate it with .doit() first")
_ARRAY = _refused("{name} is not supported", "write it with a MatrixSymbol")

# Classes that are a function of the catalogue, of the same name and meaning; of sympy.codegen, too
_FUNCTIONS = (
    "Max Min log zeta sec csc cot asec acsc acot sech csch coth asech acsch acoth "
    "expm1 log1p exp2 log2 log10 hypot logaddexp logaddexp2 maximum minimum"
).split()

_RULES: dict[str, Callable[[Lowering, Any], Steps]] = {
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
    "Piecewise": _piecewise,
    "And": _logic("logical_and"),
    "Or": _logic("logical_or"),
    "Nand": _logic("logical_and", inverted=True),
    "Nor": _logic("logical_or", inverted=True),
    "Not": _logic("logical_and", inverted=True),
    "Xor": _xor,
    "ITE": _if_then_else,
    "Implies": _implies,
    "BooleanTrue": _truth_value,
    "BooleanFalse": _truth_value,
    "frac": _fraction,
    "sinc": _sinc,
    "polygamma": _polygamma,
    "trigamma": _trigamma,
    "beta": _beta,
    "LambertW": _lambertw,
    "elliptic_e": _elliptic_e,
    **{
        record.sympy: _of_whole_order(record)
        for record in OPERATIONS.values()
        if isinstance(record.sympy, str) and record.params in (("degree",), ("order",))
        if record.name.startswith(("eval_", "expn"))
    },
    "fma": _fused,
    "DiracDelta": _refused("{name} has no value at a number", "leave it out of the expression"),
    "ImaginaryUnit": _refused("the imaginary unit I is no real number"),
    "ComplexInfinity": _refused("the expression holds zoo, a division by zero"),
    **dict.fromkeys(("re", "im", "arg", "conjugate", "polar_lift", "exp_polar"), _COMPLEX),
    **dict.fromkeys(("hankel1", "hankel2", "hn1", "hn2", "Ynm", "Znm"), _COMPLEX),
    **dict.fromkeys(("Integral", "Limit", "ArrayDerivative"), _OPEN),
    "Order": _refused("the remainder of a series has no value", "drop it with .removeO()"),
    **dict.fromkeys(("Indexed", "IndexedBase", "ArraySymbol", "ArrayElement"), _ARRAY),
    **MATRIX_RULES,
    "UnevaluatedExpr": _transparent,
    "SingularityFunction": _macaulay,
    "Derivative": carried_out,
    "Subs": carried_out,
    "Sum": finite_sum,
    "Product": finite_product,
}


# --- functions that only SymPy knows -----------------------------------------------------------


def _sympy_record(expression: Any) -> Operation:
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


def _lower_onto(builder: Builder, expression: Any, bound: Mapping[Any, int]) -> int:
    """Lower a derivative of SymPy's, its symbols bound to lines."""
    return Lowering(builder, _steps).inside(bound).lower(expression)


def make_operation(name: str) -> Operation:
    """The record of a function of SymPy's, from the record's name, such as `sympy_Si`.

    Raises:
        KeyError: where there is none.
    """
    return make_record(name, _lower_onto)

"""SymPy expressions become graphs.

SymPy's own methods walk an expression by recursion and forget what is shared, so none is called
on a whole expression. Lowering a node is a generator: it yields the arguments that it needs, is
sent their positions, and returns its own. One loop drives a stack of them, and remembers by
identity what is done; what is equal without being identical meets in the builder.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import UnsupportedError
from symdiff.frontend.functions import BY_NAME
from symdiff.frontend.sympy_records import make_record, record_name
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, is_exact_integer
from symdiff.ops.builder import Builder
from symdiff.ops.identities import EXACT
from symdiff.ops.operation import Operation
from symdiff.ops.registry import OPERATIONS

Steps = Generator[Any, int, int]  # yields expressions, is sent positions, returns its own

NAN = math.nan


def from_sympy(expression: Any, *, limit: int | None = None) -> Graph:
    """Lower a SymPy expression, each distinct part of it once.

    Args:
        expression: an expression, or a Matrix, list or tuple of them: several outputs, row by
            row, named `f1`, `f2`, ... A single one is named `f`.
        limit: the largest number of lines, `None` for no limit.

    Returns:
        A graph of scalars. Its inputs are the symbols in the order of their names.

    Raises:
        UnsupportedError: naming the part that has no counterpart on real floats.
        LimitError: where the graph has more lines than the limit.
    """
    builder = Builder(EXACT, limit=limit)
    lowering = _Lowering(builder)
    outputs = [lowering.number(lowering.lower(item)) for item in _items(expression)]
    several = len(outputs) > 1
    names = [f"f{index}" if several else "f" for index in range(1, len(outputs) + 1)]
    inputs = [position for _, (_, position) in sorted(lowering.symbols.items())]
    graph = builder.graph(inputs, outputs, names, primal=len(outputs))
    return graph.keep(graph.ancestors(graph.outputs))


def _items(expression: Any) -> list[Any]:
    """The outputs that an expression, a Matrix or a sequence stands for."""
    import sympy as sp

    if isinstance(expression, (sp.MatrixBase, sp.NDimArray)):
        parts = list(expression.flat() if isinstance(expression, sp.MatrixBase) else expression)
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
        raise UnsupportedError(f"not a SymPy expression, but {kinds}") from None


class _Lowering:
    """Expressions in, positions out.

    Attributes:
        builder: where the lines go.
        symbols: by name, each symbol met and its position.
    """

    def __init__(self, builder: Builder, bound: Mapping[Any, int] | None = None) -> None:
        self.builder = builder
        self.symbols: dict[str, tuple[Any, int]] = {}
        self._bound = bound  # inside of a derivative: the symbols that stand for lines
        self._done: dict[int, tuple[Any, int]] = {}  # holds the expression: its id stays its own

    def lower(self, expression: Any) -> int:
        """The position of an expression. Depth has no limit."""
        done = self._done
        stack: list[tuple[Any, Steps]] = [(expression, _steps(self, expression))]
        answer: int | None = None
        while stack:
            current, steps = stack[-1]
            try:
                wanted = steps.send(answer)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as finished:
                stack.pop()
                answer = finished.value
                done[id(current)] = (current, finished.value)
                continue
            known = done.get(id(wanted))
            if known is None:
                stack.append((wanted, _steps(self, wanted)))
                answer = None
            else:
                answer = known[1]
        return done[id(expression)][1]

    def make(self, op: str, *args: int) -> int:
        """A line."""
        return self.builder.make(op, args)

    def constant(self, value: float) -> int:
        """The line of a number."""
        return self.builder.constant(value)

    def symbol(self, symbol: Any) -> int:
        """The line of an input, or what a symbol is bound to."""
        if self._bound is not None:
            return self._bound[symbol]
        name = _input_name(symbol)
        known, position = self.symbols.get(name, (symbol, -1))
        if known != symbol:
            raise UnsupportedError(
                f"two different symbols are called '{name}'",
                suggestion="they differ in their assumptions: create the symbol once and use it",
            )
        if position < 0:
            position = self.builder.input(name)
            self.symbols[name] = (symbol, position)
        return position

    def number(self, position: int) -> int:
        """A line as a number: a condition counts as 1 or 0."""
        if self.builder.nodes[position].dtype != BOOL:
            return position
        return self.make("where", position, self.constant(1.0), self.constant(0.0))

    def truth(self, position: int) -> int:
        """A line as a condition: a number holds where it is not 0."""
        if self.builder.nodes[position].dtype == BOOL:
            return position
        return self.make("not_equal", position, self.constant(0.0))


def _input_name(symbol: Any) -> str:
    name = unicodedata.normalize("NFKC", symbol.name)
    if not name.isidentifier():
        raise UnsupportedError(
            f"the symbol {symbol.name!r} cannot be an argument's name",
            suggestion="rename it with .subs to letters, digits and underscores",
        )
    if symbol.is_real is False or not symbol.is_commutative:
        raise UnsupportedError(f"the symbol '{name}' is not a real number")
    return name


# --- one node ----------------------------------------------------------------------------------


def _steps(low: _Lowering, expression: Any) -> Steps:
    """How to lower one node: its class's rule, a record of that name, or SymPy's own function."""
    name = type(expression).__name__
    rule = _RULES.get(name)
    if rule is not None:
        return rule(low, expression)
    if expression.is_Symbol:
        return _ready(low.symbol(expression))
    if getattr(expression, "is_Number", False) or getattr(expression, "is_NumberSymbol", False):
        return _ready(low.constant(_float(expression)))
    record = _by_class().get(name)
    if record is not None:
        return _by_record(low, expression, record)
    return _by_record(low, expression, _sympy_record(expression))


def _ready(position: int) -> Steps:
    """A leaf needs nothing."""
    return position
    yield  # makes this function a generator


def _by_class() -> dict[str, Operation]:
    """The records by the name of their class in SymPy."""
    if not _BY_CLASS:
        for record in OPERATIONS.values():
            if isinstance(record.sympy, str) and record.sympy:
                _BY_CLASS[record.sympy] = record
        _BY_CLASS.update({name: OPERATIONS[op] for name, op in _CODEGEN.items()})
    return _BY_CLASS


# the classes of sympy.codegen
_CODEGEN = {
    **{name: name for name in ("expm1", "log1p", "exp2", "log2", "log10", "hypot")},
    **{name: name for name in ("logaddexp", "logaddexp2", "maximum", "minimum")},
    **{"Sqrt": "sqrt", "Cbrt": "cbrt"},
}
_BY_CLASS: dict[str, Operation] = {}  # filled once with what never changes


def _by_record(low: _Lowering, expression: Any, record: Operation) -> Steps:
    """A call, its leading arguments parameters where the record has some."""
    given = len(record.params)
    params = tuple([_parameter(expression, order) for order in expression.args[:given]])
    args = expression.args[given:]
    positions = yield from _numbers(low, args)
    return low.builder.make(record.name, tuple(positions), params)


def _parameter(expression: Any, order: Any) -> int | float:
    """The order of a Bessel function and its like: a number that is known now."""
    if not getattr(order, "is_Number", False):
        raise UnsupportedError(
            f"{type(expression).__name__} of an order that is not a constant is not supported"
        )
    value = _float(order)
    return int(value) if is_exact_integer(value) else value


def _float(number: Any) -> float:
    """A SymPy number or named constant, rounded to float64 once."""
    import sympy as sp

    if number.is_NumberSymbol:
        number = number.evalf(40)
    special: float | None = {sp.nan: NAN, sp.oo: math.inf, -sp.oo: -math.inf}.get(number)
    if special is not None:
        return special
    try:
        if not number.is_Float:
            return int(number.p) / int(number.q)
        sign, mantissa, exponent, bits = (int(part) for part in number._mpf_)
        if not bits or exponent + bits < -1100:
            return -0.0 if sign else 0.0
        if exponent + bits > 1100:
            raise OverflowError
        above, below = mantissa << max(exponent, 0), 1 << max(-exponent, 0)
        return (-above if sign else above) / below
    except OverflowError:
        raise UnsupportedError("a number is too large for float64 (beyond 1.8e308)") from None


# --- sums, products, powers --------------------------------------------------------------------


def _add(low: _Lowering, expression: Any) -> Steps:
    """A sum from left to right; a term with a minus sign is subtracted."""
    total: int | None = None
    negative = False  # whether the first term awaits its sign
    for term in expression.args:
        minus, position = yield from _signed(low, term)
        if total is None:
            total, negative = position, minus
        elif negative and not minus:
            total, negative = low.make("subtract", position, total), False
        else:
            if negative:
                total, negative = low.make("negate", total), False
            total = low.make("subtract" if minus else "add", total, position)
    if total is None:
        return low.constant(0.0)
    return low.make("negate", total) if negative else total


def _signed(low: _Lowering, term: Any) -> Generator[Any, int, tuple[bool, int]]:
    """Whether a term has a minus sign, and its position without the sign."""
    if _is_negative_number(term):
        return True, low.constant(-_float(term))
    if type(term).__name__ == "Mul" and _is_negative_number(term.args[0]):
        return True, (yield from _product(low, term.args[1:], term.args[0], sign=1))
    return False, low.number((yield term))


def _is_negative_number(expression: Any) -> bool:
    return bool(getattr(expression, "is_Number", False) and expression.is_negative)


def _mul(low: _Lowering, expression: Any) -> Steps:
    """A product, its negative powers a quotient: x*y**-2 is x/y**2."""
    first, *others = expression.args
    if not getattr(first, "is_Number", False):
        return (yield from _product(low, expression.args, None, sign=1))
    sign = -1 if _is_negative_number(first) else 1
    return (yield from _product(low, others, first, sign))


def _product(low: _Lowering, factors: Iterable[Any], coefficient: Any, sign: int) -> Steps:
    """The product of factors and of the magnitude of a coefficient, with the sign given.

    A coefficient p/q multiplies by p and divides by q, so that x/3 is rounded once.
    """
    above: list[int] = []
    below: list[int] = []
    minus = sign < 0
    if coefficient is not None:
        top, bottom = _magnitude(coefficient)
        if top != 1.0:
            above.append(low.constant(-top if minus else top))
            minus = False
        if bottom != 1.0:
            below.append(low.constant(bottom))
    for factor in factors:
        if _is_reciprocal(factor):
            base, exponent = factor.args
            below.append(_raise(low, low.number((yield base)), -_float(exponent)))
        else:
            above.append(low.number((yield factor)))
    result = _times(low, above) if above else low.constant(1.0)
    if below:
        result = low.make("divide", result, _times(low, below))
    return low.make("negate", result) if minus else result


def _times(low: _Lowering, factors: list[int]) -> int:
    """The product from left to right."""
    result = factors[0]
    for factor in factors[1:]:
        result = low.make("multiply", result, factor)
    return result


def _magnitude(number: Any) -> tuple[float, float]:
    """Numerator and denominator of |number|, where both are floats exactly, else it and 1."""
    if number.is_Rational and not number.is_infinite:
        top, bottom = abs(int(number.p)), int(number.q)
        if max(top, bottom) <= 2**53:
            return float(top), float(bottom)
    return abs(_float(number)), 1.0


def _is_reciprocal(factor: Any) -> bool:
    return type(factor).__name__ == "Pow" and _is_negative_number(factor.args[1])


def _pow(low: _Lowering, expression: Any) -> Steps:
    """A power; E**x is exp(x), and a negative constant exponent is a quotient."""
    base, exponent = expression.args
    if type(base).__name__ == "Exp1":
        return low.make("exp", low.number((yield exponent)))
    if _is_reciprocal(expression):
        power = _raise(low, low.number((yield base)), -_float(exponent))
        return low.make("divide", low.constant(1.0), power)
    if getattr(exponent, "is_Number", False):
        return _raise(low, low.number((yield base)), _float(exponent))
    below = low.number((yield base))
    return low.make("power", below, low.number((yield exponent)))


def _raise(low: _Lowering, base: int, exponent: float) -> int:
    """A power with a constant exponent."""
    return low.make("power", base, low.constant(exponent))


# --- choices -----------------------------------------------------------------------------------


def _piecewise(low: _Lowering, expression: Any) -> Steps:
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
    result = low.constant(NAN) if otherwise is None else otherwise
    for condition, value in reversed(branches):
        result = low.make("where", condition, value, result)
    return result


def _logic(op: str, *, inverted: bool = False) -> Callable[[_Lowering, Any], Steps]:
    """And, Or, Xor on any number of conditions; inverted for Not, Nand, Nor, Xnor."""

    def combine(low: _Lowering, expression: Any) -> Steps:
        first, *others = expression.args
        result = low.truth((yield first))
        for argument in others:
            result = low.make(op, result, low.truth((yield argument)))
        return low.make("logical_not", result) if inverted else result

    return combine


def _xor(low: _Lowering, expression: Any) -> Steps:
    """Whether an odd number of conditions hold."""
    first, *others = expression.args
    result = low.truth((yield first))
    for argument in others:
        other = low.truth((yield argument))
        either, both = low.make("logical_or", result, other), low.make("logical_and", result, other)
        result = low.make("logical_and", either, low.make("logical_not", both))
    return result


def _if_then_else(low: _Lowering, expression: Any) -> Steps:
    """ITE on conditions: (c and a) or (not c and b)."""
    condition, yes, no = expression.args
    holds = low.truth((yield condition))
    first = low.make("logical_and", holds, low.truth((yield yes)))
    fails = low.make("logical_not", holds)
    return low.make("logical_or", first, low.make("logical_and", fails, low.truth((yield no))))


def _implies(low: _Lowering, expression: Any) -> Steps:
    """(not a) or b."""
    premise, conclusion = expression.args
    fails = low.make("logical_not", low.truth((yield premise)))
    return low.make("logical_or", fails, low.truth((yield conclusion)))


# --- functions that other functions give -------------------------------------------------------


def _by_grammar(low: _Lowering, expression: Any) -> Steps:
    """A function that the grammar of formulas knows by SymPy's name, with the same meaning."""
    row = BY_NAME[type(expression).__name__]
    positions = yield from _numbers(low, expression.args)
    return row.build(*[low.builder.handle(position) for position in positions]).at


def _numbers(low: _Lowering, expressions: Iterable[Any]) -> Generator[Any, int, list[int]]:
    """The positions of several expressions, as numbers."""
    positions: list[int] = []
    for expression in expressions:
        position = yield expression
        positions.append(low.number(position))
    return positions


def _fraction(low: _Lowering, expression: Any) -> Steps:
    """frac(x) = x - floor(x)."""
    argument = low.number((yield expression.args[0]))
    return low.make("subtract", argument, low.make("floor", argument))


def _sinc(low: _Lowering, expression: Any) -> Steps:
    """SymPy's sinc is sin(x)/x, the record's is NumPy's, of pi*x."""
    argument = low.number((yield expression.args[0]))
    return low.make("sinc", low.make("divide", argument, low.constant(3.141592653589793)))


def _polygamma(low: _Lowering, expression: Any) -> Steps:
    """Of order 0 it is digamma."""
    order, argument = expression.args
    number = _parameter(expression, order)
    position = low.number((yield argument))
    if number == 0:
        return low.make("digamma", position)
    if not isinstance(number, int) or number < 0:
        raise UnsupportedError(f"polygamma of order {number} is not supported: 0, 1, 2, ... are")
    return low.builder.make("polygamma", (position,), (number,))


def _trigamma(low: _Lowering, expression: Any) -> Steps:
    """The derivative of digamma."""
    position = low.number((yield expression.args[0]))
    return low.builder.make("polygamma", (position,), (1,))


def _beta(low: _Lowering, expression: Any) -> Steps:
    """beta(x) is beta(x, x)."""
    first, last = yield from _numbers(low, (expression.args[0], expression.args[-1]))
    return low.make("beta", first, last)


def _lambertw(low: _Lowering, expression: Any) -> Steps:
    """The principal branch alone."""
    if len(expression.args) > 1 and expression.args[1] != 0:
        raise UnsupportedError("LambertW beside its principal branch is not supported")
    return low.make("lambertw", low.number((yield expression.args[0])))


def _fused(low: _Lowering, expression: Any) -> Steps:
    """fma(a, b, c) = a*b + c."""
    a, b, c = yield from _numbers(low, expression.args)
    return low.make("add", low.make("multiply", a, b), c)


def _truth_value(low: _Lowering, expression: Any) -> Steps:
    """True and False, where a number is wanted."""
    return _ready(low.constant(float(bool(expression))))


# --- what is refused ---------------------------------------------------------------------------


def _refused(message: str, suggestion: str | None = None) -> Callable[[_Lowering, Any], Steps]:
    def refuse(_: _Lowering, expression: Any) -> Steps:
        name = type(expression).__name__
        raise UnsupportedError(message.format(name=name), suggestion=suggestion)

    return refuse


_COMPLEX = _refused("{name} needs complex numbers; the functions here are real")
_OPEN = _refused("an unevaluated {name} is not supported", "evaluate it with .doit() first")
_ARRAY = _refused("{name} is not supported: a symbol stands for one number", "write out its parts")

_RULES: dict[str, Callable[[_Lowering, Any], Steps]] = {
    "Add": _add,
    "Mul": _mul,
    "Pow": _pow,
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
    **dict.fromkeys(("Max", "Min", "log", "zeta", "sec", "csc", "cot"), _by_grammar),
    **dict.fromkeys(("asec", "acsc", "acot", "sech", "csch", "coth"), _by_grammar),
    **dict.fromkeys(("asech", "acsch", "acoth"), _by_grammar),
    "frac": _fraction,
    "sinc": _sinc,
    "polygamma": _polygamma,
    "trigamma": _trigamma,
    "beta": _beta,
    "LambertW": _lambertw,
    "fma": _fused,
    "DiracDelta": _refused("{name} has no value at a number", "leave it out of the expression"),
    "ImaginaryUnit": _refused("the imaginary unit I is no real number"),
    "ComplexInfinity": _refused("the expression holds zoo, a division by zero"),
    **dict.fromkeys(("re", "im", "arg", "conjugate", "polar_lift", "exp_polar"), _COMPLEX),
    **dict.fromkeys(("hankel1", "hankel2", "hn1", "hn2", "Ynm", "Znm"), _COMPLEX),
    **dict.fromkeys(("Integral", "Derivative", "Sum", "Product", "Limit", "Subs"), _OPEN),
    **dict.fromkeys(("MatrixSymbol", "MatrixElement", "Indexed", "IndexedBase"), _ARRAY),
}


# --- functions that only SymPy knows -----------------------------------------------------------


def _sympy_record(expression: Any) -> Operation:
    """The record of a function that the registry lacks."""
    from sympy.core.function import AppliedUndef

    kind = type(expression)
    name = kind.__name__
    if isinstance(expression, AppliedUndef):
        raise UnsupportedError(f"the undefined function '{name}' has no value and no derivative")
    try:
        return OPERATIONS[record_name(kind, len(expression.args))]
    except KeyError:
        raise UnsupportedError(f"SymPy's {name} is not supported") from None


def _lower_onto(builder: Builder, expression: Any, bound: Mapping[Any, int]) -> int:
    """Lower a derivative of SymPy's, its symbols bound to lines."""
    return _Lowering(builder, bound).lower(expression)


def make_operation(name: str) -> Operation:
    """The record of a function of SymPy's, from the record's name, such as `sympy_Si`.

    Raises:
        KeyError: where there is none.
    """
    return make_record(name, _lower_onto)

"""What SymPy leaves unevaluated: undefined functions, derivatives, substitutions, finite sums.

An undefined function `q(t)`, as `dynamicsymbols` makes them, is an input where nothing but `t` is
its argument and `t` is met nowhere else: SymPy's own `lambdify` takes it so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import LimitError, UnsupportedError
from symdiff.frontend.sympy.arithmetic import times, to_float
from symdiff.frontend.sympy.lowering import Lowering, Steps, argument_name, ready
from symdiff.frontend.sympy.sums import indexed_sum, is_over_elements
from symdiff.graph.shape import SCALAR

MOST_TERMS = 10_000  # of a sum or product that is written out

# --- undefined functions -----------------------------------------------------------------------


def undefined_function(low: Lowering, expression: Any) -> Steps:
    """`q(t)` as an input `q`.

    Raises:
        UnsupportedError: where it depends on more, or has a Python implementation.
    """
    kind = expression.func
    if hasattr(kind, "_imp_"):
        raise UnsupportedError(
            f"the function '{kind.__name__}' has a Python implementation and no derivative",
            suggestion="write its formula in its place, or pass a NumPy function instead",
        )
    argument = expression.args[0]
    if len(expression.args) > 1 or not argument.is_Symbol or low.is_bound(argument):
        raise UnsupportedError(
            f"the undefined function {expression} has no value and no derivative",
            suggestion=f"replace it by a symbol: {_subs(expression, kind.__name__)}",
        )
    name = argument_name(kind.__name__)
    low.applied.setdefault(name, expression)
    return ready(low.input(name, expression, SCALAR))


def check_applied(low: Lowering) -> None:
    """State that all undefined functions are of one symbol, which stands nowhere else.

    Raises:
        UnsupportedError: where a derivative could mean two things.
    """
    applied = list(low.applied.values())
    if not applied:
        return
    first = applied[0]
    (variable,) = first.args
    for other in applied:
        if other.args != first.args:
            raise UnsupportedError(
                f"the undefined functions {first} and {other} are of different symbols",
                suggestion=f"replace them by symbols: {_subs(first, first.func.__name__)}",
            )
    if low.symbols.get(variable.name, (None,))[0] == variable:
        raise UnsupportedError(
            f"the symbol '{variable}' stands alone and in {first}: a derivative by it would not "
            "be that of SymPy",
            suggestion=f"replace the function by a symbol: {_subs(first, first.func.__name__)}",
        )


def _subs(expression: Any, name: str) -> str:
    return f'.subs({expression}, Symbol("{name}"))'


# --- what can be carried out -------------------------------------------------------------------


def carried_out(_: Lowering, expression: Any) -> Steps:
    """A derivative or a substitution that SymPy can carry out.

    Raises:
        UnsupportedError: where it cannot.
    """
    done = _done(expression)
    if type(done) is not type(expression):
        return (yield done)
    what = done.args[0]
    name = type(expression).__name__
    if name == "Derivative" and what.is_Function:
        order = "".join(f"_d{variable}" for variable in done.variables)
        raise UnsupportedError(
            f"{done} has no value: the derivative of {what} is not known",
            suggestion=f"replace it by a symbol: {_subs(done, what.func.__name__ + order)}",
        )
    raise UnsupportedError(
        f"an unevaluated {name} is not supported, and SymPy cannot carry it out",
        suggestion="write its formula in its place",
    )


def _done(expression: Any) -> Any:
    try:
        return expression.doit()
    except RecursionError:
        name = type(expression).__name__
        raise LimitError(
            f"an unevaluated {name} is too deep for SymPy", suggestion="evaluate it with .doit()"
        ) from None


# --- sums and products -------------------------------------------------------------------------


def finite_sum(low: Lowering, expression: Any) -> Steps:
    """A Sum: a contraction of elements of matrices, or its terms from first to last."""
    if is_over_elements(expression):
        return (yield from indexed_sum(low, expression))
    return (yield from _written_out(low, expression, 0.0, _plus))


def finite_product(low: Lowering, expression: Any) -> Steps:
    """A Product: its factors from first to last."""
    return (yield from _written_out(low, expression, 1.0, times))


def _plus(low: Lowering, terms: list[int]) -> int:
    total = terms[0]
    for term in terms[1:]:
        total = low.make("add", total, term)
    return total


def _written_out(
    low: Lowering, expression: Any, empty: float, joined: Callable[[Lowering, list[int]], int]
) -> Steps:
    """The terms for each value of the outermost index; a body with more indices is one again."""
    body, *inner, (index, *bounds) = expression.args
    first, last = _whole_bounds(expression, bounds)
    if last - first >= MOST_TERMS:
        raise LimitError(
            f"the {type(expression).__name__} has {last - first + 1:,} terms, more than "
            f"{MOST_TERMS:,}",
            suggestion="evaluate it with .doit(), or write it as a NumPy function",
        )
    rest = type(expression)(body, *inner) if inner else body
    positions: list[int] = []
    for value in range(first, last + 1):
        position = yield _at(rest, index, value)
        positions.append(low.number(position))
    return joined(low, positions) if positions else low.constant(empty)


def _whole_bounds(expression: Any, bounds: list[Any]) -> tuple[int, int]:
    name = type(expression).__name__
    known = [bound.is_Integer for bound in bounds]
    if len(bounds) != 2 or not all(known):
        raise UnsupportedError(
            f"a {name} whose limits are not whole numbers is not supported",
            suggestion="evaluate it with .doit() first, or give the limits with .subs",
        )
    first, last = (int(to_float(bound)) for bound in bounds)
    if last < first - 1:  # SymPy counts those backwards
        raise UnsupportedError(
            f"a {name} from {first} to {last} is not supported",
            suggestion="evaluate it with .doit() first",
        )
    return first, last


def _at(expression: Any, index: Any, value: int) -> Any:
    """The expression for one value of a free index."""
    try:
        return expression.subs(index, value)
    except RecursionError:
        raise LimitError("the body of a sum is too deep for SymPy") from None

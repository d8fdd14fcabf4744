"""Linear algebra of small matrices: Cholesky's factor, and elimination with pivots by column."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.graph.node import BOOL
from symdiff.graph.shape import Dimension, named
from symdiff.schedule.nests.builder import element_of
from symdiff.schedule.nests.elements import At, Elements, Fill, Places
from symdiff.schedule.program import Check, Expr, If, Let, Number, Op, Ref


def _op(name: str, *args: Expr) -> Op:
    return Op(name, args)


def _asked(name: str, *args: Expr) -> Op:
    return Op(name, args, (), (), BOOL)


def _refuse(elements: Elements, condition: Expr, said: str) -> None:
    """State an error, as NumPy raises one."""
    elements.state(Check(condition, "LinAlgError", (said,), (), elements.span))


def _after(counter: Expr) -> Dimension:
    """The number behind a counter's."""
    assert isinstance(counter, Ref)  # of a loop
    return named(counter.name) + 1


def _rest(n: Dimension, counter: Expr) -> Dimension:
    """How many numbers there are behind a counter's."""
    return n - _after(counter)


# --- Cholesky's factor ---------------------------------------------------------------------------


def _cholesky(elements: Elements, expr: Op, array: Ref) -> None:
    """Column by column, of the lower triangle."""
    x = elements.ready(expr.args[0], is_once=True)
    *stack, n = array.shape[:-1]
    with elements.loops(tuple(stack)) as at, elements.loop(n) as j:
        with elements.loop(_before(j)) as i:
            elements.store(array, Number(0.0), (*at, i, j))
        rest = _remaining(elements, x, array, at, (j, j))
        _refuse(elements, _asked("fails", _asked("greater", rest, Number(0.0))), _DEFINITE)
        root = elements.settled(_op("sqrt", rest), "root")
        elements.store(array, root, (*at, j, j))
        with elements.loop(_rest(n, j), _after(j)) as i:
            rest = _remaining(elements, x, array, at, (i, j))
            elements.store(array, _op("divide", rest, root), (*at, i, j))


_DEFINITE = "Matrix is not positive definite"


def _before(counter: Expr) -> Dimension:
    assert isinstance(counter, Ref)  # of a loop
    return named(counter.name)


def _remaining(
    elements: Elements, x: Expr, array: Ref, at: Places, place: tuple[Expr, Expr]
) -> Ref:
    """What is left of an element without the columns before."""
    i, j = place
    rest = elements.let(elements.fresh("rest"), elements.element(x, (*at, i, j)))
    with elements.loop(_before(j)) as k:
        left, right = [element_of(array, (*at, row, k)) for row in (i, j)]
        elements.let(rest.name, _op("subtract", rest, _op("multiply", left, right)))
    return rest


# --- elimination ---------------------------------------------------------------------------------


def _eliminated(
    elements: Elements, lu: Ref, at: Places, others: Sequence[tuple[Ref, Places]]
) -> None:
    """Make a matrix triangular, and do the same to the rows of others.

    Of two rows that are exchanged one gets the other sign, so that the determinant stays.

    Args:
        elements: where it is stated.
        lu: the matrix, or a stack of such; below its diagonal it is not defined afterwards.
        at: which one it is.
        others: arrays, each with the places of it that stand before a row.
    """
    n = lu.shape[-1]
    rows = [(lu, at), *others]
    with elements.loop(n) as k:
        best = elements.let(elements.fresh("best"), k)
        size = _op("absolute", element_of(lu, (*at, k, k)))
        largest = elements.let(elements.fresh("largest"), size)
        with elements.loop(_rest(n, k), _after(k)) as i:
            value = elements.settled(_op("absolute", element_of(lu, (*at, i, k))))
            then = (Let(largest.name, value), Let(best.name, i))
            elements.state(If(_asked("greater", value, largest), then))
        with elements.inside() as exchange:
            for array, place in rows:
                _exchange(elements, array, place, k, best)
        elements.state(If(_asked("not_equal", best, k), tuple(exchange)))
        with elements.inside() as step, elements.loop(_rest(n, k), _after(k)) as i:
            pivot = element_of(lu, (*at, k, k))
            factor = elements.settled(_op("divide", element_of(lu, (*at, i, k)), pivot), "factor")
            for array, place in rows:
                with elements.loops(array.shape[len(place) + 1 :]) as column:
                    above = element_of(array, (*place, k, *column))
                    new = _op(
                        "subtract",
                        element_of(array, (*place, i, *column)),
                        _op("multiply", factor, above),
                    )
                    elements.store(array, new, (*place, i, *column))
        elements.state(If(_asked("not_equal", largest, Number(0.0)), tuple(step)))


def _exchange(elements: Elements, array: Ref, at: Places, k: Expr, best: Expr) -> None:
    """Exchange two rows, one with the other sign."""
    with elements.loops(array.shape[len(at) + 1 :]) as column:
        kept = elements.settled(element_of(array, (*at, k, *column)), "kept")
        elements.store(array, element_of(array, (*at, best, *column)), (*at, k, *column))
        elements.store(array, _op("negate", kept), (*at, best, *column))


def _copied(elements: Elements, x: Expr, at: Places) -> Ref:
    """A matrix of a stack in memory of its own."""
    n = x.shape[-1]
    lu = elements.buffer("lu", (n, n), "float64")
    with elements.loops((n, n)) as place:
        elements.store(lu, elements.element(x, (*at, *place)), place)
    return lu


def _solved(elements: Elements, lu: Ref, array: Ref, at: Places) -> None:
    """Solve with a matrix, in the place of the right-hand side."""
    n = lu.shape[-1]
    _eliminated(elements, lu, (), [(array, at)])
    with elements.loop(n, direction=-1) as k:
        pivot = elements.settled(element_of(lu, (k, k)), "pivot")
        _refuse(elements, _asked("equal", pivot, Number(0.0)), "Singular matrix")
        with elements.loops(array.shape[len(at) + 1 :]) as column:
            rest = elements.let(elements.fresh("rest"), element_of(array, (*at, k, *column)))
            with elements.loop(_rest(n, k), _after(k)) as j:
                known = element_of(array, (*at, j, *column))
                product = _op("multiply", element_of(lu, (k, j)), known)
                elements.let(rest.name, _op("subtract", rest, product))
            elements.store(array, _op("divide", rest, pivot), (*at, k, *column))


def _solve(elements: Elements, expr: Op, array: Ref) -> None:
    matrix, right = expr.args
    matrix = elements.ready(matrix, is_once=True)
    elements.fill(array, right)
    with elements.loops(matrix.shape[:-2]) as at:
        _solved(elements, _copied(elements, matrix, at), array, at)


def _inverse(elements: Elements, expr: Op, array: Ref) -> None:
    matrix = elements.ready(expr.args[0], is_once=True)
    n = array.shape[-1]
    with elements.loops(matrix.shape[:-2]) as at:
        with elements.loops((n, n)) as (i, j):
            unit = Op("as_float64", (_asked("equal", i, j),))
            elements.store(array, unit, (*at, i, j))
        _solved(elements, _copied(elements, matrix, at), array, at)


def _along_diagonal(op: str, start: float, of: str) -> At:
    """An operation of functions of the diagonal of a triangle with the determinant of a matrix."""

    def at(elements: Elements, expr: Op, places: Places) -> Expr:
        lu = _copied(elements, expr.args[0], places)
        _eliminated(elements, lu, (), [])
        total = elements.let(elements.fresh("total"), Number(start))
        with elements.loop(lu.shape[-1]) as k:
            value: Expr = element_of(lu, (k, k))
            for name in of.split():
                value = _op(name, value)
            elements.let(total.name, _op(op, total, value))
        return total

    return at


def _together(elements: Elements, expr: Op, places: Places) -> Expr:
    """Nothing that is read: each part is computed of the matrix."""
    return Number(0.0)


FACTORED: dict[str, Fill] = {
    "cholesky": _cholesky,
    "solve": _solve,
    "inv": _inverse,
}
OF_MATRICES: dict[str, At] = {
    "det": _along_diagonal("multiply", 1.0, ""),
    "slogdet": _together,
    "logabsdet": _along_diagonal("add", 0.0, "absolute log"),
    "signdet": _along_diagonal("multiply", 1.0, "sign"),
}

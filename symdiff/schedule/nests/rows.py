"""Reductions that are computed a row of results at a time: what stands next in memory is read next.

A compiler makes such loops over the numbers of a row ones over vectors of the processor.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from math import prod

from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dimension
from symdiff.ops.contraction import parts
from symdiff.schedule.nests.builder import element_of
from symdiff.schedule.nests.elements import Elements, Fill, Places
from symdiff.schedule.nests.reductions import (
    Compensated,
    is_compensated,
    is_more_than_few,
    product,
)
from symdiff.schedule.program import Expr, Number, Op, Ref

_TURNED = ("transpose",)
_MOST_IN_A_TILE = 2048  # numbers, which stay close to the processor


def goes_by_rows(expr: Op) -> bool:
    """Whether a reduction is computed so."""
    return _GOES[expr.name](expr)


# --- sums ----------------------------------------------------------------------------------------


def _are_sums_by_rows(expr: Op) -> bool:
    """Whether the last axis stays, and is long."""
    (x,), (axes, _) = expr.args, expr.params
    last = len(x.shape) - 1
    return last not in axes and is_more_than_few(x.shape[last]) and is_compensated(expr)


def _sums_by_rows(elements: Elements, expr: Op, array: Ref) -> None:
    """Compensated sums."""
    (x,), (axes, keepdims) = expr.args, expr.params
    x = elements.ready(x, is_once=True)
    rows = _Rows(elements, array)
    lost = elements.buffer("lost", rows.along, FLOAT)
    lengths = [x.shape[axis] for axis in axes]
    with elements.loops(array.shape[:-1]) as row:
        kept = [place for k, place in enumerate(row) if not (keepdims and k in axes)]

        def total(last: Expr) -> Compensated:
            return Compensated(elements, rows.total(row, last), _Stored(elements, lost, (last,)))

        with elements.loops(rows.along) as (last,):
            rows.total(row, last).store(Number(0.0))
            elements.store(lost, Number(0.0), (last,))
        with elements.loops((*lengths, *rows.along)) as (*inner, last):
            left, summed = iter((*kept, last)), dict(zip(axes, inner, strict=True))
            at = tuple([summed[k] if k in summed else next(left) for k in range(len(x.shape))])
            total(last).add(elements.element(x, at))
        with elements.loops(rows.along) as (last,):
            elements.store(array, total(last).value(), (*row, last))


class _Rows:
    """The rows of a result while they are added up.

    Where its length is known a row stands in memory of its own, where nothing else can stand: a
    compiler keeps it in the processor.
    """

    def __init__(self, elements: Elements, array: Ref) -> None:
        self.elements, self.array = elements, array
        self.along = array.shape[-1:]
        self.own: Ref | None = None
        if isinstance(self.along[0], int):
            self.own = elements.buffer("row", self.along, array.dtype)

    def total(self, row: Places, last: Expr) -> _Stored:
        """The number that is added up, at a place of a row."""
        if self.own is None:
            return _Stored(self.elements, self.array, (*row, last))
        return _Stored(self.elements, self.own, (last,))


class _Stored:
    """A number in an array."""

    def __init__(self, elements: Elements, array: Ref, at: Places) -> None:
        self.elements, self.array, self.at = elements, array, at

    def now(self) -> Expr:
        return element_of(self.array, self.at)

    def set(self, value: Expr) -> Expr:
        new = self.elements.settled(value, "new")
        self.store(new)
        return new

    def store(self, value: Expr) -> None:
        self.elements.store(self.array, value, self.at)


# --- products ------------------------------------------------------------------------------------


def _are_products_by_rows(expr: Op) -> bool:
    """Whether the last axis of a product stands next in memory where the summed ones do not."""
    expr = _of_turned(expr)
    first, second, result = parts(expr.params[0])
    if not result or all(letter in result for letter in first):
        return False
    last, lengths = result[-1], _lengths(expr)
    if not is_more_than_few(lengths[last]):
        return False
    return all(
        names[-1] == last or _is_worth_a_copy(names, result, lengths)
        for names in (first, second)
        if last in names
    )


def _is_worth_a_copy(names: str, result: str, lengths: Mapping[str, Dimension]) -> bool:
    """Whether each element of an argument is read for many rows of the result."""
    return any(letter not in names and is_more_than_few(lengths[letter]) for letter in result[:-1])


def _lengths(expr: Op) -> dict[str, Dimension]:
    """The length of each letter of a contraction."""
    first, second, _ = parts(expr.params[0])
    shapes = [x.shape for x in expr.args]
    return dict(zip(first + second, itertools.chain(*shapes), strict=True))


def _of_turned(expr: Op) -> Op:
    """The contraction of what its arguments transpose: letters in another order."""
    *names, result = parts(expr.params[0])
    args = list(expr.args)
    for number, x in enumerate(args):
        while isinstance(x, Op) and x.name in _TURNED:
            letters = dict(zip(x.params[0], names[number], strict=True))
            names[number] = "".join(letters[axis] for axis in range(len(letters)))
            (x,) = x.args
        args[number] = x
    return expr._replace(args=tuple(args), params=(f"{names[0]},{names[1]}->{result}",))


def _products_by_rows(elements: Elements, expr: Op, array: Ref) -> None:
    """Sums of products in order."""
    expr = _of_turned(expr)
    *names, result = parts(expr.params[0])
    args = []
    for number, (letters, x) in enumerate(zip(names, expr.args, strict=True)):
        ready = elements.ready(x, is_once=False)
        if result[-1] in letters[:-1]:
            ready = _with_last(elements, ready, letters.index(result[-1]))
            names[number] = letters.replace(result[-1], "") + result[-1]
        args.append(ready)
    expr = expr._replace(args=tuple(args), params=(f"{names[0]},{names[1]}->{result}",))
    lengths = _lengths(expr)
    summed = [letter for letter in names[0] if letter not in result]
    if letter := _letter_of_tiles(expr):
        _add_to_tiles(elements, expr, array, letter)
        return
    rows = _Rows(elements, array)
    with elements.loops(array.shape[:-1]) as row:
        with elements.loops(rows.along) as (last,):
            rows.total(row, last).store(Number(0.0, (), expr.dtype))
        with elements.loops((*[lengths[s] for s in summed], *rows.along)) as (*inner, last):
            at = (*row, last, *inner)
            known = dict(zip([*result, *summed], at, strict=True))
            total = rows.total(row, last)
            added = total.now(), product(elements, expr, known)
            total.store(Op("add", added, (), (), expr.dtype))
        if rows.own is not None:
            with elements.loops(rows.along) as (last,):
                found = rows.total(row, last).now()
                elements.store(array, found, (*row, last))


def _letter_of_tiles(expr: Op) -> str:
    """The letter of the rows that are added up together; `""` for one row at a time.

    It is the last one of a factor: what stands next in memory there is read next too.
    """
    first, second, result = parts(expr.params[0])
    others = [names[-1] for names in (first, second) if names[-1] != result[-1]]
    if len(others) != 1 or others[0] not in result:
        return ""
    sizes = [_lengths(expr)[letter] for letter in (others[0], result[-1])]
    known = [n for n in sizes if isinstance(n, int)]
    is_small = len(known) == 2 and prod(known) <= _MOST_IN_A_TILE
    return others[0] if is_small else ""


def _add_to_tiles(elements: Elements, expr: Op, array: Ref, letter: str) -> None:
    """Add the products of each place along the summed axes to all rows along a letter."""
    first, _, result = parts(expr.params[0])
    lengths = _lengths(expr)
    summed = [name for name in first if name not in result]
    outer = [name for name in result[:-1] if name != letter]
    both = (letter, result[-1])
    shape = tuple([lengths[name] for name in both])
    tile = elements.buffer("tile", shape, expr.dtype)
    with elements.loops(tuple([lengths[name] for name in outer])) as around:
        known = dict(zip(outer, around, strict=True))
        with elements.loops(shape) as at:
            elements.store(tile, Number(0.0, (), expr.dtype), at)
        with elements.loops((*[lengths[name] for name in summed], *shape)) as (*inner, row, last):
            places = known | dict(zip([*summed, *both], [*inner, row, last], strict=True))
            added = element_of(tile, (row, last)), product(elements, expr, places)
            elements.store(tile, Op("add", added, (), (), expr.dtype), (row, last))
        with elements.loops(shape) as at:
            places = known | dict(zip(both, at, strict=True))
            elements.store(array, element_of(tile, at), [places[name] for name in result])


def _with_last(elements: Elements, x: Expr, axis: int) -> Ref:
    """A copy in memory whose last axis is this one."""
    axes = (*[k for k in range(len(x.shape)) if k != axis], axis)
    shape = tuple([x.shape[k] for k in axes])
    return elements.materialised(Op("transpose", (x,), (axes,), shape, x.dtype))


_GOES: Mapping[str, Callable[[Op], bool]] = {
    "sum": _are_sums_by_rows,
    "contract": _are_products_by_rows,
}
BY_ROWS: Mapping[str, Fill] = {"sum": _sums_by_rows, "contract": _products_by_rows}

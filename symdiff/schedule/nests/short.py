"""Short axes: innermost loops of a few steps inside of others, written out.

An array along such an axis is a few arrays, or numbers, with names of their own, and a compiler can
compute several steps of the loop around at once.
"""

from __future__ import annotations

from dataclasses import replace

from symdiff.graph.node import INT
from symdiff.graph.shape import Dim
from symdiff.schedule.nests.whole import minus, plus, times
from symdiff.schedule.program import (
    Block,
    Expr,
    For,
    If,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Update,
    While,
    expressions,
    mapped,
    parts,
)

_MOST_STEPS = 4
_FOLDED = {"add": plus, "subtract": minus, "multiply": times}


def written_out(block: Block) -> Block:
    """A block without loops of a few steps in other loops."""
    return tuple([_outside(statement) for statement in block])


def _outside(statement: Statement) -> Statement:
    match statement:
        case For(body=body) | While(body=body):
            return replace(statement, body=_in_a_loop(body))
        case If(then=then, otherwise=otherwise):
            return replace(statement, then=written_out(then), otherwise=written_out(otherwise))
    return statement


def _in_a_loop(block: Block) -> Block:
    found: list[Statement] = []
    for statement in block:
        match statement:
            case For(body=body):
                statement = replace(statement, body=_in_a_loop(body))
                found += _steps(statement) if _is_short(statement) else [statement]
            case While(body=body):
                found.append(replace(statement, body=_in_a_loop(body)))
            case If(then=then, otherwise=otherwise):
                then, otherwise = _in_a_loop(then), _in_a_loop(otherwise)
                found.append(replace(statement, then=then, otherwise=otherwise))
            case _:
                found.append(statement)
    return tuple(found)


def _is_short(loop: For) -> bool:
    """Whether a loop has few steps of plain statements."""
    if not isinstance(loop.length, int) or not 0 < loop.length <= _MOST_STEPS:
        return False
    if isinstance(loop.start, Dim) or isinstance(loop.by, Dim):
        return False
    return all(
        isinstance(statement, Let | Update) and not _has_lengths(loop.counter, statement)
        for statement in loop.body
    )


def _has_lengths(counter: str, statement: Statement) -> bool:
    """Whether lengths in a statement name a counter."""
    every = parts(*expressions(statement))
    lengths = [n for x in every for n in (*x.shape, *(x.params if isinstance(x, Op) else ()))]
    return any(isinstance(n, Dim) and counter in n.names for n in lengths)


def _steps(loop: For) -> Block:
    """The statements of all steps of a loop."""
    numbers = [loop.start + k * loop.by for k in range(loop.length)]  # type: ignore[arg-type]
    found: list[Statement] = []
    for number in numbers[:: loop.direction]:
        place = Number(float(number), (), INT)  # type: ignore[arg-type]

        def changed(expr: Expr, place: Number = place) -> Expr:
            if isinstance(expr, Ref):
                return place if expr.name == loop.counter else expr
            if isinstance(expr, Number):
                return expr
            args = tuple(map(changed, expr.args))
            if expr.dtype == INT and expr.name in _FOLDED and args != expr.args:
                return _FOLDED[expr.name](*args)
            return expr._replace(args=args)

        found += mapped(loop.body, changed)
    return tuple(found)

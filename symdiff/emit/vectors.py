"""Vectors: loops whose elements a compiler can compute several at once, and what they call.

A call of the library's `exp` keeps a loop from that. In a loop that consists of work on elements
alone, it becomes the function that the target has for loops.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symdiff.emit.spell.base import Spellings
from symdiff.emit.spell.c_loops import IN_LOOPS
from symdiff.schedule.nests.accesses import is_carried
from symdiff.schedule.nests.nest import ELEMENT, STORE
from symdiff.schedule.program import (
    Block,
    Expr,
    For,
    If,
    Let,
    Op,
    Update,
    While,
    every_part,
    operations,
)

_FEWEST = 8  # steps that fill a vector
_STATEMENTS = ("loop", "part", "check")  # what is no arithmetic on one line
_PLAIN = frozenset(  # what is called and is instructions, or selections of numbers
    "sqrt fabs floor ceil trunc rint copysign INFINITY NAN real_maximum real_minimum real_clip "
    "real_sign real_heaviside real_share "
    "math.sqrt math.fabs math.copysign math.inf math.nan np.floor np.ceil np.trunc np.rint "
    "_maximum _minimum _clip _sign _heaviside _share".split()
)


def with_vectors(block: Block, table: Spellings) -> Block:
    """With the functions of loops in loops over elements."""
    if not functions_called(block, table):
        return block
    return tuple([_inside(statement, table) for statement in block])


def functions_called(block: Block, table: Spellings) -> int:
    """How often a block calls what has a form for loops."""
    named = [part.name for part in every_part(block) if isinstance(part, Op)]
    return sum(table.find(f"{name}{IN_LOOPS}") is not None for name in named)


def _inside(statement: Any, table: Spellings) -> Any:
    match statement:
        case For(body=body) if is_of_elements(statement, table):
            return replace(statement, body=in_loops(body, table))
        case For(body=body) | While(body=body):
            return replace(statement, body=with_vectors(body, table))
        case If(then=then, otherwise=otherwise):
            then, otherwise = with_vectors(then, table), with_vectors(otherwise, table)
            return replace(statement, then=then, otherwise=otherwise)
    return statement


def is_of_elements(loop: For, table: Spellings) -> bool:
    """Whether no step of a loop needs another one, and all it calls has a form for loops."""
    is_long = not isinstance(loop.length, int) or loop.length >= _FEWEST
    return is_long and is_straight(loop.body, table) and not is_carried(loop.body)


def is_straight(block: Block, table: Spellings) -> bool:
    """Whether a block is arithmetic on numbers without decisions, or has a form that is."""
    is_plain = all(isinstance(statement, Let | Update) for statement in block)
    return is_plain and all(has_vectors(op, table) for op in operations(block))


def has_vectors(op: str, table: Spellings) -> bool:
    """Whether an operation on numbers becomes arithmetic."""
    if table.find(f"{op}{IN_LOOPS}") is not None or op in (ELEMENT, STORE):
        return True
    spelling = table.spell(op)
    if spelling.form in _STATEMENTS:
        return False
    is_sign = spelling.form in ("infix", "prefix")
    return is_sign or not spelling.text or spelling.text.removesuffix("f") in _PLAIN


def in_loops(block: Block, table: Spellings) -> Block:
    """The statements of a loop over elements, with the functions of loops."""
    found: list[Any] = []
    for statement in block:
        if isinstance(statement, Let):
            found.append(statement._replace(value=_changed(statement.value, table), draft=None))
        else:
            assert isinstance(statement, Update)  # as it was asked
            value = _changed(statement.value, table)
            assert isinstance(value, Op)  # a store
            found.append(replace(statement, value=value))
    return tuple(found)


def _changed(expr: Expr, table: Spellings) -> Expr:
    if not isinstance(expr, Op):
        return expr
    args = tuple([_changed(x, table) for x in expr.args])
    own = f"{expr.name}{IN_LOOPS}"
    return expr._replace(name=own if table.find(own) is not None else expr.name, args=args)

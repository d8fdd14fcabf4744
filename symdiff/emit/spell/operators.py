"""Operators that Python writes the same for floats and for arrays, and those of C's family."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell.base import (
    ADDITIVE,
    AND,
    BIT_AND,
    BIT_OR,
    COMPARISON,
    CONDITIONAL,
    NOT,
    OR,
    TERM,
    UNARY,
    Operand,
    Spelling,
    Spellings,
    Written,
    infix,
    prefix,
    written,
)


def _append(a: Sequence[Operand]) -> str:
    rows, row = a
    return f"{rows.text}.append({row.text})"


def _chosen(a: Sequence[Operand]) -> Written:
    condition, first, second = a
    text = f"{first.beside(CONDITIONAL)} if {condition.beside(CONDITIONAL)} else {second.text}"
    return Written(text, CONDITIONAL)


def ternary(a: Sequence[Operand]) -> Written:
    """A choice in the languages of C's family."""
    condition, then, otherwise = [x.beside(CONDITIONAL) for x in a]
    return Written(f"{condition} ? {then} : {otherwise}", CONDITIONAL)


def logical(sign: str) -> Spelling:
    """Two truths in these languages, in parentheses where another one stands beside it."""

    def write(a: Sequence[Operand]) -> Written:
        return Written(f" {sign} ".join([x.beside(NOT) for x in a]), NOT)

    return written(write)


CHOSEN: Spelling = written(_chosen)

OPERATORS = Spellings(
    "operators",
    add=infix("+", ADDITIVE),
    subtract=infix("-", ADDITIVE),
    multiply=infix("*", TERM),
    divide=infix("/", TERM),
    remainder=infix("%", TERM),
    floor_divide=infix("//", TERM),
    negate=prefix("-", UNARY),
    less=infix("<", COMPARISON),
    less_equal=infix("<=", COMPARISON),
    greater=infix(">", COMPARISON),
    greater_equal=infix(">=", COMPARISON),
    equal=infix("==", COMPARISON),
    not_equal=infix("!=", COMPARISON),
    logical_and=infix("&", BIT_AND),
    logical_or=infix("|", BIT_OR),
    # lists of rows, which a schedule sees to
    rows=written(lambda a: Written("[]")),
    append=Spelling("update", "", update=_append),
    turned=written(lambda a: Written(f"{a[0].text}[::-1]")),
    count=written(lambda a: Written(f"len({a[0].text})")),
    # decisions, which a schedule sees to
    choice=CHOSEN,
    both=infix("and", AND),
    either=infix("or", OR),
    fails=prefix("not ", NOT),
)

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
    Write,
    Written,
    infix,
    prefix,
    written,
)


def _append(a: Sequence[Operand]) -> str:
    rows, row = a
    return f"{rows.text}.append({row.text})"


def choose(a: Sequence[Operand]) -> Written:
    """A choice as Python's conditional expression."""
    condition, first, second = a
    text = f"{first.beside(CONDITIONAL)} if {condition.beside(CONDITIONAL)} else {second.text}"
    return Written(text, CONDITIONAL)


def extreme(sign: str, choice: Write) -> Spelling:
    """The larger or the smaller one, in a language whose own function treats NaN otherwise."""

    def write(a: Sequence[Operand]) -> Written:
        first, second = a
        asked = f"{second.beside(ADDITIVE)} {sign} {first.beside(ADDITIVE)}"
        return choice((Operand(asked, COMPARISON, ()), second, first))

    return written(write)


def ternary(a: Sequence[Operand]) -> Written:
    """A choice in the languages of C's family."""
    condition, then, otherwise = [x.beside(CONDITIONAL) for x in a]
    return Written(f"{condition} ? {then} : {otherwise}", CONDITIONAL)


def logical(sign: str) -> Spelling:
    """Two truths in these languages, in parentheses where another one stands beside it."""

    def write(a: Sequence[Operand]) -> Written:
        return Written(f" {sign} ".join([x.beside(NOT) for x in a]), NOT)

    return written(write)


CHOSEN: Spelling = written(choose)

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
    larger=written(lambda a: Written(f"max({a[0].text}, {a[1].text})")),
    smaller=written(lambda a: Written(f"min({a[0].text}, {a[1].text})")),
    both=infix("and", AND),
    either=infix("or", OR),
    fails=prefix("not ", NOT),
)

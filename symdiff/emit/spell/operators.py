"""Operators that Python writes the same for floats and for arrays."""

from __future__ import annotations

from symdiff.emit.spell.base import (
    ADDITIVE,
    BIT_AND,
    BIT_OR,
    COMPARISON,
    TERM,
    UNARY,
    Spellings,
    infix,
    prefix,
)

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
)

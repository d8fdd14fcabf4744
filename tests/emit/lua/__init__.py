"""Lua, a target of a user's own: formulas of numbers as a module of Lua."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symdiff.emit.context import Definition
from symdiff.emit.dialect import Dialect
from symdiff.emit.entries.alone import Alone
from symdiff.emit.source import Source
from symdiff.emit.spell.base import (
    AND,
    COMPARISON,
    OR,
    POWER,
    UNARY,
    Operand,
    Spellings,
    Written,
    function,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.operators import OPERATORS
from symdiff.emit.spell.statements import Statements
from symdiff.emit.target import Target
from symdiff.errors import UnsupportedError

_WORDS = "and break do else elseif end false for function goto if in local nil not or repeat return"
_TAKEN = {*f"{_WORDS} then true until while math select".split(), "M"}


def _choice(a: Sequence[Operand]) -> Written:
    condition, then, otherwise = a
    return Written(f"{condition.beside(AND)} and {then.beside(AND)} or {otherwise.beside(OR)}", OR)


SPELLINGS = Spellings(
    "lua",
    parent=OPERATORS,
    power=infix("^", POWER),
    not_equal=infix("~=", COMPARISON),
    logical_and=infix("and", AND),
    logical_or=infix("or", OR),
    logical_not=prefix("not ", UNARY),  # it binds as tightly as a sign
    where=written(_choice),
    absolute=function("math.abs"),
    sqrt=function("math.sqrt"),
    exp=function("math.exp"),
    log=function("math.log"),
    sin=function("math.sin"),
    cos=function("math.cos"),
    inf=function("math.huge"),
)

STATEMENTS = Statements(let="local {} = {}")


class Entry(Alone):
    """Functions of numbers in a table."""

    packages = ()

    def __init__(self, source: Source, dialect: Dialect) -> None:
        if not source.is_scalar:
            raise UnsupportedError("the target 'lua' has no arrays")
        super().__init__(source, dialect)
        self.context.real = ""
        self.reserve(_TAKEN)

    def returned(self, packing: Any, results: Sequence[str]) -> str:
        """Several results, and tuples of them as tables."""
        parts = packing if isinstance(packing, tuple) else (packing,)
        return f"return {', '.join([_table(part, results) for part in parts])}"

    def grad(self) -> Definition:
        """The second result of the value and the gradient."""
        given = ", ".join(self.context.called_with(None))
        lines = [f"return select(2, M.value_and_grad({given}))"]
        return Definition("grad", self.context.called_with(None), lines, "The gradient alone.")

    def imported(self) -> list[str]:
        """Nothing."""
        return []


def _table(nest: Any, results: Sequence[str]) -> str:
    if not isinstance(nest, tuple):
        return results[nest]
    return f"{{{', '.join([_table(part, results) for part in nest])}}}"


LUA = Target(
    "lua",
    Dialect(SPELLINGS, statements=STATEMENTS, truths=("false", "true")),
    "scripts in games and routers",
    Entry,
    "module.lua.j2",
    folder=Path(__file__).parent,
    broadcasts=False,
    is_python=False,
)

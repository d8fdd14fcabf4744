"""Tables of spellings: what a spelling says of itself is what its text does."""

from __future__ import annotations

import ast

import pytest

from symdiff.emit.spell.base import Spelling, Spellings
from symdiff.emit.spell.math import MATH
from symdiff.emit.spell.numpy import ARRAY_SPELLINGS, NUMPY
from symdiff.emit.targets import TARGETS

OF_CODE = [t.dialect.table for t in TARGETS.values() if t.entry is not None and t.is_python]
TABLES = (NUMPY, ARRAY_SPELLINGS, MATH, *[t for t in OF_CODE if t is not ARRAY_SPELLINGS])
LIBRARIES = {"math", "special"}  # beside NumPy, which every module imports

ROWS = [pytest.param(table, op, id=f"{table.name}-{op}") for table in TABLES for op in table]


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _text(spelling: Spelling) -> str:
    return spelling.source or (spelling.text if spelling.form == "call" else "")


@pytest.mark.parametrize(("table", "op"), ROWS)
def test_a_spelling_names_the_libraries_that_it_calls(table: Spellings, op: str) -> None:
    spelling = table.spell(op)
    assert spelling.libraries & LIBRARIES == _names(_text(spelling)) & LIBRARIES


@pytest.mark.parametrize(("table", "op"), ROWS)
def test_a_helper_defines_the_function_that_is_called_and_no_other(
    table: Spellings, op: str
) -> None:
    spelling = table.spell(op)
    if spelling.source:
        body = ast.parse(spelling.source).body
        assert [node.name for node in body if isinstance(node, ast.FunctionDef)] == [spelling.text]


def test_functions_of_sympy_say_what_they_call() -> None:
    for op in ("sympy_Si", "sympy_Ei", "sympy_li"):
        spelling = NUMPY.find(op)
        assert spelling is not None
        assert spelling.libraries & LIBRARIES == _names(_text(spelling)) & LIBRARIES


@pytest.mark.parametrize(
    ("table", "name"),
    [pytest.param(table, name, id=name) for table in OF_CODE for name in table.helpers],
)
def test_a_helper_of_a_table_names_what_it_calls(table: Spellings, name: str) -> None:
    helper = table.helpers[name]
    known = {*table.helpers, *LIBRARIES} - {name}
    assert {*helper.needs} == _names(helper.source) & known

"""Identities of operations: tables of rows, and the two sets of rules that builders are handed."""

from symdiff.ops.rules import (
    complex_numbers,
    constants,
    contractions,
    numbers,
    structure,
    triangles,
    views,
    whole,
)
from symdiff.ops.rules.table import all_rules, exact_rules

_TABLES = (
    constants.ROWS,
    numbers.ROWS,
    whole.ROWS,
    triangles.ROWS,
    structure.ROWS,
    views.ROWS,
    contractions.ROWS,
    complex_numbers.ROWS,
    complex_numbers.WITH_NUMBERS,
)

EXACT = exact_rules(*_TABLES)
ALGEBRAIC = all_rules(*_TABLES)

"""Dialects: how a language writes operations, numbers and statements. Tables, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symdiff.emit.spell.array_api import ARRAY_API
from symdiff.emit.spell.base import ATOM, POWER, TERM, UNARY, Operand, Spelling, Spellings
from symdiff.emit.spell.c import TYPES, C
from symdiff.emit.spell.c_single import C_SINGLE, SINGLE_TYPES, single_number
from symdiff.emit.spell.formula import FORMULA_SPELLINGS
from symdiff.emit.spell.javascript import JAVASCRIPT_SPELLINGS
from symdiff.emit.spell.latex import LATEX_SPELLINGS
from symdiff.emit.spell.latex_arrays import tex_number
from symdiff.emit.spell.numba import NUMBA, NUMBA32, NUMBA_NESTS, NUMBA_NESTS32, NUMBA_POINTS
from symdiff.emit.spell.numpy import (
    ARRAY_SPELLINGS,
    ARRAY_SPELLINGS32,
    DECIDING,
    NUMBER_SPELLINGS,
    NUMPY,
)
from symdiff.emit.spell.python import PYTHON_SPELLINGS, OnNumbers, each_element
from symdiff.emit.spell.statements import (
    C_STATEMENTS,
    COMPILED_STATEMENTS,
    JAVASCRIPT_STATEMENTS,
    PYTHON_STATEMENTS,
    Statements,
)
from symdiff.graph.shape import Shape

Each = Callable[[OnNumbers, Sequence[Operand], Shape], Operand]


def number_text(value: float) -> str:
    """As formatters leave it: 1e30, not 1e+30."""
    return repr(value).replace("e+", "e")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a body is printed.

    Attributes:
        table: how operations are written.
        number: a finite number to its text, without a sign.
        special_numbers: names of constants that stand for their digits.
        tight: operators that bind at least so tightly are written without spaces.
        statements: how statements are written.
        truths: the two of them.
        by_name: whether calls go by a short name that the caller binds, or by their full text.
        keeps_names: whether a value that the user gave a name is a statement, even if used once.
        each: writes an operation on arrays by the one on numbers, where operators take no arrays.
        decides: whether one truth decides which statements run; elsewhere both ways of a branch are
            computed, and one is selected.
        has_own_numbers: whether numbers that are computed are no Python floats, and do more.
        picks: whether a mask picks elements of an array, to be added to or summed.
        types: by the kind of a line, the type that a declaration names.
    """

    table: Spellings
    number: Callable[[float], str] = number_text
    special_numbers: Mapping[float, str] = field(default_factory=dict)
    tight: int = POWER
    statements: Statements = PYTHON_STATEMENTS
    truths: tuple[str, str] = ("False", "True")
    by_name: bool = False
    keeps_names: bool = True
    each: Each | None = None
    decides: bool = False
    has_own_numbers: bool = False
    picks: bool = False
    types: Mapping[str, str] = field(default_factory=dict)

    def spell(self, op: str) -> Spelling:
        """How an operation is written; refused where there is no way."""
        return self.table.spell(op)

    def constant(self, value: float) -> tuple[str, int]:
        """The text of a number and its precedence; special numbers are looked up before."""
        if math.copysign(1.0, value) < 0.0:
            return f"-{self.number(-value)}", UNARY
        return self.number(value), ATOM


def _short_number(value: float) -> str:
    """As a person writes it: 2, not 2.0."""
    return str(int(value)) if value == int(value) and value < 1e15 else repr(value)


# One body serves floats and arrays, so its calls go by a name that is bound to either's function.
BODY = Dialect(NUMBER_SPELLINGS, by_name=True, keeps_names=False)

# A body for floats alone, which computes only the way of a branch that is taken.
ON_FLOATS = Dialect(DECIDING, by_name=True, decides=True)

# Bodies for arrays that are given for numbers: each element takes its own way.
ON_ARRAYS = Dialect(NUMPY)
EACH_OF_ARRAYS = Dialect(ARRAY_SPELLINGS)

# A body for arrays alone: it calls NumPy by its name.
ARRAYS = Dialect(ARRAY_SPELLINGS, decides=True, has_own_numbers=True, picks=True)

# The same in single precision.
ARRAYS32 = Dialect(ARRAY_SPELLINGS32, decides=True, has_own_numbers=True, picks=True)

# A body for arrays of any library, by the names of the array API standard.
ANY_ARRAYS = Dialect(ARRAY_API)

# A body of floats and lists, which calls `math` by its name.
LISTS = Dialect(PYTHON_SPELLINGS, each=each_element, decides=True)

# A body of loops over numbers and buffers.
NESTS = Dialect(C, statements=C_STATEMENTS, truths=("false", "true"), decides=True, types=TYPES)
SINGLE_NESTS = replace(NESTS, table=C_SINGLE, number=single_number, types=SINGLE_TYPES)

# Bodies of numbers that Numba compiles.
COMPILED = Dialect(NUMBA, statements=COMPILED_STATEMENTS, decides=True)
OF_POINTS = replace(COMPILED, table=NUMBA_POINTS, decides=False)  # several at once
COMPILED_NESTS = Dialect(NUMBA_NESTS, statements=COMPILED_STATEMENTS, decides=True)
COMPILED32 = replace(COMPILED, table=NUMBA32, number=lambda x: f"np.float32({x!r})")
COMPILED_NESTS32 = replace(COMPILED32, table=NUMBA_NESTS32)

# Functions of numbers in a page.
JAVASCRIPT = Dialect(
    JAVASCRIPT_SPELLINGS, statements=JAVASCRIPT_STATEMENTS, truths=("false", "true")
)

# The grammar that `symdiff` reads: what is printed parses to the same graph again.
FORMULA = Dialect(
    FORMULA_SPELLINGS,
    _short_number,
    {math.pi: "pi", math.e: "e"},
    TERM,
    by_name=True,
    keeps_names=False,
)

# What a reader of mathematics is shown.
LATEX = Dialect(
    LATEX_SPELLINGS,
    tex_number,
    {math.pi: r"\pi", math.e: r"\mathrm{e}"},
    TERM,
    keeps_names=False,
)

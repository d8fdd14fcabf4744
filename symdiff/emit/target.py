"""Targets: how each writes operations and numbers. Tables, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symdiff.emit.spell.base import ATOM, POWER, TERM, UNARY, Operand, Spelling
from symdiff.emit.spell.formula import FORMULA_SPELLINGS
from symdiff.emit.spell.latex import LATEX_SPELLINGS
from symdiff.emit.spell.latex_arrays import tex_number
from symdiff.emit.spell.numpy import ARRAY_SPELLINGS, NUMPY
from symdiff.emit.spell.python import PYTHON_SPELLINGS, OnNumbers, each_element
from symdiff.graph.shape import Shape

Each = Callable[[OnNumbers, Sequence[Operand], Shape], Operand]


@dataclass(frozen=True, slots=True)
class Target:
    """A language to print.

    Attributes:
        spell: an operation's name to how it is written.
        number: a finite number to its text, without a sign.
        special_numbers: names of constants that stand for their digits.
        tight: operators that bind at least so tightly are written without spaces.
        by_name: whether calls go by a short name that the caller binds, or by their full text.
        keeps_names: whether a value that the user gave a name is a statement, even if used once.
        each: writes an operation on arrays by the one on numbers, where operators take no arrays.
    """

    spell: Callable[[str], Spelling]
    number: Callable[[float], str]
    special_numbers: Mapping[float, str]
    tight: int
    by_name: bool = True
    keeps_names: bool = False
    each: Each | None = None

    def constant(self, value: float) -> tuple[str, int]:
        """The text of a number and its precedence; special numbers are looked up before."""
        if math.copysign(1.0, value) < 0.0:
            return f"-{self.number(-value)}", UNARY
        return self.number(value), ATOM


def _python_number(value: float) -> str:
    return repr(value)


def _short_number(value: float) -> str:
    """As a person writes it: 2, not 2.0."""
    return str(int(value)) if value == int(value) and value < 1e15 else repr(value)


# One body serves floats and arrays, so its calls go by a name that is bound to either's function.
BODY = Target(NUMPY.spell, _python_number, {}, POWER)

# A body for arrays alone: it calls NumPy by its name.
ARRAYS = Target(ARRAY_SPELLINGS.spell, _python_number, {}, POWER, by_name=False, keeps_names=True)

# A body of floats and lists, which calls `math` by its name.
PYTHON = Target(
    PYTHON_SPELLINGS.spell,
    _python_number,
    {},
    POWER,
    by_name=False,
    keeps_names=True,
    each=each_element,
)

# The grammar that `symdiff` reads: what is printed parses to the same graph again.
FORMULA = Target(FORMULA_SPELLINGS.spell, _short_number, {math.pi: "pi", math.e: "e"}, TERM)

# What a reader of mathematics is shown.
LATEX = Target(
    LATEX_SPELLINGS.spell,
    tex_number,
    {math.pi: r"\pi", math.e: r"\mathrm{e}"},
    TERM,
    by_name=False,
)

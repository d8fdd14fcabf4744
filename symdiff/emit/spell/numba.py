"""Numba's spellings of numbers: `math` and NumPy's rounding, compiled, so that nothing raises."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell import numpy_arrays as arrays
from symdiff.emit.spell.base import (
    AND,
    ITSELF,
    NOT,
    OR,
    Operand,
    Spelling,
    Spellings,
    Written,
    function,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.math import MATH
from symdiff.emit.spell.operators import CHOSEN
from symdiff.errors import UnsupportedError
from symdiff.ops.structural import Pattern


def _number_of(name: str) -> Spelling:
    return written(lambda a: Written(f"{name}({a[0].text})"))


def _put(a: Sequence[Operand], pattern: Pattern) -> Written:
    raise UnsupportedError("the target 'numba' changes no list that something else needs")


NUMBA = Spellings(
    "numba",
    parent=MATH,
    where=CHOSEN,
    logical_and=infix("and", AND),
    logical_or=infix("or", OR),
    logical_not=prefix("not ", NOT),
    cbrt=function("np.cbrt"),
    fmod=function("np.fmod"),
    floor=function("np.floor"),
    ceil=function("np.ceil"),
    trunc=function("np.trunc"),
    rint=function("np.rint"),
    as_float64=_number_of("float"),
    as_int64=_number_of("int"),
    as_bool=_number_of("bool"),
    stop=ITSELF,
    check=Spelling("check", ""),  # of one truth
    checked=ITSELF,
    number=ITSELF,
    stacked=ITSELF,
    # what loops store stands in lists
    index=written(arrays.index),
    put=written(_put),
    scan=Spelling("loop", ""),
    scan_final=Spelling("part", ""),
    scan_stacked=Spelling("part", ""),
)

# The same in single precision.
NUMBA32 = Spellings(
    "numba",
    parent=NUMBA,
    as_float64=_number_of("np.float32"),
    inf=Spelling("call", "np.float32(math.inf)", libraries=frozenset(["np", "math"])),
    nan=Spelling("call", "np.float32(math.nan)", libraries=frozenset(["np", "math"])),
)

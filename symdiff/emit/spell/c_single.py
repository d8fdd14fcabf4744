"""C's spellings in single precision: those in double precision, with float's types and names."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import replace

from symdiff.emit.spell.base import (
    ITSELF,
    UNARY,
    Helper,
    Operand,
    Spelling,
    Spellings,
    Written,
    written,
)
from symdiff.emit.spell.c import TYPES, C, cast
from symdiff.emit.spell.c_loops import FUNCTIONS, OF_FLOATS
from symdiff.graph.node import FLOAT

SINGLE_TYPES = TYPES | {FLOAT: "float"}

_FUNCTIONS = frozenset(  # of math.h: C99, section 7.12
    "acos asin atan atan2 cos sin tan acosh asinh atanh cosh sinh tanh exp exp2 expm1 log log10 "
    "log1p log2 cbrt fabs hypot pow sqrt erf erfc lgamma tgamma ceil floor rint trunc fmod "
    "copysign fma".split()
)
_WORDS = re.compile(r"[A-Za-z_]\w*|\d+\.\d*(?:e[+-]?\d+)?|\d+e[+-]?\d+")


def single_number(value: float) -> str:
    """The shortest text of the float of 32 bits that a number is rounded to."""
    (rounded,) = struct.unpack("f", struct.pack("f", value))
    texts = (f"{rounded:.{digits}g}" for digits in range(1, 10))  # nine digits always suffice
    text = next(t for t in texts if struct.pack("f", float(t)) == struct.pack("f", rounded))
    return f"{float(text)!r}f"


def _single(text: str) -> str:
    """A text of C with the types, functions and numbers of single precision."""

    def word(found: re.Match[str]) -> str:
        part = found[0]
        if part[0].isdigit():
            return single_number(float(part))
        return "float" if part == "double" else f"{part}f" if part in _FUNCTIONS else part

    return _WORDS.sub(word, text)


def _helper(helper: Helper) -> Helper:
    """A function of the file in single precision; its comment is about numbers."""
    comment, end, code = helper.source.rpartition("*/\n")
    return helper._replace(source=comment + end + _single(code))


def _narrow(spelling: Spelling) -> Spelling:
    """What the same operation is in single precision."""
    return replace(spelling, text=_single(spelling.text), source=_single(spelling.source))


def _rounded(name: str) -> Spelling:
    """A function of doubles that loses digits otherwise, rounded once."""

    def write(a: Sequence[Operand]) -> Written:
        return Written(f"(float){name}((double){a[0].beside(UNARY)})", UNARY, (name,))

    return replace(written(write), text=name)


_OTHERWISE = {
    "as_float64": cast("float"),
    "as_float32": ITSELF,
    "erfcx": _rounded("real_erfcx"),
    "log_ndtr": _rounded("real_log_ndtr"),
}

C_SINGLE = Spellings(
    "c",
    [*C.helpers.values(), *map(_helper, OF_FLOATS)],
    parent=C,
    family=None,
    **{op: _narrow(C.spell(op)) for op in C} | _OTHERWISE | FUNCTIONS,
)

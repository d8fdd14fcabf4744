"""Numba's spellings of numbers: `math` and NumPy's rounding, compiled, so that nothing raises."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell import numpy_arrays as arrays
from symdiff.emit.spell import numpy_creation as creation
from symdiff.emit.spell.base import (
    AND,
    ITSELF,
    NOT,
    OR,
    Helper,
    Operand,
    Spelling,
    Spellings,
    Written,
    function,
    helper,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.c_loops import IN_LOOPS, called
from symdiff.emit.spell.math import MATH
from symdiff.emit.spell.numba_loops import FUNCTIONS, HELPERS, HELPERS32
from symdiff.emit.spell.operators import CHOSEN, choose, extreme
from symdiff.errors import UnsupportedError
from symdiff.graph.shape import Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.structural import Pattern
from symdiff.schedule.nests.build import NESTED


def _number_of(name: str) -> Spelling:
    return written(lambda a: Written(f"{name}({a[0].text})"))


def _put(a: Sequence[Operand], pattern: Pattern) -> Written:
    raise UnsupportedError("the target 'numba' changes no list that something else needs")


NDTR = """def _ndtr(x):
    z = 0.7071067811865476 * x
    return 0.5 + 0.5 * math.erf(z) if math.fabs(z) < 1.0 else 0.5 * math.erfc(-z)"""

# as in C, with what the rounding of x*x lost by halves of x (T. Dekker, 1971)
ERFCX = """def _erfcx(x):
    s = x * x
    if x < 12.0:
        high = 134217729.0 * x - (134217729.0 * x - x)
        low = x - high
        lost = ((high * high - s) + 2.0 * high * low) + low * low
        return math.inf if x < -26.7 else math.exp(s) * math.erfc(x) * (1.0 + lost)
    if s > 1e300:
        return 0.5641895835477563 / x
    t = 0.5 / s
    term = 1.0
    total = 1.0
    for k in range(1, 13):
        term *= -(2 * k - 1) * t
        total += term
    return 0.5641895835477563 / x * total"""

LOG_NDTR = """def _log_ndtr(x):
    t = 0.7071067811865476 * x
    if x < -1.0:
        return math.log(0.5 * _erfcx(-t)) - 0.5 * x * x
    return math.log1p(-0.5 * math.erfc(t))"""

NUMBA = Spellings(
    "numba",
    [Helper(ERFCX, ("math",)), Helper(LOG_NDTR, ("_erfcx", "math"))],
    parent=MATH,
    where=CHOSEN,
    larger=extreme(">", choose),
    smaller=extreme("<", choose),
    logical_and=infix("and", AND),
    logical_or=infix("or", OR),
    logical_not=prefix("not ", NOT),
    cbrt=function("np.cbrt"),
    fmod=function("np.fmod"),
    floor=function("np.floor"),
    ceil=function("np.ceil"),
    trunc=function("np.trunc"),
    rint=function("np.rint"),
    ndtr=helper(NDTR, "math"),
    erfcx=called("_erfcx"),
    log_ndtr=called("_log_ndtr"),
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

SHARE = """def _share(t, lost, tied):
    return 0.0 if lost else 0.5 * t if tied else t"""

WHOLE_REMAINDER = """def _whole_remainder(a, b):
    return a % b if b else 0"""

WHOLE_QUOTIENT = """def _whole_quotient(a, b):
    return a // b if b else 0"""

WHOLE_POWER = """def _whole_power(a, n):
    result = 1
    for _ in range(n):
        result *= a
    return result"""

# sums that LLVM may add in another order, by which it makes vectors of them
ADD_IN_ANY_ORDER = """@numba.njit(cache=True, fastmath={"reassoc"}, forceinline=True)
def _add_in_any_order(a, b):
    return a + b"""


def _element(a: Sequence[Operand]) -> Written:
    array, *places = a
    return Written(f"{array.text}[{', '.join([place.text for place in places])}]")


def _store(a: Sequence[Operand]) -> str:
    array, value, *places = a
    return f"{_element([array, *places]).text} = {value.text}"


def _reshape(a: Sequence[Operand], shape: Shape) -> Written:
    return Written(f"{a[0].text}.reshape({shape_text(shape)})")


def _in_nests(op: str) -> Spelling | None:
    """What is statements of others before it is printed."""
    return Spelling("loop", "") if op in NESTED else None


# Numbers of the points of a batch, many of which are computed at once.
NUMBA_POINTS = Spellings(
    "numba",
    HELPERS,
    parent=NUMBA,
    family=None,
    **{op.removesuffix(IN_LOOPS): spelling for op, spelling in FUNCTIONS.items()},
)

# Loops over numbers and the elements of arrays.
_NESTS = Spellings(
    "numba",
    parent=NUMBA,
    family=_in_nests,
    index=Spelling("loop", ""),
    put=Spelling("loop", ""),
    element=written(_element),
    store=Spelling("update", "", update=_store),
    reshape=written(_reshape),
    length=written(creation.length),
    add_in_any_order=helper(ADD_IN_ANY_ORDER),
    as_float64=_number_of("np.float64"),
    as_float32=written(lambda a: Written(f"float(np.float32({a[0].text}))")),
    as_whole=_number_of("int"),
    share=helper(SHARE),
    # whole numbers
    remainder_int64=helper(WHOLE_REMAINDER),
    floor_divide_int64=helper(WHOLE_QUOTIENT),
    power_int64=helper(WHOLE_POWER),
    maximum_int64=function("max"),
    minimum_int64=function("min"),
    clip_int64=helper("def _whole_clip(x, low, high):\n    return min(max(x, low), high)"),
    absolute_int64=function("abs"),
    sign_int64=helper("def _whole_sign(x):\n    return int(x > 0) - int(x < 0)"),
)
NUMBA_NESTS = Spellings("numba", HELPERS, parent=_NESTS, family=None, **FUNCTIONS)

# The same in single precision.
_SINGLE = {
    "as_float64": _number_of("np.float32"),
    "as_float32": ITSELF,
    "inf": Spelling("call", "np.float32(math.inf)", libraries=frozenset(["np", "math"])),
    "nan": Spelling("call", "np.float32(math.nan)", libraries=frozenset(["np", "math"])),
}
NUMBA32 = Spellings("numba", parent=NUMBA, family=None, **_SINGLE)
NUMBA_NESTS32 = Spellings("numba", HELPERS32, parent=_NESTS, family=None, **FUNCTIONS, **_SINGLE)

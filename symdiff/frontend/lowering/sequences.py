"""NumPy's convolutions, polynomials and interpolation: functions of values in a row."""

from __future__ import annotations

import operator

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    Floats,
    Numbers,
    Value,
    as_line,
    meet,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.conditions import where
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import natural
from symdiff.graph.shape import Dimension
from symdiff.ops import along_axis, arithmetic, control, kinks
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import flipped, index, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import broadcast_to, with_axes
from symdiff.ops.structural import reshaped

# --- convolution -------------------------------------------------------------------------------


def _vectors(name: str, *args: Handle) -> list[Handle]:
    vectors = [reshaped(x, (1,)) if x.ndim == 0 else x for x in args]
    if any(x.ndim != 1 or x.shape[0] == 0 for x in vectors):
        raise ShapeError(f"{name} takes two vectors that are not empty")
    return vectors


def _window(full: Handle, n: Dimension, m: Dimension, mode: str, *, late: bool) -> Handle:
    """The part of a full convolution of lengths n and m that a mode keeps."""
    if mode == "full":
        return full
    if mode not in ("same", "valid"):
        refuse(f"convolutions have the modes 'full', 'same' and 'valid', not {mode!r}")
    short, long = _by_length(n, m)
    if mode == "valid":
        return sliced(full, 0, short - 1, long - short + 1)
    count = whole_number(short, "the mode 'same'") - 1
    return sliced(full, 0, count - count // 2 if late else count // 2, long)


def _by_length(n: Dimension, m: Dimension) -> tuple[Dimension, Dimension]:
    """The shorter and the longer of two."""
    if n == m:
        return n, m
    what = "a convolution that is not full"
    short, long = sorted((whole_number(n, what), whole_number(m, what)))
    return short, long


@LOWERINGS.named("convolve")
def convolve(a: Numbers, v: Numbers, mode: str = "full") -> Handle:
    """The discrete convolution of two vectors."""
    x, y = _vectors("convolve", a, v)
    return _window(along_axis.convolve(x, y), x.shape[0], y.shape[0], mode, late=False)


@LOWERINGS.named("correlate")
def correlate(a: Numbers, v: Numbers, mode: str = "valid") -> Handle:
    """The cross-correlation of two vectors: by the second one backwards, and conjugated."""
    x, y = _vectors("correlate", a, v)
    n, m = x.shape[0], y.shape[0]
    swapped = isinstance(n, int) and (not isinstance(m, int) or m > n)
    return _window(along_axis.convolve(x, flipped(conjugated(y), 0)), n, m, mode, late=swapped)


# --- polynomials -------------------------------------------------------------------------------


@LOWERINGS.named("polyval")
def polyval(b: Builder, p: Value, x: Array) -> Handle:
    """The polynomial with these coefficients, the highest first, by Horner's rule."""
    is_listed = isinstance(p, (list, tuple))
    coefficients = list(p) if is_listed else _rows(as_line(b, p))
    result: Handle | None = None
    for coefficient in coefficients:
        if result is None:
            result = meet(b, coefficient, x)[0]
        else:
            product = operate(arithmetic.multiply, result, x)
            result = operate(arithmetic.add, product, coefficient)
    if result is None:
        return operate(arithmetic.multiply, x, 0)
    return result


def _rows(x: Handle) -> list[Handle]:
    """What stands along the first axis."""
    count = whole_number(x.shape[0], "a polynomial") if x.ndim else _no_coefficients()
    return [reshaped(sliced(x, 0, k, 1), x.shape[1:]) for k in range(count)]


def _no_coefficients() -> int:
    raise ShapeError("polyval takes a sequence of coefficients, the highest first")


@LOWERINGS.named("vander")
def vander(
    b: Builder,
    x: Numbers,
    N: int | None = None,  # noqa: N803  NumPy's name
    increasing: bool = False,  # noqa: FBT001, FBT002  NumPy's own
) -> Handle:
    """The powers of each element in a row."""
    if x.ndim != 1:
        raise ShapeError("vander takes a vector")
    count = whole_number(x.shape[0], "vander") if N is None else operator.index(N)
    natural(count)
    powers = [Handle(b, b.full(1.0, x.shape, x.dtype))]
    for k in range(1, count):
        powers.append(x if k == 1 else powers[-1] * x)
    columns = [with_axes(power, 1, 1) for power in powers[:count]]
    if not columns:
        return Handle(b, b.full(0.0, (*x.shape, 0), x.dtype))
    return concatenated(columns if increasing else columns[::-1], 1)


# --- interpolation -----------------------------------------------------------------------------


@LOWERINGS.named("interp")
def interp(
    b: Builder,
    x: Floats,
    xp: Floats,
    fp: Floats,
    left: Value = None,
    right: Value = None,
    period: Value = None,
) -> Handle:
    """Piecewise linear interpolation, differentiable in the place, the nodes and the values."""
    if period is not None:
        refuse("interp with a period is not supported", "reduce x with np.remainder first")
    if xp.ndim != 1 or fp.shape != xp.shape:
        raise ShapeError("interp takes two vectors of one length, the nodes and their values")
    if xp.shape[0] == 0:
        raise ShapeError("interp takes at least one node")
    first, last = _end(xp, 0), _end(xp, -1)
    low = _end(fp, 0) if left is None else left
    high = _end(fp, -1) if right is None else right
    inside = _inside(x, xp, fp)
    above = operate(control.greater, x, last)
    below = operate(control.less, x, first)
    return where(b, above, high, where(b, below, low, inside))  # type: ignore[no-any-return]


def _inside(x: Handle, nodes: Handle, values: Handle) -> Handle:
    """On the line through the two nodes that are nearest."""
    count = nodes.shape[0]
    if count == 1:
        return broadcast_to(_end(values, 0), x.shape)
    found = along_axis.searchsorted(nodes, x, params=("right",))
    before = operate(kinks.clip, operate(arithmetic.subtract, found, 1), 0, count - 2)
    after = operate(arithmetic.add, before, 1)
    left, right = _taken(nodes, before), _taken(nodes, after)
    low, high = _taken(values, before), _taken(values, after)
    return (high - low) / (right - left) * (x - left) + low


def _taken(v: Handle, at: Handle) -> Handle:
    return index(v, at, params=((("array", 0),),))


def _end(v: Handle, position: int) -> Handle:
    start = 0 if position == 0 else v.shape[0] - 1
    return reshaped(sliced(v, 0, start, 1), ())

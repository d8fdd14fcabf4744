"""NumPy's functions that make arrays: of a number, of other values, of numbers in a row."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    Value,
    as_float,
    cast,
    constant,
    dtype_name,
    known,
    line,
    meet,
    plain,
    refuse,
)
from symdiff.frontend.lowering.index_plan import concrete
from symdiff.frontend.lowering.indexing import write
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import atleast_1d, lengths, moveaxis, natural
from symdiff.graph.node import BOOL, COMPLEX, FLOAT, INT
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.ops.builder import Builder
from symdiff.ops.control import equal, where
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import put
from symdiff.ops.kinks import maximum
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.structural import reshaped

# --- full of a number --------------------------------------------------------------------------


def filled(b: Builder, value: float, shape: Shape, kind: str) -> Handle:
    """An array full of a number, of this kind."""
    if kind == BOOL:
        return broadcast_to(line(b, bool(value)), shape)
    return Handle(b, b.full(value, shape, kind))


def _kind_name(dtype: Any) -> str:
    """The kind of lines that hold a type; float32 where it meets float32."""
    name = FLOAT if dtype is None else dtype_name(dtype)
    return name if name in (INT, BOOL, COMPLEX) else FLOAT


def _full_of(value: float) -> Any:  # a lowering
    def lowering(
        b: Builder, shape: Any, dtype: Any = None, _order: Any = None, *, _device: Any = None
    ) -> Handle:
        """Full of zeros or ones."""
        return filled(b, value, lengths(shape), _kind_name(dtype))

    return lowering


zeros = LOWERINGS.named("zeros", "empty")(_full_of(0.0))
ones = LOWERINGS.named("ones")(_full_of(1.0))


@LOWERINGS.named("full")
def full(
    shape: Any,
    fill_value: Array,
    dtype: Any = None,
    _order: Any = None,
    *,
    _device: Any = None,
) -> Handle:
    """Full of a value."""
    x = cast(fill_value, dtype)
    return broadcast_to(x, lengths(shape))


def _like(value: float) -> Any:  # a lowering
    def lowering(
        b: Builder,
        a: Value,
        dtype: Any = None,
        _order: Any = None,
        _subok: Any = None,
        shape: Any = None,
        *,
        _device: Any = None,
    ) -> Handle:
        """Full of zeros or ones, in the shape of an array."""
        x = line(b, a)
        kind = x.dtype if dtype is None else _kind_name(dtype)
        return filled(b, value, x.shape if shape is None else lengths(shape), kind)

    return lowering


zeros_like = LOWERINGS.named("zeros_like", "empty_like")(_like(0.0))
ones_like = LOWERINGS.named("ones_like")(_like(1.0))


@LOWERINGS.named("full_like")
def full_like(
    a: Array,
    fill_value: Array,
    dtype: Any = None,
    _order: Any = None,
    _subok: Any = None,
    shape: Any = None,
    *,
    _device: Any = None,
) -> Handle:
    """Full of a value, of the kind and, where none is given, the shape of an array."""
    kind = a.dtype if dtype is None else dtype
    if fill_value.dtype != kind:
        fill_value = cast(fill_value, kind)
    return broadcast_to(fill_value, a.shape if shape is None else lengths(shape))


# --- of other values ---------------------------------------------------------------------------


@LOWERINGS.named("array", "asarray", "asanyarray")
def array(
    b: Builder,
    object: Value,
    dtype: Any = None,
    *,
    _copy: Any = None,
    _order: Any = None,
    _subok: Any = None,
    ndmin: int = 0,
    _like: Any = None,
    _device: Any = None,
) -> Handle:
    """An array of what is given, numbers and lines in nested lists."""
    _refuse_ragged(object)
    x = cast(line(b, object), dtype)
    missing = max(0, ndmin - x.ndim)
    return reshaped(x, (*[1] * missing, *x.shape))


def _refuse_ragged(value: Value) -> None:
    """Refuse nested lists of unequal lengths."""
    if not isinstance(value, (list, tuple)):
        return
    shapes = {_nested_shape(item) for item in value}
    if len(shapes) > 1:
        raise ShapeError("a nested list of unequal lengths is no array")


def _nested_shape(value: Value) -> tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        _refuse_ragged(value)
        return (len(value), *(_nested_shape(value[0]) if value else ()))
    return tuple(getattr(value, "shape", ()))


@LOWERINGS.named("require")
def require(a: Array, dtype: Any = None, _requirements: Any = None, *, _like: Any = None) -> Handle:
    """An array with what is asked of its memory, which a line does not have."""
    return cast(a, dtype)


@LOWERINGS.named("ascontiguousarray", "asfortranarray")
def ascontiguousarray(a: Array, dtype: Any = None, *, _like: Any = None) -> Handle:
    """An array with at least one axis."""
    return atleast_1d(cast(a, dtype))  # type: ignore[no-any-return]


# --- numbers in a row --------------------------------------------------------------------------


def counter(b: Builder, length: Dimension) -> Handle:
    """The whole numbers below a length."""
    return Handle(b, b.make("arange", (), (length,)))


@LOWERINGS.named("arange")
def arange(
    b: Builder,
    start: Value,
    stop: Value = None,
    step: Value = 1,
    dtype: Any = None,
    *,
    _device: Any = None,
    _like: Any = None,
) -> Handle:
    """Numbers at equal distances, the end excluded. How many must be known."""
    first, last = (0, start) if stop is None else (plain(start), stop)
    last, step = plain(last), plain(step)
    if _is_plain(first) and _is_plain(last) and _is_plain(step):
        import numpy as np

        return cast(constant(b, np.arange(first, last, step)), dtype)
    if isinstance(last, Dim) and step == 1 and isinstance(first, (int, Dim)):
        return cast(_between(b, first, last), dtype)
    return cast(_after_start(b, first, last, step), dtype)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (int, float))


def _between(b: Builder, first: Dimension, last: Dimension) -> Handle:
    numbers = counter(b, last - first)
    return numbers if first == 0 else numbers + broadcast_to(line(b, first), numbers.shape)


def _after_start(b: Builder, first: Value, last: Value, step: Value) -> Handle:
    """`start, start + step, ...` where `stop` is written as `start + number`."""
    import numpy as np

    start, stop = line(b, first), line(b, last)
    node = b.nodes[stop.at]
    spans = [known(Handle(b, at)) for at in node.args if at != start.at]
    if node.op != "add" or start.at not in node.args or len(spans) != 1 or not _is_plain(step):
        spans = [None]
    if spans[0] is None:
        refuse(
            "how many numbers np.arange makes depends on values",
            "write start + step*np.arange(number)",
        )
    numbers = constant(b, np.arange(0.0, float(spans[0]), step))
    return numbers + broadcast_to(as_float(start), numbers.shape)


@LOWERINGS.named("logspace")
def logspace(
    b: Builder,
    start: Value,
    stop: Value,
    num: Any = 50,
    endpoint: bool = True,  # noqa: FBT001, FBT002  NumPy's signature
    base: Value = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Powers of a base with exponents at equal distances."""
    if axis != 0:
        refuse("np.logspace with axis= is not supported", "use np.moveaxis")
    number = line(b, base)
    if number.ndim:
        refuse("np.logspace with several bases is not supported", "write base**np.linspace(...)")
    exponents = linspace(b, start, stop, num, endpoint)
    return cast(LOWERINGS["power"](b, number, exponents), dtype)


@LOWERINGS.named("geomspace")
def geomspace(
    b: Builder,
    start: Value,
    stop: Value,
    num: Any = 50,
    endpoint: bool = True,  # noqa: FBT001, FBT002  NumPy's signature
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Positive numbers at equal ratios, computed as NumPy does: both ends are hit exactly."""
    first, last = as_float(line(b, start)), as_float(line(b, stop))
    if axis != 0 or first.ndim or last.ndim:
        refuse("np.geomspace of arrays is not supported", "write np.exp(np.linspace(...))")
    sign = LOWERINGS["sign"](b, first)
    ends = [LOWERINGS["log10"](b, sign * end) for end in (first, last)]
    count = int(plain(num))
    powers = logspace(b, ends[0], ends[1], count, endpoint)
    found = powers * broadcast_to(sign, powers.shape)
    places = ([0] if count else []) + ([count - 1] if endpoint and count > 1 else [])
    for place, value in zip(places, (first, last), strict=False):
        found = put(found, value, params=((("int", place),),))
    return cast(found, dtype)


@LOWERINGS.named("linspace")
def linspace(
    b: Builder,
    start: Value,
    stop: Value,
    num: Any = 50,
    endpoint: bool = True,  # noqa: FBT001, FBT002  NumPy's signature
    retstep: bool = False,  # noqa: FBT001, FBT002
    dtype: Any = None,
    axis: int = 0,
    *,
    _device: Any = None,
) -> Any:
    """So many numbers at equal distances, computed as NumPy does: the end is hit exactly."""
    count = plain(num)
    if isinstance(count, Handle):
        refuse("how many numbers np.linspace makes must be known", "give num as a number")
    natural(count)
    first, last = map(as_float, meet(b, start, stop))
    gaps = count - 1 if endpoint else count
    step = (last - first) / _as_number(b, gaps, first.shape)
    shape = (count, *first.shape)
    numbers = as_float(counter(b, count))
    column = broadcast_to(reshaped(numbers, (count, *[1] * first.ndim)), shape)
    if count == 0:
        found = Handle(b, b.full(0.0, shape))
    elif gaps == 0:
        found = broadcast_to(first, shape)
    else:
        found = column * broadcast_to(step, shape) + broadcast_to(first, shape)
        if endpoint:
            found = write(b, found, -1, _end(b, gaps, first, last))
    found = moveaxis(cast(found, dtype), 0, axis)
    return (found, step) if retstep else found


def _end(b: Builder, gaps: Dimension, first: Handle, last: Handle) -> Handle:
    """The last number; without a gap the first one is the only one."""
    if isinstance(gaps, int):
        return last
    is_alone = broadcast_to(equal(as_float(line(b, gaps)), 0.0), first.shape)
    return where(is_alone, first, last)


def _as_number(b: Builder, length: Dimension, shape: Shape) -> Handle:
    """A length as floats; where it is 0 NumPy's step is NaN, that of a named one is not used."""
    if isinstance(length, Dim):
        return broadcast_to(maximum(as_float(line(b, length)), 1.0), shape)
    return Handle(b, b.full(float(length) if length > 0 else float("nan"), shape))


# --- grids -------------------------------------------------------------------------------------


@LOWERINGS.named("meshgrid")
def meshgrid(
    *xi: Array, _copy: Any = None, sparse: bool = False, indexing: str = "xy"
) -> tuple[Handle, ...]:
    """The coordinates of a grid, one array an axis."""
    if indexing not in ("xy", "ij"):
        refuse(f"indexing='{indexing}' is not known", "use indexing='xy' or indexing='ij'")
    lines = [atleast_1d(x) for x in xi]
    order = list(range(len(lines)))
    if indexing == "xy" and len(lines) > 1:
        order[:2] = [1, 0]
    found = []
    for x, axis in zip(lines, order, strict=True):
        shape: list[Dimension] = [1] * len(lines)
        shape[axis] = x.shape[0] if x.ndim == 1 else _too_many_axes(x)
        found.append(reshaped(x, tuple(shape)))
    if sparse:
        return tuple(found)
    by_axis = {axis: x.shape[axis] for x, axis in zip(found, order, strict=True)}
    full_shape = tuple(by_axis[axis] for axis in range(len(lines)))
    return tuple(broadcast_to(x, full_shape) for x in found)


def _too_many_axes(x: Handle) -> Dimension:
    raise ShapeError(f"a coordinate has {x.ndim} dimensions; it should have one")


@LOWERINGS.named("ix_")
def ix_(b: Builder, *args: Value) -> tuple[Handle, ...]:
    """Index arrays of a grid."""
    import numpy as np

    arrays = [concrete(b, x) for x in args]
    if any(x is None for x in arrays):
        refuse("np.ix_ needs indices that are known", "write x[i[:, None], j]")
    return tuple(constant(b, x) for x in np.ix_(*arrays))

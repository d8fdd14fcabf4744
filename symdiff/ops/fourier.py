"""Discrete Fourier transforms, and the cosine and sine transforms of SciPy.

The matrix of a Fourier transform is symmetric, so a transform is its own transpose, scaled as it
is itself: a cotangent goes back by one transform more, in O(n log n). A transform that is longer
than its argument adds zeros at its end, and its transpose cuts off there.

Source: M. Makhoul, A fast cosine transform in one and two dimensions, IEEE Transactions on
Acoustics, Speech, and Signal Processing 28 (1980) 27-34, for the transforms of cosines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import Dimension, Shape
from symdiff.ops.complex_numbers import conjugate, real
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import put, put_add, slice_of, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.operation import PROMOTED, REAL, Linear, Operation
from symdiff.ops.structural import Params

SWAPPED = {"backward": "forward", "forward": "backward", "ortho": "ortho"}

# --- shapes --------------------------------------------------------------------------------------


def _with_lengths(shape: Shape, lengths: Sequence[Dimension], axes: Sequence[int]) -> Shape:
    found = list(shape)
    for length, axis in zip(lengths, axes, strict=True):
        if length == 0:
            raise ShapeError("a Fourier transform of the length 0 is not defined")
        found[axis] = length
    return tuple(found)


def half(length: Dimension) -> int:
    """How many frequencies a transform of real numbers has.

    Raises:
        ShapeError: where the length is no number.
    """
    if not isinstance(length, int):
        raise ShapeError("a Fourier transform of real numbers needs a length that is a number")
    return length // 2 + 1


def _same_lengths(shapes: Sequence[Shape], params: Params) -> Shape:
    lengths, axes, _ = params
    return _with_lengths(shapes[0], lengths, axes)


def _half_lengths(shapes: Sequence[Shape], params: Params) -> Shape:
    lengths, axes, _ = params
    found = list(_with_lengths(shapes[0], lengths, axes))
    found[axes[-1]] = half(lengths[-1])
    return tuple(found)


def resized(x: Handle, lengths: Shape) -> Handle:
    """An array cut off, or with zeros at its end, along each axis that is to be of another length.

    Lengths that are compared are numbers, or equal.
    """
    for axis, length in enumerate(lengths):
        own = x.shape[axis]
        if own == length:
            continue
        if not isinstance(own, int) or not isinstance(length, int):
            raise ShapeError("a Fourier transform is cut off to a length that is no number")
        if own > length:
            x = sliced(x, axis, 0, length)
        else:
            missing = (*x.shape[:axis], length - own, *x.shape[axis + 1 :])
            x = concatenated([x, Handle(x.builder, x.builder.full(0.0, missing))], axis)
    return x


def _next_axes(record: str) -> Callable[..., Handle]:
    def batch(
        args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
    ) -> Handle:
        (x,), (lengths, axes, norm) = args, params
        moved = lengths, tuple(axis + 1 for axis in axes), norm
        return Handle(x.builder, x.builder.make(record, (x.at,), moved))

    return batch


# --- many digits ---------------------------------------------------------------------------------


def _along(mp: Any, x: Any, axis: int, matrix: Callable[[int, int], Any], length: int) -> Any:
    """The product of a matrix, given by its elements, with an array along an axis."""
    import numpy as np

    count = x.shape[axis]
    rows = [[matrix(k, j) for j in range(count)] for k in range(length)]
    table = np.empty((length, count), object)
    for k, row in enumerate(rows):
        table[k] = row
    found = np.tensordot(table, x, axes=(1, axis)) if count else np.zeros((length,), object)
    return np.moveaxis(found, 0, axis)


def _scale(mp: Any, norm: str, length: int, *, is_inverse: bool) -> Any:
    if norm == "ortho":
        return 1 / mp.sqrt(length)
    is_scaled = norm == ("backward" if is_inverse else "forward")
    return mp.mpf(1) / length if is_scaled else mp.mpf(1)


def _of_roots(roots: Sequence[Any]) -> Callable[[int, int], Any]:
    return lambda k, j: roots[k * j % len(roots)]


def _exact(*, is_inverse: bool) -> Callable[..., Any]:
    def formula(mp: Any, lengths: Sequence[int], axes: Sequence[int], norm: str, x: Any) -> Any:
        sign = 2 if is_inverse else -2
        for length, axis in zip(lengths, axes, strict=True):
            scale = _scale(mp, norm, length, is_inverse=is_inverse)
            roots = [scale * mp.expjpi(mp.mpf(sign * k) / length) for k in range(length)]
            kept = x.take(range(min(length, x.shape[axis])), axis)
            x = _along(mp, kept, axis, _of_roots(roots), length)
        return x

    return formula


def _exact_rfft(mp: Any, lengths: Sequence[int], axes: Sequence[int], norm: str, x: Any) -> Any:
    full = _exact(is_inverse=False)(mp, lengths, axes, norm, x)
    return full.take(range(half(lengths[-1])), axes[-1])


def _exact_irfft(mp: Any, lengths: Sequence[int], axes: Sequence[int], norm: str, x: Any) -> Any:
    import numpy as np

    *others, length = lengths
    *before, axis = axes
    x = _exact(is_inverse=True)(mp, others, before, norm, x)
    scale = _scale(mp, norm, length, is_inverse=True)
    count = min(half(length), x.shape[axis])
    kept = x.take(range(count), axis)

    def element(j: int, k: int) -> Any:
        weight = 1 if k == 0 or 2 * k == length else 2
        return weight * scale * mp.expjpi(mp.mpf(2 * (j * k % length)) / length)

    return np.frompyfunc(mp.re, 1, 1)(_along(mp, kept, axis, element, length))


# --- Fourier transforms --------------------------------------------------------------------------


def _own_transpose(record: str) -> Callable[..., tuple[Handle]]:
    """The transform of the cotangent, cut off to the argument's lengths."""

    def transpose(
        t: Handle, x: Handle, *, lengths: Shape, axes: tuple[int, ...], norm: str
    ) -> tuple[Handle]:
        back = t.builder.make(record, (t.at,), (lengths, axes, norm))
        return (resized(Handle(t.builder, back), x.shape),)

    return transpose


def _transform(name: str, doc: str, *, is_inverse: bool) -> Operation:
    return Operation(
        name,
        doc,
        1,
        Linear(_own_transpose(name)),
        exact=_exact(is_inverse=is_inverse),
        shape=_same_lengths,
        dtype=COMPLEX,
        batch=_next_axes(name),
        params=("lengths", "axes", "norm"),
        takes_complex=True,
    )


fft: Operation = _transform(
    "fft", "The discrete Fourier transform over axes, as NumPy scales it.", is_inverse=False
)
ifft: Operation = _transform(
    "ifft", "The inverse discrete Fourier transform over axes, as NumPy scales it.", is_inverse=True
)


def _rfft_transpose(
    t: Handle, x: Handle, *, lengths: Shape, axes: tuple[int, ...], norm: str
) -> tuple[Handle]:
    return (resized(real(fft(t, params=(lengths, axes, norm))), x.shape),)


rfft: Operation = Operation(
    "rfft",
    "The frequencies from 0 on of the Fourier transform of real numbers; the last axis is halved.",
    1,
    Linear(_rfft_transpose),
    exact=_exact_rfft,
    shape=_half_lengths,
    dtype=COMPLEX,
    batch=_next_axes("rfft"),
    params=("lengths", "axes", "norm"),
)


def _irfft_transpose(
    t: Handle, z: Handle, *, lengths: Shape, axes: tuple[int, ...], norm: str
) -> tuple[Handle]:
    """Each frequency between the ends counts twice: for itself and for the one below 0."""
    found = conjugate(rfft(t, params=(lengths, axes, SWAPPED[norm])))
    axis, length = axes[-1], lengths[-1]
    assert isinstance(length, int)  # as `half` says
    between = (length - 1) // 2
    if between:
        inner = sliced(found, axis, 1, between)
        found = put_add(found, inner, params=(slice_of(found.shape, axis, 1, between),))
    return (resized(found, z.shape),)


def _real_lengths(shapes: Sequence[Shape], params: Params) -> Shape:
    _half_lengths(shapes, params)
    return _same_lengths(shapes, params)


irfft: Operation = Operation(
    "irfft",
    "The real numbers of whose Fourier transform the frequencies from 0 on are given.",
    1,
    Linear(_irfft_transpose),
    exact=_exact_irfft,
    shape=_real_lengths,
    dtype=REAL,
    batch=_next_axes("irfft"),
    params=("lengths", "axes", "norm"),
    analytic=False,
    takes_complex=True,
)

# --- cosine and sine transforms ------------------------------------------------------------------

TYPES = (1, 2, 3, 4)


def _scaled_at(x: Handle, axis: int, places: Sequence[int], factor: float) -> Handle:
    """An array with a factor at some places of an axis."""
    for place in places:
        pattern = slice_of(x.shape, axis, place, 1)
        x = put(x, factor * sliced(x, axis, place, 1), params=(pattern,))
    return x


def _trigonometric_transpose(
    t: Handle, record: str, ends: Sequence[int], params: tuple[int, int, str, bool]
) -> Handle:
    """The transpose: types 2 and 3 are each other's, up to the element at the end of a sum."""
    kind, axis, norm, is_orthogonal = params
    other = {2: 3, 3: 2}.get(kind, kind)
    doubled = ends if kind in (1, 2) and not is_orthogonal else ()
    halved = ends if kind in (1, 3) and not is_orthogonal else ()
    t = _scaled_at(t, axis, doubled, 2.0)
    back = t.builder.make(record, (t.at,), (other, axis, norm, is_orthogonal))
    return _scaled_at(Handle(t.builder, back), axis, halved, 0.5)


def _dct_transpose(
    t: Handle, x: Handle, *, type: int, axis: int, norm: str, is_orthogonal: bool
) -> tuple[Handle]:
    last = x.shape[axis]
    assert isinstance(last, int)  # as the shape rule says
    ends = (0, last - 1) if type == 1 else (0,)
    return (_trigonometric_transpose(t, "dct", ends, (type, axis, norm, is_orthogonal)),)


def _dst_transpose(
    t: Handle, x: Handle, *, type: int, axis: int, norm: str, is_orthogonal: bool
) -> tuple[Handle]:
    last = x.shape[axis]
    assert isinstance(last, int)
    ends = () if type == 1 else (last - 1,)
    return (_trigonometric_transpose(t, "dst", ends, (type, axis, norm, is_orthogonal)),)


def _trigonometric_shape(least: int) -> Callable[..., Shape]:
    """The shape of the argument; type 1 of cosines needs two elements."""

    def shape_of(shapes: Sequence[Shape], params: Params) -> Shape:
        kind, axis = params[:2]
        length = shapes[0][axis]
        if not isinstance(length, int):
            raise ShapeError("a cosine or sine transform needs a length that is a number")
        if length < (least if kind == 1 else 1):
            raise ShapeError(f"a transform of type {kind} of the length {length} is not defined")
        return shapes[0]

    return shape_of


def _dct_element(mp: Any, kind: int, length: int, k: int, n: int) -> Any:
    """The elements of SciPy's matrices without a scale."""
    if kind == 1:
        weight = 1 if n in (0, length - 1) else 2
        return weight * mp.cospi(mp.mpf(k * n) / (length - 1))
    if kind == 2:
        return 2 * mp.cospi(mp.mpf(k * (2 * n + 1)) / (2 * length))
    if kind == 3:
        return (2 if n else 1) * mp.cospi(mp.mpf((2 * k + 1) * n) / (2 * length))
    return 2 * mp.cospi(mp.mpf((2 * k + 1) * (2 * n + 1)) / (4 * length))


def _dst_element(mp: Any, kind: int, length: int, k: int, n: int) -> Any:
    if kind == 1:
        return 2 * mp.sinpi(mp.mpf((k + 1) * (n + 1)) / (length + 1))
    if kind == 2:
        return 2 * mp.sinpi(mp.mpf((k + 1) * (2 * n + 1)) / (2 * length))
    if kind == 3:
        weight = 1 if n == length - 1 else 2
        return weight * mp.sinpi(mp.mpf((2 * k + 1) * (n + 1)) / (2 * length))
    return 2 * mp.sinpi(mp.mpf((2 * k + 1) * (2 * n + 1)) / (4 * length))


def _exact_trigonometric(
    element: Callable[..., Any],
    offset: int,
    first: bool,  # noqa: FBT001  of cosines
) -> Callable[..., Any]:
    def formula(mp: Any, kind: int, axis: int, norm: str, is_orthogonal: bool, x: Any) -> Any:  # noqa: FBT001
        length = x.shape[axis]
        period = mp.mpf(2 * (length + (offset if kind == 1 else 0)))
        scales = {"backward": mp.mpf(1), "ortho": 1 / mp.sqrt(period), "forward": 1 / period}
        end = 0 if first else length - 1
        ends = (0, length - 1) if first and kind == 1 else () if kind in (1, 4) else (end,)

        def scaled(k: int, n: int) -> Any:
            value = scales[norm] * element(mp, kind, length, k, n)
            if is_orthogonal and kind in (1, 2) and k in ends:
                value /= mp.sqrt(2)
            if is_orthogonal and kind in (1, 3) and n in ends:
                value *= mp.sqrt(2)
            return value

        return _along(mp, x, axis, scaled, length)

    return formula


def _next_axis(record: str) -> Callable[..., Handle]:
    def batch(
        args: Sequence[Handle], batched: Sequence[bool], params: Params, length: Dimension
    ) -> Handle:
        (x,), (kind, axis, *rest) = args, params
        made = x.builder.make(record, (x.at,), (kind, axis + 1, *rest))
        return Handle(x.builder, made)

    return batch


_OF_TRIGONOMETRIC = ("type", "axis", "norm", "is_orthogonal")

dct: Operation = Operation(
    "dct",
    "The discrete cosine transform along an axis, as SciPy scales it.",
    1,
    Linear(_dct_transpose),
    exact=_exact_trigonometric(_dct_element, -1, first=True),
    shape=_trigonometric_shape(2),
    dtype=PROMOTED,
    batch=_next_axis("dct"),
    params=_OF_TRIGONOMETRIC,
    takes_complex=True,
)

dst: Operation = Operation(
    "dst",
    "The discrete sine transform along an axis, as SciPy scales it.",
    1,
    Linear(_dst_transpose),
    exact=_exact_trigonometric(_dst_element, 1, first=False),
    shape=_trigonometric_shape(1),
    dtype=PROMOTED,
    batch=_next_axis("dst"),
    params=_OF_TRIGONOMETRIC,
    takes_complex=True,
)

"""Fourier transforms: `numpy.fft`, and `scipy.fft` with its cosine and sine transforms."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.frontend.lowering.base import Array, Floats, as_float, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import Dim, Dimension, normal_axis
from symdiff.ops import fourier
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugate
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Operation

_BOTH = ("fft.{}", "scipy.fft.{}")
_SCIPY = "scipy.fft."
_NORMS = (None, "backward", "ortho", "forward")


def _named(name: str) -> Callable[[Any], Any]:
    """A function that NumPy and SciPy have."""
    return LOWERINGS.named(*[text.format(name) for text in _BOTH])


def _norm(norm: Any) -> str:
    if norm not in _NORMS:
        refuse(f"norm={norm!r} of a Fourier transform", 'write "backward", "ortho" or "forward"')
    return norm or "backward"


def _length(n: Any, otherwise: Dimension) -> Dimension:
    """The length of a transform along an axis, at least 1."""
    found = otherwise if n is None else n
    if not isinstance(found, Dim):
        if not hasattr(found, "__index__"):
            refuse(f"{found!r} is no length of a Fourier transform", "give a whole number")
        found = operator.index(found)
        if found < 1:
            refuse(f"a Fourier transform of the length {found} is not defined", "use at least 1")
    return found


def _axes(x: Handle, s: Any, axes: Any) -> tuple[int, ...]:
    """The axes of a transform over several."""
    if axes is None:
        count = x.ndim if s is None else len(s)
        axes = range(x.ndim - count, x.ndim)
    found = tuple(normal_axis(int(axis), x.ndim) for axis in axes)
    if len({*found}) < len(found):
        refuse("a Fourier transform twice over one axis is not supported", "transform twice")
    return found


def _lengths(s: Any, axes: Sequence[int]) -> tuple[Any, ...]:
    """What is given of the lengths, `None` where nothing is."""
    if s is None:
        return (None,) * len(axes)
    if len(s) != len(axes):
        refuse("s and axes of a Fourier transform differ in length", "give a length for each axis")
    return tuple(None if n in (None, -1) else n for n in s)


def _transformed(record: Operation, x: Handle, s: Any, axes: Sequence[int], norm: Any) -> Handle:
    """A transform of complex numbers."""
    if not axes:
        return x
    given = _lengths(s, axes)
    lengths = tuple(_length(n, x.shape[axis]) for n, axis in zip(given, axes, strict=True))
    return record(x, params=(lengths, tuple(axes), _norm(norm)))


def _half(x: Handle, s: Any, axes: Sequence[int], norm: Any, name: str) -> Handle:
    """A transform of real numbers."""
    if x.dtype == COMPLEX:
        refuse(f"{name} takes real numbers", f"write {name.replace('rfft', 'fft')}")
    given = _lengths(s, axes)
    lengths = [_length(n, x.shape[axis]) for n, axis in zip(given, axes, strict=True)]
    lengths[-1] = whole_number(lengths[-1], name)
    return fourier.rfft(x, params=(tuple(lengths), tuple(axes), _norm(norm)))


def _whole(x: Handle, s: Any, axes: Sequence[int], norm: Any, name: str) -> Handle:
    """The transform that gives real numbers."""
    given = _lengths(s, axes)
    *others, last = zip(given, axes, strict=True)
    lengths = [_length(n, x.shape[axis]) for n, axis in others]
    count = whole_number(x.shape[last[1]], name)
    lengths.append(whole_number(_length(last[0], 2 * (count - 1)), name))
    return fourier.irfft(x, params=(tuple(lengths), tuple(axes), _norm(norm)))


def _mirrored(x: Handle, s: Any, axes: Sequence[int], norm: Any, name: str) -> Handle:
    """The transform of what is its own mirror image, conjugated: real numbers."""
    return _whole(conjugate(x), s, axes, fourier.SWAPPED[_norm(norm)], name)


def _mirror(x: Handle, s: Any, axes: Sequence[int], norm: Any, name: str) -> Handle:
    """The inverse of that."""
    return conjugate(_half(x, s, axes, fourier.SWAPPED[_norm(norm)], name))


def _of(record: Operation) -> Callable[..., Handle]:
    return lambda x, s, axes, norm, _name: _transformed(record, x, s, axes, norm)


_MAKERS: Sequence[tuple[str, Callable[..., Handle], str]] = (
    ("fft", _of(fourier.fft), "The discrete Fourier transform."),
    ("ifft", _of(fourier.ifft), "The inverse of the discrete Fourier transform."),
    ("rfft", _half, "The frequencies from 0 on of the Fourier transform of real numbers."),
    ("irfft", _whole, "The inverse of `rfft`."),
    ("hfft", _mirrored, "The Fourier transform of what is its own mirror image: real numbers."),
    ("ihfft", _mirror, "The inverse of `hfft`."),
)
_ONE_AXIS_ONLY = (_mirrored, _mirror)  # in NumPy


def _along_one(make: Callable[..., Handle], name: str, doc: str) -> Callable[..., Handle]:
    def lowering(
        a: Floats,
        n: Any = None,
        axis: Any = -1,
        norm: Any = None,
        _overwrite_x: Any = None,
        _workers: Any = None,
    ) -> Handle:
        at = normal_axis(int(axis), a.ndim)
        length = None if n is None else _length(n, a.shape[at])  # -1 is none here
        return make(a, (length,), (at,), norm, name)

    lowering.__doc__ = doc
    return lowering


def _over_axes(make: Callable[..., Handle], name: str, default: Any) -> Callable[..., Handle]:
    def lowering(
        a: Floats,
        s: Any = None,
        axes: Any = default,
        norm: Any = None,
        _overwrite_x: Any = None,
        _workers: Any = None,
    ) -> Handle:
        return make(a, s, _axes(a, s, axes), norm, name)

    lowering.__doc__ = f"As `{name[:-1]}`, over several axes."
    return lowering


for _name, _make, _doc in _MAKERS:
    _named(_name)(_along_one(_make, _name, _doc))
    for _end, _default in (("2", (-2, -1)), ("n", None)):
        if _make not in _ONE_AXIS_ONLY:
            _named(_name + _end)(_over_axes(_make, _name + _end, _default))


# --- frequencies, and where they stand -----------------------------------------------------------


def _shifted(b: Builder, x: Handle, axes: Any, *, back: bool) -> Handle:
    found = range(x.ndim) if axes is None else [axes] if isinstance(axes, int) else list(axes)
    places = [normal_axis(int(axis), x.ndim) for axis in found]
    for axis in places:
        length = whole_number(x.shape[axis], "fftshift")
        x = LOWERINGS["roll"](b, x, -(length // 2) if back else length // 2, axis)
    return x


@_named("fftshift")
def fftshift(b: Builder, x: Array, axes: Any = None) -> Handle:
    """The frequency 0 in the middle."""
    return _shifted(b, x, axes, back=False)


@_named("ifftshift")
def ifftshift(b: Builder, x: Array, axes: Any = None) -> Handle:
    """The frequency 0 at the start again."""
    return _shifted(b, x, axes, back=True)


@_named("fftfreq")
def fftfreq(b: Builder, n: Any, d: Array = 1.0, _device: Any = None) -> Handle:  # type: ignore[assignment]  # NumPy's
    """The frequencies of `fft`, of a spacing that is not known yet."""
    return _frequencies(b, n, d, "fftfreq")


@_named("rfftfreq")
def rfftfreq(b: Builder, n: Any, d: Array = 1.0, _device: Any = None) -> Handle:  # type: ignore[assignment]
    """The frequencies of `rfft`, of a spacing that is not known yet."""
    return _frequencies(b, n, d, "rfftfreq")


def _frequencies(b: Builder, n: Any, d: Handle, name: str) -> Handle:
    import numpy as np

    length = whole_number(n, name)
    wholes = np.rint(getattr(np.fft, name)(length) * length).astype(np.int64)
    found: Handle = LOWERINGS["divide"](b, wholes, as_float(d) * float(length))
    return found


# --- cosine and sine transforms ------------------------------------------------------------------


def _trigonometric(
    record: Operation, x: Handle, kind: Any, n: Any, axis: Any, norm: Any, orthogonalize: Any
) -> Handle:
    name = f"scipy.fft.{record.name}"
    if kind not in fourier.TYPES:
        refuse(f"{name} of the type {kind!r} is not defined", "the types are 1, 2, 3 and 4")
    at = normal_axis(int(axis), x.ndim)
    own = whole_number(x.shape[at], name)
    length = whole_number(_length(n, own), name)
    shape = (*x.shape[:at], length, *x.shape[at + 1 :])
    norm = _norm(norm)
    is_orthogonal = norm == "ortho" if orthogonalize is None else bool(orthogonalize)
    if x.dtype == COMPLEX and is_orthogonal != (norm == "ortho"):
        refuse(
            f"orthogonalize of {name} counts for real numbers alone, in SciPy too",
            "transform the real and the imaginary part",
        )
    return record(fourier.resized(x, shape), params=(int(kind), at, norm, is_orthogonal))


def _scaled_as(record: Operation, *, is_inverse: bool) -> Callable[..., Handle]:
    """A transform; the inverse of type 2 is type 3, scaled the other way round."""

    def lowering(
        x: Floats,
        type: Any = 2,
        n: Any = None,
        axis: Any = -1,
        norm: Any = None,
        _overwrite_x: Any = None,
        _workers: Any = None,
        orthogonalize: Any = None,
    ) -> Handle:
        kind = {2: 3, 3: 2}.get(type, type) if is_inverse else type
        given = fourier.SWAPPED[_norm(norm)] if is_inverse else norm
        return _trigonometric(record, x, kind, n, axis, given, orthogonalize)

    lowering.__doc__ = f"The inverse of `{record.name}`." if is_inverse else record.doc
    return lowering


def _over_several(along: Callable[..., Handle], name: str) -> Callable[..., Handle]:
    """A transform along one axis after the other."""

    def lowering(
        x: Floats,
        type: Any = 2,
        s: Any = None,
        axes: Any = None,
        norm: Any = None,
        _overwrite_x: Any = None,
        _workers: Any = None,
        *,
        orthogonalize: Any = None,
    ) -> Handle:
        s = (s,) if isinstance(s, int) else s
        every = _axes(x, s, (axes,) if isinstance(axes, int) else axes)
        for axis, n in zip(every, _lengths(s, every), strict=True):
            x = along(x, type, n, axis, norm, orthogonalize=orthogonalize)
        return x

    lowering.__doc__ = f"`{name}` along several axes."
    return lowering


for _record in (fourier.dct, fourier.dst):
    for _name, _inverse in ((_record.name, False), (f"i{_record.name}", True)):
        _scaled = _scaled_as(_record, is_inverse=_inverse)
        LOWERINGS.named(f"{_SCIPY}{_name}")(_scaled)
        LOWERINGS.named(f"{_SCIPY}{_name}n")(_over_several(_scaled, _name))

LOWERINGS.refuse(
    {
        f"{_SCIPY}{name}": "conjugate and use scipy.fft.rfftn or irfftn"
        for name in ("hfft2", "ihfft2", "hfftn", "ihfftn")
    }
    | {f"{_SCIPY}{name}": None for name in ("fht", "ifht")}
)

"""SciPy's convolutions and correlations of signals and images, under `scipy.signal.NAME`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from symdiff.frontend.lowering.base import Floats, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import conjugated
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced

_PREFIX = "scipy.signal."
_MOST_TAPS = 400  # weights of a kernel of several axes: a line of the graph each
_BOUNDARIES = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}  # NumPy's names

named = LOWERINGS.named


def _lengths(x: Handle, name: str) -> list[int]:
    return [whole_number(n, name) for n in x.shape]


def _shifted(b: Builder, padded: Handle, kernel: Handle, name: str) -> Handle:
    """The sum of shifted parts of what is padded, one for each weight of a kernel, turned."""
    counts = _lengths(kernel, name)
    places = list(itertools.product(*[range(count) for count in counts]))
    if len(places) > _MOST_TAPS:
        refuse(f"a kernel of {len(places)} weights is not supported", f"{_MOST_TAPS} are the most")
    shape = [n - k + 1 for n, k in zip(_lengths(padded, name), counts, strict=True)]
    result: Handle | None = None
    for place in places:
        part, weight = padded, kernel
        for axis, (start, count) in enumerate(zip(place, counts, strict=True)):
            part = sliced(part, axis, start, shape[axis])
            weight = sliced(weight, axis, count - 1 - start, 1)
        term = of_numpy(b, "multiply", part, of_numpy(b, "reshape", weight, ()))
        result = term if result is None else result + term
    assert result is not None
    return result


def _padded(b: Builder, x: Handle, widths: Sequence[tuple[int, int]], **keywords: Any) -> Handle:
    mode = keywords.pop("mode", "constant")
    return of_numpy(b, "pad", x, list(widths), mode, **keywords)


def _full(b: Builder, first: Handle, second: Handle, name: str) -> Handle:
    """The whole convolution of two arrays of as many axes."""
    if first.ndim == 1:
        return of_numpy(b, "convolve", first, second)
    sizes = [_lengths(x, name) for x in (first, second)]
    if _product(sizes[0]) < _product(sizes[1]):
        first, second, sizes = second, first, sizes[::-1]
    return _shifted(b, _padded(b, first, [(k - 1, k - 1) for k in sizes[1]]), second, name)


def _product(lengths: Sequence[int]) -> int:
    product = 1
    for length in lengths:
        product *= length
    return product


def _convolved(b: Builder, name: str, first: Handle, second: Handle, mode: Any) -> Handle:
    """The convolution of two arrays, of which SciPy's modes keep a part."""
    if first.ndim != second.ndim or not first.ndim:
        refuse(f"scipy.signal.{name} takes two arrays of as many axes", "reshape one of them")
    if mode not in ("full", "same", "valid"):
        refuse(f"the mode '{mode}' of {name} is not known", "full, same and valid are")
    found = _full(b, first, second, name)
    if mode == "full":
        return found
    pairs = list(zip(_lengths(first, name), _lengths(second, name), strict=True))
    if mode == "valid" and {m < n for m, n in pairs if m != n} == {True, False}:
        refuse(f"{name} with mode='valid' takes one array that is longer along every axis")
    for axis, (m, n) in enumerate(pairs):
        if mode == "same":
            found = sliced(found, axis, (n - 1) // 2, m)
        else:
            found = sliced(found, axis, min(m, n) - 1, abs(m - n) + 1)
    return found


def _flipped(b: Builder, x: Handle) -> Handle:
    return conjugated(of_numpy(b, "flip", x))


@named(_PREFIX + "convolve")
def convolve(
    b: Builder, in1: Floats, in2: Floats, mode: Any = "full", _method: Any = "auto"
) -> Handle:
    """The convolution of two arrays, by its sum."""
    return _convolved(b, "convolve", in1, in2, mode)


@named(_PREFIX + "fftconvolve", _PREFIX + "oaconvolve")
def fftconvolve(
    b: Builder, in1: Floats, in2: Floats, mode: Any = "full", axes: Any = None
) -> Handle:
    """The convolution of two arrays, by its sum."""
    if axes is not None and in1.ndim > 1:
        refuse("fftconvolve with axes= is not supported", "loop over the other axes")
    return _convolved(b, "fftconvolve", in1, in2, mode)


@named(_PREFIX + "correlate")
def correlate(
    b: Builder, in1: Floats, in2: Floats, mode: Any = "full", _method: Any = "auto"
) -> Handle:
    """The cross-correlation of two arrays, by its sum."""
    return _convolved(b, "correlate", in1, _flipped(b, in2), mode)


def _of_images(
    b: Builder, name: str, first: Handle, second: Handle, mode: Any, edges: tuple[Any, Any]
) -> Handle:
    """The convolution of two images, with what lies beyond the edges of the first."""
    boundary, fill = edges
    if first.ndim != 2 or second.ndim != 2:
        refuse(f"{name} takes two matrices")
    if boundary not in _BOUNDARIES:
        refuse(f"the boundary '{boundary}' of {name} is not known", "fill, wrap and symm are")
    is_plain = boundary == "fill" and not isinstance(fill, Handle) and fill == 0
    if is_plain or mode == "valid":
        return _convolved(b, name, first, second, mode)
    if mode not in ("full", "same"):
        refuse(f"the mode '{mode}' of {name} is not known", "full, same and valid are")
    lengths, counts = _lengths(first, name), _lengths(second, name)
    keywords = {"constant_values": fill} if boundary == "fill" else {}
    widths = [(k - 1, k - 1) for k in counts]
    padded = _padded(b, first, widths, mode=_BOUNDARIES[boundary], **keywords)
    found = _shifted(b, padded, second, name)
    if mode == "same":
        for axis, (m, k) in enumerate(zip(lengths, counts, strict=True)):
            found = sliced(found, axis, (k - 1) // 2, m)
    return found


@named(_PREFIX + "convolve2d")
def convolve2d(
    b: Builder,
    in1: Floats,
    in2: Floats,
    mode: Any = "full",
    boundary: Any = "fill",
    fillvalue: Any = 0,
) -> Handle:
    """The convolution of two images."""
    return _of_images(b, "convolve2d", in1, in2, mode, (boundary, fillvalue))


@named(_PREFIX + "correlate2d")
def correlate2d(
    b: Builder,
    in1: Floats,
    in2: Floats,
    mode: Any = "full",
    boundary: Any = "fill",
    fillvalue: Any = 0,
) -> Handle:
    """The cross-correlation of two images."""
    if mode == "same" and any(n % 2 == 0 for n in _lengths(in2, "correlate2d")):
        refuse("correlate2d with mode='same' and a kernel of even length is not supported")
    return _of_images(b, "correlate2d", in1, _flipped(b, in2), mode, (boundary, fillvalue))

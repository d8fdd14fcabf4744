"""SciPy's filters of `scipy.ndimage`: sums of shifted arrays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from symdiff.frontend.lowering.base import Floats, line, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.shape import normal_axes
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced

IMAGE = "scipy.ndimage."

# NumPy's names for what lies beyond the edges
_MODES = {
    "reflect": "symmetric",
    "grid-mirror": "symmetric",
    "mirror": "reflect",
    "nearest": "edge",
    "wrap": "wrap",
    "grid-wrap": "wrap",
    "constant": "constant",
    "grid-constant": "constant",
}
_MOST_TAPS = 400  # weights of a filter: a line of the graph each


# --- images --------------------------------------------------------------------------------------


def _correlated(
    b: Builder,
    x: Handle,
    weights: Handle,
    origins: Sequence[int],
    mode: Any,
    cval: Any,
) -> Handle:
    """The sum of shifted copies of what is padded, one a weight."""
    if x.ndim != weights.ndim:
        refuse("the weights of a filter have as many axes as what is filtered")
    lengths = [whole_number(n, "a filter") for n in x.shape]
    counts = [whole_number(n, "a filter") for n in weights.shape]
    if mode not in _MODES:
        refuse(f"the mode '{mode}' of a filter is not known", "reflect, nearest and wrap are")
    widths = []
    for count, origin in zip(counts, origins, strict=True):
        before = count // 2 + origin
        widths.append((before, count - 1 - before))
    if any(min(width) < 0 for width in widths):
        refuse("an origin outside of the weights is not supported")
    total = 1
    for count in counts:
        total *= count
    if total > _MOST_TAPS:
        refuse(f"a filter of {total} weights is not supported", f"{_MOST_TAPS} are the most")
    keywords = {"constant_values": cval} if _MODES[mode] == "constant" else {}
    padded = of_numpy(b, "pad", x, widths, _MODES[mode], **keywords)
    result = None
    for place in itertools.product(*[range(count) for count in counts]):
        part, weight = padded, weights
        for axis, (start, length) in enumerate(zip(place, lengths, strict=True)):
            part = sliced(part, axis, start, length)
            weight = sliced(weight, axis, start, 1)
        term = of_numpy(b, "multiply", part, of_numpy(b, "reshape", weight, ()))
        result = term if result is None else result + term
    assert result is not None
    return result


def plain(name: str, output: Any) -> None:
    """Refuse a filter that writes into an array."""
    if output is not None:
        refuse(f"{name} with output= is not supported", "leave it out")


def _along(b: Builder, x: Handle, weights: Handle, axis: Any, rest: tuple[Any, ...]) -> Handle:
    """Weights along one axis: of length 1 along the others."""
    (at,) = normal_axes(axis, x.ndim)
    mode, cval, origin = rest
    if weights.ndim != 1:
        refuse("the weights along an axis have one axis")
    shape = tuple(-1 if k == at else 1 for k in range(x.ndim))
    origins = [origin if k == at else 0 for k in range(x.ndim)]
    return _correlated(b, x, of_numpy(b, "reshape", weights, shape), origins, mode, cval)


def _turned_origin(origin: int, count: Any) -> int:
    """The origin of a convolution as that of the correlation with turned weights."""
    return -origin - (0 if whole_number(count, "a filter") % 2 else 1)


@LOWERINGS.named(IMAGE + "correlate1d")
def correlate1d(
    b: Builder,
    input: Floats,  # SciPy's name, as all that follow
    weights: Floats,
    axis: Any = -1,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Handle:
    """A correlation along an axis."""
    plain("correlate1d", output)
    return _along(b, input, weights, axis, (mode, cval, origin))


@LOWERINGS.named(IMAGE + "convolve1d")
def convolve1d(
    b: Builder,
    input: Floats,
    weights: Floats,
    axis: Any = -1,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Handle:
    """A convolution along an axis."""
    plain("convolve1d", output)
    turned = _turned_origin(origin, weights.shape[0])
    return _along(b, input, of_numpy(b, "flip", weights), axis, (mode, cval, turned))


@LOWERINGS.named(IMAGE + "correlate")
def correlate_image(
    b: Builder,
    input: Floats,
    weights: Floats,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Handle:
    """A correlation over all axes."""
    plain("correlate", output)
    origins = [origin] * input.ndim if isinstance(origin, int) else [*origin]
    return _correlated(b, input, weights, origins, mode, cval)


@LOWERINGS.named(IMAGE + "convolve")
def convolve_image(
    b: Builder,
    input: Floats,
    weights: Floats,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Handle:
    """A convolution over all axes."""
    plain("convolve", output)
    origins = [origin] * input.ndim if isinstance(origin, int) else [*origin]
    pairs = zip(origins, weights.shape, strict=True)
    turned = [_turned_origin(own, count) for own, count in pairs]
    return _correlated(b, input, of_numpy(b, "flip", weights), turned, mode, cval)


def _bell(sigma: Any, truncate: Any, radius: Any, order: int) -> Any:
    """The weights of a Gaussian filter, which sum to 1, or of a derivative of it, turned."""
    import numpy as np

    if isinstance(sigma, Handle) or not np.isscalar(sigma):
        refuse("the width of a Gaussian filter must be a known number", "give sigma as a number")
    width = float(np.asarray(sigma, float))
    reach = int(truncate * width + 0.5) if radius is None else int(radius)
    weights = np.exp(-0.5 / (width * width) * np.arange(-reach, reach + 1) ** 2)
    # a derivative is the Gaussian times a polynomial q: the next one is q' - q*x/width**2
    factor = np.polynomial.Polynomial([1.0])
    for _ in range(order):
        factor = factor.deriv() - factor * np.polynomial.Polynomial([0.0, 1.0 / (width * width)])
    return (factor(np.arange(-reach, reach + 1.0)) * weights / weights.sum())[::-1]


@LOWERINGS.named(IMAGE + "gaussian_filter1d")
def gaussian_filter1d(
    b: Builder,
    input: Floats,
    sigma: Any,
    axis: Any = -1,
    order: Any = 0,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    truncate: Any = 4.0,
    *,
    radius: Any = None,
) -> Handle:
    """A Gaussian filter of a known width along an axis."""
    plain("gaussian_filter1d", output)
    if not isinstance(order, int) or order < 0:
        refuse("the order of a Gaussian filter is a whole number, 0 or more")
    weights = line(b, _bell(sigma, truncate, radius, order))
    return _along(b, input, weights, axis, (mode, cval, 0))


@LOWERINGS.named(IMAGE + "gaussian_filter")
def gaussian_filter(
    b: Builder,
    input: Floats,
    sigma: Any,
    order: Any = 0,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    truncate: Any = 4.0,
    *,
    radius: Any = None,
    axes: Any = None,
) -> Handle:
    """A Gaussian filter of known widths along every axis."""
    if axes is not None:
        refuse("gaussian_filter of an axis of its own is not supported", "use gaussian_filter1d")
    given = [
        each if isinstance(each, (tuple, list)) else [each] * input.ndim
        for each in (sigma, order, mode, radius)
    ]
    result = input
    for axis, (width, own, edge, reach) in enumerate(zip(*given, strict=True)):
        if isinstance(width, Handle) or width > 1e-15:
            result = gaussian_filter1d(
                b, result, width, axis, own, output, edge, cval, truncate, radius=reach
            )
    return result


@LOWERINGS.named(IMAGE + "uniform_filter1d")
def uniform_filter1d(
    b: Builder,
    input: Floats,
    size: Any,
    axis: Any = -1,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Handle:
    """The mean of neighbours along an axis."""
    import numpy as np

    plain("uniform_filter1d", output)
    weights = line(b, np.full(int(size), 1.0 / int(size)))
    return _along(b, input, weights, axis, (mode, cval, origin))


@LOWERINGS.named(IMAGE + "center_of_mass")
def center_of_mass(
    b: Builder, input: Floats, labels: Any = None, index: Any = None
) -> tuple[Handle, ...]:
    """The mean of the places of elements, weighted with them: a number for each axis."""
    if labels is not None or index is not None:
        refuse("center_of_mass of labels is not supported", "write it for x*(labels == k)")
    total = of_numpy(b, "sum", input)
    found = []
    for axis, length in enumerate(input.shape):
        others = tuple([n for n in range(input.ndim) if n != axis])
        along = of_numpy(b, "sum", input, others)
        found.append(of_numpy(b, "dot", along, of_numpy(b, "arange", length)) / total)
    return tuple(found)

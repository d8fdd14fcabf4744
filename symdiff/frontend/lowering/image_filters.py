"""SciPy's filters of images that are made of others: means, slopes, curvatures, places in between.

Sources: scipy.ndimage's reference, for what lies beyond the edges and in which order axes come.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

from symdiff.frontend.lowering.base import Floats, line, refuse, whole_number
from symdiff.frontend.lowering.images import (
    IMAGE,
    correlate1d,
    gaussian_filter,
    plain,
    uniform_filter1d,
)
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.shape import normal_axes
from symdiff.ops.builder import Builder
from symdiff.ops.exponential import sqrt
from symdiff.ops.handle import Handle


def _of_axes(given: Any, axes: tuple[int, ...], name: str) -> list[Any]:
    """One for each axis, of one for all or a sequence."""
    found = [*given] if isinstance(given, (tuple, list)) else [given] * len(axes)
    if len(found) != len(axes):
        refuse(f"{name} is given {len(found)} values for {len(axes)} axes")
    return found


def _slope(name: str, across: list[float]) -> None:
    """Enter a filter of differences along an axis, and of sums along the others."""

    @LOWERINGS.named(IMAGE + name)
    def lowering(
        b: Builder,
        input: Floats,
        axis: Any = -1,
        output: Any = None,
        mode: Any = "reflect",
        cval: Any = 0.0,
    ) -> Handle:
        plain(name, output)
        (along,) = normal_axes(axis, input.ndim)
        every = tuple(range(input.ndim))
        modes = _of_axes(mode, every, name)
        found = correlate1d(b, input, line(b, [-1.0, 0.0, 1.0]), along, None, modes[along], cval)
        for other in every:
            if other != along:
                found = correlate1d(b, found, line(b, across), other, None, modes[other], cval)
        return found

    lowering.__doc__ = f"The filter of {name.capitalize()}: a slope along an axis."


_slope("sobel", [1.0, 2.0, 1.0])
_slope("prewitt", [1.0, 1.0, 1.0])


@LOWERINGS.named(IMAGE + "laplace")
def laplace(
    b: Builder,
    input: Floats,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    *,
    axes: Any = None,
) -> Handle:
    """The sum of second differences along axes."""
    plain("laplace", output)
    along = normal_axes(axes, input.ndim)
    weights = line(b, [1.0, -2.0, 1.0])
    parts = [
        correlate1d(b, input, weights, axis, None, own, cval)
        for axis, own in zip(along, _of_axes(mode, along, "laplace"), strict=True)
    ]
    return functools.reduce(operator.add, parts)


def _bells(b: Builder, input: Handle, sigma: Any, order: int, rest: Any) -> list[Handle]:
    """For each axis, a Gaussian filter that is differentiated along it."""
    every = range(input.ndim)
    return [
        gaussian_filter(b, input, sigma, [order if k == axis else 0 for k in every], None, **rest)
        for axis in every
    ]


@LOWERINGS.named(IMAGE + "gaussian_laplace")
def gaussian_laplace(
    b: Builder,
    input: Floats,
    sigma: Any,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    **options: Any,
) -> Handle:
    """The sum of second derivatives after a Gaussian filter."""
    plain("gaussian_laplace", output)
    found = _bells(b, input, sigma, 2, {"mode": mode, "cval": cval, **options})
    return functools.reduce(operator.add, found)


@LOWERINGS.named(IMAGE + "gaussian_gradient_magnitude")
def gaussian_gradient_magnitude(
    b: Builder,
    input: Floats,
    sigma: Any,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    **options: Any,
) -> Handle:
    """The length of the gradient after a Gaussian filter."""
    plain("gaussian_gradient_magnitude", output)
    found = _bells(b, input, sigma, 1, {"mode": mode, "cval": cval, **options})
    return sqrt(functools.reduce(operator.add, [slope * slope for slope in found]))


@LOWERINGS.named(IMAGE + "uniform_filter")
def uniform_filter(
    b: Builder,
    input: Floats,
    size: Any = 3,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
) -> Handle:
    """The mean of neighbours along axes."""
    plain("uniform_filter", output)
    along = normal_axes(axes, input.ndim)
    given = [_of_axes(each, along, "uniform_filter") for each in (size, mode, origin)]
    found = input
    for axis, length, own, place in zip(along, *given, strict=True):
        if int(length) > 1:
            found = uniform_filter1d(b, found, length, axis, None, own, cval, place)
    return found


@LOWERINGS.named(IMAGE + "map_coordinates")
def map_coordinates(
    b: Builder,
    input: Floats,
    coordinates: Floats,
    output: Any = None,
    order: Any = 3,
    mode: Any = "constant",
    cval: Any = 0.0,
    prefilter: Any = True,  # noqa: FBT002  SciPy's
) -> Handle:
    """The values at places between the elements: those of the nearest, or linear along axes."""
    del prefilter  # of higher orders
    plain("map_coordinates", output)
    if order not in (0, 1):
        refuse(
            f"map_coordinates of the order {order} is not supported",
            "order=1 is; of what is known scipy.interpolate.RectBivariateSpline is a spline",
        )
    if mode not in ("constant", "nearest", "mirror", "wrap"):
        refuse(
            f"map_coordinates with mode='{mode}' is not supported",
            "'constant', 'nearest', 'mirror' and 'wrap' are",
        )
    lengths = [whole_number(n, "map_coordinates") for n in input.shape]
    if coordinates.shape[:1] != (len(lengths),) or min(lengths) < 2:
        refuse("map_coordinates takes a row of places for each axis, of two elements at least")
    places, outside = [], None
    for axis, length in enumerate(lengths):
        last = float(length - 1)
        place = of_numpy(b, "take", coordinates, axis, 0)
        if mode == "constant":
            beyond = of_numpy(b, "logical_or", place < 0.0, place > last)
            outside = beyond if outside is None else of_numpy(b, "logical_or", outside, beyond)
        elif mode == "mirror":
            place = of_numpy(b, "remainder", of_numpy(b, "abs", place), 2.0 * last)
            place = of_numpy(b, "where", place > last, 2.0 * last - place, place)
        elif mode == "wrap":
            within = of_numpy(b, "logical_and", place >= 0.0, place <= last)
            place = of_numpy(b, "where", within, place, of_numpy(b, "remainder", place, last))
        place = of_numpy(b, "clip", place, 0.0, last)
        places.append(of_numpy(b, "floor", place + 0.5) if order == 0 else place)
    grid = [line(b, [float(k) for k in range(length)]) for length in lengths]
    where = of_numpy(b, "stack", places, -1)
    read = LOWERINGS["scipy.interpolate.RegularGridInterpolator"]
    found: Handle = read(b, input, where, "linear", *grid)
    return found if outside is None else of_numpy(b, "where", outside, cval, found)

"""SciPy's splines and piecewise polynomials: functions of the place and of the coefficients.

The sums are those of FITPACK and of SciPy, in their order, so that the values agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Floats,
    Value,
    as_float,
    as_line,
    constant,
    known,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.conditions import where
from symdiff.frontend.lowering.elementwise import operate
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.ops import along_axis, arithmetic, control, kinks
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index, sliced, whole
from symdiff.ops.reduction import broadcast_to, with_axes
from symdiff.ops.structural import reshaped


@LOWERINGS.named("scipy.interpolate.splev")
def splev(b: Builder, x: Floats, tck: Value, der: int = 0, ext: int = 0) -> Handle:
    """A spline, or a derivative of it, given by its knots, coefficients and degree."""
    if not isinstance(tck, (tuple, list)) or len(tck) != 3:
        refuse("splev takes the knots, the coefficients and the degree as a tuple (t, c, k)")
    knots, degree = _known(tck[0]), int(tck[2])
    first, last = knots[degree], knots[len(knots) - degree - 1]
    if ext not in (0, 1, 3):
        refuse("splev knows ext=0 (extrapolate), 1 (zero) and 3 (the value at the end)")
    at = operate(kinks.clip, x, first, last) if ext == 3 else x
    if ext == 3 and der:
        refuse("a derivative of a spline with ext=3 is not supported", "differentiate its value")
    found = spline(b, at, knots, _known(tck[1]), degree, der, True)  # noqa: FBT003  SciPy's
    return found if ext != 1 else _inside(b, x, first, last, found, 0.0)


@LOWERINGS.named("scipy.interpolate.BSpline.__call__")
def spline(
    b: Builder,
    x: Floats,
    t: Value,
    c: Value,
    k: int,
    nu: int = 0,
    extrapolate: Value = True,  # noqa: FBT002  SciPy's
) -> Handle:
    """A sum of B-splines, or a derivative of it, given by knots, coefficients and degree."""
    knots, coefficients = _known(t), _known_or_line(b, c)
    first, last = knots[k], knots[len(knots) - k - 1]
    if nu and isinstance(coefficients, Handle):
        knots, coefficients, k = _derived(b, knots, coefficients, k, nu)
    elif nu:
        from scipy.interpolate import BSpline

        made = BSpline(knots, coefficients, k)
        made = made.derivative(nu) if nu > 0 else made.antiderivative(-nu)
        knots, coefficients, k = made.tck
    place = _of_period(x, first, last) if extrapolate == "periodic" else x
    start, values = basis(b, place, knots, k)
    found = _sum([_weighted(b, coefficients, start, i, part) for i, part in enumerate(values)])
    return found if extrapolate else _inside(b, x, first, last, found, float("nan"))


@LOWERINGS.named("scipy.interpolate.bisplev")
def bisplev(b: Builder, x: Floats, y: Floats, tck: Value, dx: int = 0, dy: int = 0) -> Handle:
    """A spline of two variables, at the points of a grid."""
    if dx or dy:
        refuse("bisplev of derivatives is not supported", "differentiate it by its arguments")
    if x.ndim > 1 or y.ndim > 1:
        raise ShapeError("bisplev takes two vectors, the axes of a grid")
    knots = [_known(part) for part in tck[:2]]
    coefficients = constant(b, _known(tck[2]))
    degrees = [int(degree) for degree in tck[3:]]
    parts = []
    for place, t, k in zip((x, y), knots, degrees, strict=True):
        inside = operate(kinks.clip, place, t[k], t[len(t) - k - 1])
        parts.append(basis(b, inside, t, k))
    (row, of_x), (column, of_y) = parts
    if x.ndim != y.ndim:
        refuse("bisplev takes two vectors or two numbers")
    if x.ndim:  # each point of the one with each of the other
        shape = (x.shape[0], y.shape[0])
        row, *of_x = [broadcast_to(with_axes(p, 1, 1), shape) for p in (row, *of_x)]
        column, *of_y = [broadcast_to(with_axes(q, 0, 1), shape) for q in (column, *of_y)]
    width = len(knots[1]) - degrees[1] - 1
    start = operate(arithmetic.add, operate(arithmetic.multiply, row, width), column)
    return _sum(
        [
            _taken(coefficients, start, i * width + j) * p * q
            for i, p in enumerate(of_x)
            for j, q in enumerate(of_y)
        ]
    )


@LOWERINGS.named("scipy.interpolate.PPoly.__call__")
def piecewise(
    b: Builder,
    x: Floats,
    c: Value,
    breaks: Value,
    extrapolate: Value = True,  # noqa: FBT002  SciPy's
) -> Handle:
    """A piecewise polynomial, given by coefficients from the highest power on, and breakpoints."""
    knots, coefficients = _known_or_line(b, breaks), _known_or_line(b, c)
    count = whole_number(as_line(b, knots).shape[0], "a piecewise polynomial")
    if isinstance(knots, Handle):
        first, last = (reshaped(sliced(knots, 0, end, 1), ()) for end in (0, count - 1))
    else:
        first, last = knots[0], knots[-1]
        if first > last:
            refuse("a piecewise polynomial with descending breakpoints is not supported")
    place = _of_period(x, first, last) if extrapolate == "periodic" else x
    found = along_axis.searchsorted(as_line(b, knots), place, params=("right",))
    at = operate(kinks.clip, operate(arithmetic.subtract, found, 1), 0, count - 2)
    apart = operate(arithmetic.subtract, place, _taken(as_line(b, knots), at, 0))
    power = broadcast_to(constant(b, 1.0), x.shape)
    parts = []
    if isinstance(coefficients, Handle):
        order = whole_number(coefficients.shape[0], "a piecewise polynomial")
        rows = [of_numpy(b, "take", coefficients, k, 0) for k in range(order)]
    else:
        rows = [*coefficients]
    for row in reversed(rows):
        parts.append(_weighted(b, row, at, 0, power))
        power = power * apart
    value = _sum(parts)
    return value if extrapolate else _inside(b, x, first, last, value, float("nan"))


def _of_period(x: Handle, first: Any, last: Any) -> Handle:
    """The place in the first period."""
    apart = operate(arithmetic.subtract, x, first)
    return operate(arithmetic.add, first, operate(arithmetic.remainder, apart, last - first))


def _inside(b: Builder, x: Handle, first: Any, last: Any, value: Handle, other: float) -> Handle:
    """A value between two ends, and another number outside of them."""
    beyond = operate(control.less, x, first) | operate(control.greater, x, last)
    condition = with_axes(beyond, x.ndim, value.ndim - x.ndim)
    return where(b, condition, other, value)  # type: ignore[no-any-return]


def _weighted(b: Builder, coefficients: Any, at: Handle, offset: int, weight: Handle) -> Handle:
    """The coefficients at places, numbers or arrays, times a number for each place."""
    taken = _taken(as_line(b, coefficients), at, offset)
    across = with_axes(weight, weight.ndim, taken.ndim - weight.ndim)
    return operate(arithmetic.multiply, taken, across)


def _derived(
    b: Builder, knots: Any, coefficients: Handle, k: int, nu: int
) -> tuple[Any, Handle, int]:
    """The knots, coefficients and degree of a derivative, C. de Boor (1978), equation X.(15)."""
    if nu < 0:
        refuse("the integral of a spline of computed values is not supported", "use CubicSpline")
    if nu > k:
        refuse(f"a derivative of the order {nu} of a spline of the degree {k} is 0")
    for _ in range(nu):
        n = whole_number(coefficients.shape[0], "a spline")
        apart = knots[k + 1 : k + n] - knots[1:n]
        weights = (k / apart).reshape(-1, *[1] * (coefficients.ndim - 1))
        rises = of_numpy(b, "diff", coefficients, axis=0)
        coefficients = of_numpy(b, "multiply", rises, weights)
        knots, k = knots[1:-1], k - 1
    return knots, coefficients, k


def _known_or_line(b: Builder, value: Value) -> Any:
    """Numbers, where they are known; else a line."""
    import numpy as np

    found = known(value) if isinstance(value, Handle) else value
    if found is not None and not isinstance(found, (list, tuple)):
        return np.asarray(found, float)
    return as_float(as_line(b, value))


def _known(value: Value) -> Any:
    """The numbers of knots or coefficients."""
    found = known(value) if isinstance(value, Handle) else value
    if found is None:
        refuse(
            "a spline whose knots depend on an argument is not supported",
            "give it known knots: its coefficients may depend on arguments",
        )
    import numpy as np

    return np.asarray(found, float)


def basis(b: Builder, x: Handle, knots: Any, degree: int) -> tuple[Handle, Sequence[Handle]]:
    """The B-splines that are not zero at each place.

    The recurrence of C. de Boor (1972) and M. G. Cox (1972), as FITPACK's `fpbspl`.

    Args:
        b: takes the lines.
        x: the places.
        knots: numbers in ascending order.
        degree: of the polynomials.

    Returns:
        The number of the first of them, and the values of all `degree + 1`.
    """
    t = constant(b, knots)
    found = along_axis.searchsorted(t, x, params=("right",))
    last = len(knots) - degree - 2
    at = operate(kinks.clip, operate(arithmetic.subtract, found, 1), degree, last)
    values: list[Any] = [broadcast_to(constant(b, 1.0), x.shape)]
    for order in range(1, degree + 1):
        raised: list[Any] = [None] * (order + 1)
        for i in range(1, order + 1):
            above, below = _taken(t, at, i), _taken(t, at, i - order)
            part = values[i - 1] / (above - below)
            left = part * (above - x)
            raised[i - 1] = left if raised[i - 1] is None else raised[i - 1] + left
            raised[i] = part * (x - below)
        values = raised
    return operate(arithmetic.subtract, at, degree), values


def _taken(v: Handle, at: Handle, offset: int) -> Handle:
    place = operate(arithmetic.add, at, offset) if offset else at
    pattern = (("array", 0), *map(whole, v.shape[1:]))
    return index(v, place, params=(pattern,))


def _sum(parts: Sequence[Handle]) -> Handle:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total

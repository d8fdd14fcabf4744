"""Coefficients of SciPy's splines through given values, under the names of their classes.

Values and places may both be computed. A polynomial has its coefficients from the highest power
on, for each interval, as `scipy.interpolate.PPoly` has them.
"""

from __future__ import annotations

import itertools
from typing import Any

from symdiff.frontend.lowering.base import Floats, as_float, as_line, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.frontend.lowering.splines import basis
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced
from symdiff.ops.joining import concatenated

_PREFIX = "scipy.interpolate."

named = LOWERINGS.named


def _count(x: Handle, y: Handle, name: str) -> int:
    """The number of points, at least two."""
    n = whole_number(x.shape[0], name) if x.ndim == 1 else 0
    if n < 2 or not y.ndim or y.shape[0] != n:
        refuse(f"{name} takes two or more points and as many values")
    return n


def _across(b: Builder, v: Handle, y: Handle) -> Handle:
    """A vector along the first axis of values."""
    return of_numpy(b, "reshape", v, (-1, *[1] * (y.ndim - 1))) if y.ndim > 1 else v


def _ends(x: Handle) -> tuple[Handle, Handle]:
    """All but the last, and all but the first."""
    n = whole_number(x.shape[0], "a spline") - 1
    return sliced(x, 0, 0, n), sliced(x, 0, 1, n)


def _at(x: Handle, place: int) -> Handle:
    n = whole_number(x.shape[0], "a spline")
    return sliced(x, 0, place % n, 1)


def _times(b: Builder, one: Any, other: Any) -> Handle:
    return of_numpy(b, "multiply", one, other)


# --- polynomials ---------------------------------------------------------------------------------


@named(_PREFIX + "CubicHermiteSpline")
def hermite(b: Builder, x: Floats, y: Floats, dydx: Floats) -> Handle:
    """The cubic polynomials of values and slopes."""
    _count(x, y, "CubicHermiteSpline")
    h = _across(b, of_numpy(b, "diff", x), y)
    slope = of_numpy(b, "divide", of_numpy(b, "diff", y, axis=0), h)
    before, after = _ends(dydx)
    rest = of_numpy(b, "divide", before + after - 2.0 * slope, h)
    bent = of_numpy(b, "divide", slope - before, h) - rest
    parts = [of_numpy(b, "divide", rest, h), bent, before, _ends(y)[0]]
    return of_numpy(b, "stack", parts, 0)


@named(_PREFIX + "CubicSpline")
def cubic(b: Builder, x: Floats, y: Floats, bc_type: Any = "not-a-knot") -> Handle:
    """The cubic polynomials with two continuous derivatives, by a system for their slopes."""
    n = _count(x, y, "CubicSpline")
    steps = of_numpy(b, "diff", x)
    h = _across(b, steps, y)
    slope = of_numpy(b, "divide", of_numpy(b, "diff", y, axis=0), h)
    if bc_type == "periodic" and n > 2:
        found = _periodic(b, steps, h, slope)
    else:
        found = _slopes(b, x, y, steps, h, slope, _conditions(bc_type))
    return hermite(b, x, y, found)


def _conditions(bc_type: Any) -> list[Any]:
    both = [bc_type, bc_type] if isinstance(bc_type, str) else list(bc_type)
    words = {"clamped": (1, 0.0), "natural": (2, 0.0)}
    found = [words.get(each, each) if isinstance(each, str) else tuple(each) for each in both]
    for each in found:
        if each not in ("not-a-knot", "periodic") and not (
            isinstance(each, tuple) and len(each) == 2 and each[0] in (1, 2)
        ):
            refuse(f"the boundary condition {each!r} of a cubic spline is not known")
    return found


def _slopes(
    b: Builder, x: Handle, y: Handle, steps: Handle, h: Handle, slope: Handle, ends: list[Any]
) -> Handle:
    """The slopes at the points: the solution of a system of three diagonals."""
    n = whole_number(x.shape[0], "CubicSpline")
    is_free = [end in ("not-a-knot", "periodic") for end in ends]
    if n == 2:
        ends = [(1, slope) if free else end for free, end in zip(is_free, ends, strict=True)]
    inner = []
    if n > 2:
        (h0, h1), (s0, s1) = _ends(h), _ends(slope)
        inner = [3.0 * (_times(b, h1, s0) + _times(b, h0, s1))]
    if n == 3 and all(is_free):  # both conditions are one: a parabola
        one = as_line(b, [1.0])
        rows = [(one, one, 2.0 * _at(slope, 0)), (one, one, 2.0 * _at(slope, 1))]
    else:
        rows = [_row(b, y, steps, slope, end, side) for side, end in enumerate(ends)]
    before, after = _ends(steps) if n > 2 else (None, None)
    diagonal = [rows[0][0], rows[1][0]]
    upper, lower = [rows[0][1]], [rows[1][1]]
    if before is not None and after is not None:
        diagonal.insert(1, 2.0 * (before + after))
        upper.append(before)
        lower.insert(0, after)
    matrix = of_numpy(b, "diag", concatenated(diagonal, 0))
    matrix = matrix + of_numpy(b, "diag", concatenated(upper, 0), 1)
    matrix = matrix + of_numpy(b, "diag", concatenated(lower, 0), -1)
    wanted = of_numpy(b, "concatenate", [rows[0][2], *inner, rows[1][2]], 0)
    flat = of_numpy(b, "reshape", wanted, (n, -1)) if y.ndim > 2 else wanted
    found = of_numpy(b, "linalg.solve", matrix, flat)
    return of_numpy(b, "reshape", found, y.shape) if y.ndim > 2 else found


def _row(
    b: Builder, y: Handle, steps: Handle, slope: Handle, condition: Any, side: int
) -> tuple[Handle, Handle, Handle]:
    """One equation at an end: the factors of the slope there and of its neighbour, and what is."""
    first, second = (0, 1) if side == 0 else (-1, -2)
    h0, m0 = _at(steps, first), _at(slope, first)
    if condition in ("not-a-knot", "periodic"):
        h1, m1 = _at(steps, second), _at(slope, second)
        both = h0 + h1
        near = _across(b, (h0 + 2.0 * both) * h1 / both, y)
        far = _across(b, h0 * h0 / both, y)
        return h1, both, _times(b, near, m0) + _times(b, far, m1)
    order, given = condition
    value = as_float(as_line(b, given))
    value = value if value.ndim == y.ndim else of_numpy(b, "broadcast_to", value, y.shape[1:])
    value = of_numpy(b, "reshape", value, (1, *y.shape[1:]))
    one = as_line(b, [1.0])
    if order == 1:
        return one, 0.0 * h0, value
    curved = _times(b, _across(b, 0.5 * h0 * h0, y), value)
    rise = 3.0 * _times(b, _across(b, h0, y), m0)
    return 2.0 * h0, h0, rise - curved if side == 0 else rise + curved


def _periodic(b: Builder, steps: Handle, h: Handle, slope: Handle) -> Handle:
    """The slopes of a periodic spline; the last one is the first."""
    n = whole_number(steps.shape[0], "CubicSpline")
    previous = of_numpy(b, "roll", steps, 1)
    unit = of_numpy(b, "eye", n)
    column = [of_numpy(b, "reshape", v, (n, 1)) for v in (steps, previous)]
    matrix = of_numpy(b, "diag", 2.0 * (previous + steps))
    matrix = matrix + _times(b, column[0], of_numpy(b, "roll", unit, -1, 1))
    matrix = matrix + _times(b, column[1], of_numpy(b, "roll", unit, 1, 1))
    before, fell = of_numpy(b, "roll", h, 1, 0), of_numpy(b, "roll", slope, 1, 0)
    wanted = 3.0 * (_times(b, h, fell) + _times(b, before, slope))
    flat = of_numpy(b, "reshape", wanted, (n, -1))
    found = of_numpy(b, "reshape", of_numpy(b, "linalg.solve", matrix, flat), wanted.shape)
    return of_numpy(b, "concatenate", [found, sliced(found, 0, 0, 1)], 0)


@named(_PREFIX + "PchipInterpolator")
def pchip(b: Builder, x: Floats, y: Floats) -> Handle:
    """The cubic polynomials that overshoot nowhere (F. N. Fritsch, J. Butland 1984)."""
    n = _count(x, y, "PchipInterpolator")
    h = of_numpy(b, "broadcast_to", _across(b, of_numpy(b, "diff", x), y), (n - 1, *y.shape[1:]))
    slope = of_numpy(b, "diff", y, axis=0) / h
    if n == 2:
        return hermite(b, x, y, of_numpy(b, "concatenate", [slope, slope], 0))
    (h0, h1), (m0, m1) = _ends(h), _ends(slope)
    turns = of_numpy(b, "less_equal", of_numpy(b, "sign", m0) * of_numpy(b, "sign", m1), 0.0)
    safe0, safe1 = (of_numpy(b, "where", turns, 1.0, m) for m in (m0, m1))
    w0, w1 = 2.0 * h1 + h0, h1 + 2.0 * h0
    inner = of_numpy(b, "where", turns, 0.0, (w0 + w1) / (w0 / safe0 + w1 / safe1))
    ends = [_pchip_end(b, h, slope, *places) for places in ((0, 1), (-1, -2))]
    return hermite(b, x, y, of_numpy(b, "concatenate", [ends[0], inner, ends[1]], 0))


def _pchip_end(b: Builder, h: Handle, slope: Handle, first: int, second: int) -> Handle:
    """C. B. Moler, Numerical Computing with MATLAB (2004), section 3.6."""
    h0, h1, m0, m1 = _at(h, first), _at(h, second), _at(slope, first), _at(slope, second)
    found = ((2.0 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    signs = [of_numpy(b, "sign", v) for v in (found, m0, m1)]
    is_other = of_numpy(b, "not_equal", signs[0], signs[1])
    size = of_numpy(b, "absolute", found)
    is_steep = of_numpy(b, "greater", size, 3.0 * of_numpy(b, "absolute", m0))
    is_cut = of_numpy(b, "logical_and", of_numpy(b, "not_equal", signs[1], signs[2]), is_steep)
    limited = of_numpy(b, "where", is_cut, 3.0 * m0, found)
    return of_numpy(b, "where", is_other, 0.0, limited)


@named(_PREFIX + "Akima1DInterpolator")
def akima(b: Builder, x: Floats, y: Floats, method: Any = "akima") -> Handle:
    """The cubic polynomials of H. Akima (1970), or their modification in MATLAB."""
    n = _count(x, y, "Akima1DInterpolator")
    if method not in ("akima", "makima"):
        refuse(f"Akima1DInterpolator with method={method!r} is not known")
    h = of_numpy(b, "broadcast_to", _across(b, of_numpy(b, "diff", x), y), (n - 1, *y.shape[1:]))
    slope = of_numpy(b, "diff", y, axis=0) / h
    if n == 2:
        return hermite(b, x, y, of_numpy(b, "concatenate", [slope, slope], 0))
    left = 2.0 * _at(slope, 0) - _at(slope, 1)
    right = 2.0 * _at(slope, -1) - _at(slope, -2)
    before, after = 2.0 * left - _at(slope, 0), 2.0 * right - _at(slope, -1)
    m = of_numpy(b, "concatenate", [before, left, slope, right, after], 0)

    def part(v: Handle, start: int) -> Handle:
        return sliced(v, 0, start, n)

    (low, high) = _ends(m)
    size = of_numpy(b, "absolute", high - low)
    if method == "makima":
        sums = 0.5 * of_numpy(b, "absolute", high + low)
        f1, f2 = part(size, 2) + part(sums, 2), part(size, 0) + part(sums, 0)
    else:
        f1, f2 = part(size, 2), part(size, 0)
    both = f1 + f2
    is_plain = of_numpy(b, "greater", both, 1e-9 * of_numpy(b, "max", both))
    share = f2 / of_numpy(b, "where", is_plain, both, 1.0)
    weighted = part(m, 1) + share * (part(m, 2) - part(m, 1))
    found = of_numpy(b, "where", is_plain, weighted, 0.5 * (part(m, 3) + part(m, 0)))
    return hermite(b, x, y, found)


# --- B-splines -----------------------------------------------------------------------------------


@named(_PREFIX + "make_interp_spline")
def interpolating(b: Builder, x: Floats, y: Floats, t: Any, k: int) -> Handle:
    """The coefficients of the B-splines through values, by the system of collocation."""
    import numpy as np

    n = _count(x, y, "make_interp_spline")
    start, values = basis(b, x, t, k)
    columns = np.arange(n)
    matrix: Handle | None = None
    for offset, value in enumerate(values):
        place = of_numpy(b, "reshape", of_numpy(b, "add", start, offset), (n, 1))
        is_there = of_numpy(b, "equal", place, columns)
        part = of_numpy(b, "where", is_there, of_numpy(b, "reshape", value, (n, 1)), 0.0)
        matrix = part if matrix is None else matrix + part
    flat = of_numpy(b, "reshape", y, (n, -1)) if y.ndim > 2 else y
    found = of_numpy(b, "linalg.solve", matrix, flat)
    return of_numpy(b, "reshape", found, y.shape) if y.ndim > 2 else found


# --- values on a grid ----------------------------------------------------------------------------


@named(_PREFIX + "RegularGridInterpolator")
def on_grid(b: Builder, values: Floats, xi: Floats, method: Any, *points: Floats) -> Handle:
    """Values on a grid, between its places linear along each axis, or those of the nearest."""
    if method not in ("linear", "nearest"):
        refuse(
            f"RegularGridInterpolator with method={method!r} is not supported",
            "'linear' and 'nearest' are",
        )
    starts, shares = [], []
    for axis, grid in enumerate(points):
        n = whole_number(grid.shape[0], "RegularGridInterpolator")
        place = of_numpy(b, "take", xi, axis, -1)
        start = of_numpy(b, "subtract", of_numpy(b, "searchsorted", grid, place), 1)
        start = of_numpy(b, "clip", start, 0, max(n - 2, 0))
        below = of_numpy(b, "take", grid, start)
        if n == 1:
            starts.append(start)
            shares.append(0.0 * (place - below))
            continue
        above = of_numpy(b, "take", grid, of_numpy(b, "add", start, 1))
        starts.append(start)
        shares.append((place - below) / (above - below))
    read = LOWERINGS["take"]
    lengths = [whole_number(n, "RegularGridInterpolator") for n in values.shape[: len(points)]]
    rest = values.shape[len(points) :]
    flat = of_numpy(b, "reshape", values, (-1, *rest))

    def corner(place_of: Any) -> Handle:
        """The values at a corner of the cells: at each axis before the place, or after it."""
        place: Handle | None = None
        for start, later, n in zip(starts, place_of, lengths, strict=True):
            own = of_numpy(b, "add", start, later)
            if place is not None:
                own = of_numpy(b, "add", of_numpy(b, "multiply", place, n), own)
            place = own
        found: Handle = read(b, flat, place, 0)
        return found

    if method == "nearest":
        nearer = [of_numpy(b, "where", of_numpy(b, "less_equal", s, 0.5), 0, 1) for s in shares]
        return corner(nearer)
    total: Handle | None = None
    sides = [(0, 1) if n > 1 else (0,) for n in lengths]
    for places in itertools.product(*sides):
        weight: Handle | None = None
        for share, later in zip(shares, places, strict=True):
            own = share if later else 1.0 - share
            weight = own if weight is None else weight * own
        assert weight is not None
        weight = of_numpy(b, "reshape", weight, (*weight.shape, *[1] * len(rest)))
        part = of_numpy(b, "multiply", corner(places), weight)
        total = part if total is None else total + part
    assert total is not None
    return total


LOWERINGS.refuse(
    {
        _PREFIX + name: advice
        for name, advice in {
            "griddata": "the triangles depend on the places: interpolate on a regular grid",
            "splrep": "scipy.interpolate.make_interp_spline has derivatives by the values",
            "splprep": "scipy.interpolate.make_interp_spline has derivatives by the values",
            "bisplrep": "scipy.interpolate.RegularGridInterpolator has derivatives by the values",
            "make_lsq_spline": "solve np.linalg.lstsq with BSpline.design_matrix from outside",
            "make_smoothing_spline": "it is linear in the values: compute its matrix outside",
            "barycentric_interpolate": "solve with np.vander and np.linalg.solve",
            "krogh_interpolate": "solve with np.vander and np.linalg.solve",
            "approximate_taylor_polynomial": "sd.hessian and sd.jacobian give derivatives",
            "pade": "solve with scipy.linalg.toeplitz and np.linalg.solve",
            "lagrange": "np.interp, CubicSpline and BSpline have derivatives by the values",
        }.items()
    }
)

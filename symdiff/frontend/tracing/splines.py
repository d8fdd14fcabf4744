"""SciPy's splines and piecewise polynomials while a trace runs: their calls record.

One that is made of computed values is an object of its own class, whose arrays are tracers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spline_making import MAKERS, polynomial
from symdiff.frontend.tracing.values import numpy

_BSPLINE, _PPOLY = (f"scipy.interpolate.{name}.__call__" for name in ("BSpline", "PPoly"))
_OTHERS = "make a spline of the data, scipy.interpolate.make_interp_spline(x, y, k=1)"
_FITPACK_ENDS = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}
_HELD = ("c", "_y", "_values")  # what may be computed of an object


def spline_methods() -> Iterator[tuple[type, str, Callable[[Any], Any]]]:
    """The classes and methods that are patched, each with what makes the other method."""
    library = sys.modules.get("scipy.interpolate")
    if library is not None:
        classes: Any = vars(library)
        polynomials = classes["PPoly"].__base__
        yield polynomials, "__call__", _recording(_polynomial)
        yield classes["PPoly"], "derivative", _recording(_derivative, by_place=False)
        yield classes["PPoly"], "antiderivative", _recording(_integral, by_place=False)
        yield classes["PPoly"], "integrate", _recording(_between)
        yield classes["BSpline"], "__call__", _recording(_b_spline)
        yield classes["UnivariateSpline"], "__call__", _recording(_of_fitpack)
        yield classes["interp1d"].__base__, "__call__", _recording(_of_data)
        yield classes["RegularGridInterpolator"], "__call__", _recording(_on_grid)
        for name, make in MAKERS.items():
            kind = polynomials if name == "PPoly" else classes[name]
            yield kind, "__init__", _making(make)


def _making(make: Callable[..., None]) -> Callable[[Any], Any]:
    """What fills an object whose constructor is given tracers."""

    def made(old: Any) -> Any:
        @wraps(old)
        def fill(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not trace.holds_tracers((args, kwargs)):
                return old(self, *args, **kwargs)
            make(trace, self, *args, **kwargs)
            return None

        return fill

    return made


def _recording(evaluate: Callable[..., Any], *, by_place: bool = True) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused:
                return old(self, *args, **kwargs)
            held = [getattr(self, name, None) for name in _HELD]
            given = (held, args, kwargs) if by_place else held
            if not trace.holds_tracers(given):
                return old(self, *args, **kwargs)
            return evaluate(trace, self, *args, **kwargs)

        return record

    return make


def _polynomial(trace: Recorder, of: Any, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
    """A piecewise polynomial: of powers, or of Bernstein's, which are turned into those."""
    library: Any = sys.modules["scipy.interpolate"]
    mode = of.extrapolate if extrapolate is None else extrapolate
    if isinstance(of, library.BPoly):
        if trace.holds_tracers(of.c):
            trace.refuse("scipy.interpolate.BPoly of computed coefficients is not supported")
        of = library.PPoly.from_bernstein_basis(of)
    if nu:
        of = of.derivative(nu)
    return _placed(trace, of.axis, x, trace.call(_PPOLY, x, of.c, of.x, mode))


def _derivative(trace: Recorder, of: Any, nu: int = 1) -> Any:
    """The derivative of a piecewise polynomial of computed coefficients."""
    np = numpy()
    if nu < 0:
        return _integral(trace, of, -nu)
    c = of.c
    for _ in range(nu):
        powers = np.arange(len(c) - 1.0, 0.0, -1.0).reshape(-1, *[1] * (c.ndim - 1))
        c = c[:-1] * powers if len(c) > 1 else 0.0 * c
    return _with(of, c)


def _integral(trace: Recorder, of: Any, nu: int = 1) -> Any:
    """The integral of a piecewise polynomial of computed coefficients, 0 at its first place."""
    np = numpy()
    if nu < 0:
        return _derivative(trace, of, -nu)
    c = of.c
    for _ in range(nu):
        powers = np.arange(len(c), 0.0, -1.0).reshape(-1, *[1] * (c.ndim - 1))
        rows = c / powers
        steps = np.diff(of.x).reshape(-1, *[1] * (c.ndim - 2))
        areas = 0.0
        for row in rows:
            areas = (areas + row) * steps
        ends = np.cumsum(areas, axis=0)
        first = np.concatenate([0.0 * ends[:1], ends[:-1]])
        c = np.concatenate([rows, first[None]])
    return _with(of, c)


def _between(trace: Recorder, of: Any, a: Any, b: Any, extrapolate: Any = None) -> Any:
    """The integral between two places."""
    mode = of.extrapolate if extrapolate is None else extrapolate
    if mode == "periodic":
        trace.refuse("the integral of a periodic spline is not supported here", "subtract two")
    whole = of.antiderivative()
    return whole(b, extrapolate=mode) - whole(a, extrapolate=mode)


def _with(of: Any, c: Any) -> Any:
    """The same with other coefficients, as SciPy gives it."""
    library: Any = sys.modules["scipy.interpolate"]
    made = object.__new__(library.PPoly)
    polynomial(made, c, of.x, of.extrapolate, of.axis)
    return made


def _b_spline(trace: Recorder, of: Any, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
    """A sum of B-splines."""
    mode = of.extrapolate if extrapolate is None else extrapolate
    return _placed(trace, of.axis, x, trace.call(_BSPLINE, x, of.t, of.c, of.k, nu, mode))


def _of_fitpack(trace: Recorder, of: Any, x: Any, nu: int = 0, ext: Any = None) -> Any:
    """A spline that FITPACK has fitted."""
    ends = of.ext if ext is None else _FITPACK_ENDS.get(ext, ext)
    return trace.call("scipy.interpolate.splev", x, of._eval_args, nu, ends)


def _of_data(trace: Recorder, of: Any, x: Any) -> Any:
    """What `interp1d` makes of data: lines or splines between them, and what is beyond."""
    np = numpy()
    if type(of) is not sys.modules["scipy.interpolate"].interp1d:
        trace.refuse(f"scipy.interpolate.{type(of).__name__} is not supported", _OTHERS)
    behind = of._y_extra_shape
    rows = of._y.reshape(len(of.x), *behind)
    if of._kind == "linear":
        apart = np.diff(of.x).reshape(-1, *[1] * len(behind))
        coefficients = np.stack([np.diff(rows, axis=0) / apart, rows[:-1]])
        found = trace.call(_PPOLY, x, coefficients, of.x)
    elif isinstance(of._kind, str) and hasattr(of, "_spline"):
        spline = of._spline
        c = spline.c.reshape(len(spline.c), *behind)
        found = trace.call(_BSPLINE, x, spline.t, c, spline.k)
    else:
        trace.refuse(f"interp1d of the kind {of._kind!r} is not supported", _OTHERS)
    if not of._extrapolate:
        found = _beyond(trace, of, x, found, behind)
    return _placed(trace, of._y_axis, x, found)


def _beyond(trace: Recorder, of: Any, x: Any, found: Any, behind: Sequence[int]) -> Any:
    """What `interp1d` has outside of the data: numbers, or an error."""
    places = trace.call("ravel", x)
    shape = (*trace.call("asarray", x).shape, *[1] * len(behind))
    ends = ("less", 0, "below", "minimum"), ("greater", -1, "above", "maximum")
    for name, end, where, what in ends:
        is_beyond = trace.call(name, places, of.x[end])
        if of.bounds_error:
            first = places[trace.call("argmax", is_beyond)]
            said = f") in x_new is {where} the interpolation range's {what} value ({of.x[end]})."
            message = ("A value (", (0, "", ""), said)
            trace.check(trace.call("any", is_beyond), "ValueError", message, (first,))
        else:
            fill = (of._fill_value_below, of._fill_value_above)[end]
            other = fill.reshape(behind) if fill.size > 1 else fill.item()
            found = trace.call("where", trace.call("reshape", is_beyond, shape), other, found)
    return found


def _on_grid(trace: Recorder, of: Any, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
    """Values on a grid at computed places, or computed values: what is beyond is as SciPy's."""
    np = numpy()
    if nu is not None:
        trace.refuse("RegularGridInterpolator with nu= is not supported", "differentiate it by xi")
    # as SciPy 1.15 names them, or later ones
    grid = of._grid if hasattr(of, "_grid") else of.grid
    values = of._values if hasattr(of, "_values") else of.values
    if isinstance(xi, tuple):
        xi = np.stack(np.broadcast_arrays(*xi), axis=-1)
    xi = trace.call("asarray", xi) if trace.holds_tracers(xi) else np.asarray(xi, float)
    if xi.ndim == 1:
        xi = xi[:, None] if len(grid) == 1 and xi.shape != (1,) else xi[None]
    if xi.shape[-1] != len(grid):
        trace.refuse(f"places of {xi.shape[-1]} numbers on a grid of {len(grid)} axes")
    wanted = of.method if method is None else method
    found = trace.call("scipy.interpolate.RegularGridInterpolator", values, xi, wanted, *grid)
    is_beyond: Any = False
    for axis, places in enumerate(grid):
        along = xi[..., axis]
        outside = (along < places[0]) | (along > places[-1])
        if of.bounds_error:
            message = (f"One of the requested xi is out of bounds in dimension {axis}",)
            condition = (
                trace.call("any", outside) if trace.is_symbolic(outside) else np.any(outside)
            )
            if trace.is_symbolic(condition):
                trace.check(condition, "ValueError", message, ())
            elif condition:
                raise ValueError(message[0])
        is_beyond = is_beyond | outside
    if of.bounds_error or of.fill_value is None:
        return found
    behind = [1] * (found.ndim - xi.ndim + 1)
    return np.where(is_beyond.reshape(*xi.shape[:-1], *behind), of.fill_value, found)


def _placed(trace: Recorder, axis: int, x: Any, values: Any) -> Any:
    """Values with the axes of the places where the data had the axis that they run along."""
    if axis == 0:
        return values
    first = trace.call("asarray", x).ndim
    order = list(range(values.ndim))
    moved = (*order[first : first + axis], *order[:first], *order[first + axis :])
    return trace.call("transpose", values, moved)

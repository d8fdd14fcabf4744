"""SciPy's splines and piecewise polynomials while a trace runs: their calls record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import numpy

_BSPLINE, _PPOLY = (f"scipy.interpolate.{name}.__call__" for name in ("BSpline", "PPoly"))
_OTHERS = "make a spline of the data, scipy.interpolate.make_interp_spline(x, y, k=1)"
_FITPACK_ENDS = {"extrapolate": 0, "zeros": 1, "raise": 2, "const": 3}


def spline_methods() -> Iterator[tuple[type, str, Callable[[Any], Any]]]:
    """The classes and methods that are patched, each with what makes the other method."""
    library = sys.modules.get("scipy.interpolate")
    if library is not None:
        classes: Any = vars(library)
        yield classes["PPoly"].__base__, "__call__", _recording(_polynomial)
        yield classes["BSpline"], "__call__", _recording(_b_spline)
        yield classes["UnivariateSpline"], "__call__", _recording(_of_fitpack)
        yield classes["interp1d"].__base__, "__call__", _recording(_of_data)


def _recording(evaluate: Callable[..., Any]) -> Callable[[Any], Any]:
    def make(old: Any) -> Any:
        @wraps(old)
        def record(self: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not trace.holds_tracers(x):
                return old(self, x, *args, **kwargs)
            return evaluate(trace, self, x, *args, **kwargs)

        return record

    return make


def _polynomial(trace: Recorder, of: Any, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
    """A piecewise polynomial: of powers, or of Bernstein's, which are turned into those."""
    library: Any = sys.modules["scipy.interpolate"]
    mode = of.extrapolate if extrapolate is None else extrapolate
    if isinstance(of, library.BPoly):
        of = library.PPoly.from_bernstein_basis(of)
    if nu:
        of = of.derivative(nu)
    return _placed(trace, of.axis, x, trace.call(_PPOLY, x, of.c, of.x, mode))


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


def _placed(trace: Recorder, axis: int, x: Any, values: Any) -> Any:
    """Values with the axes of the places where the data had the axis that they run along."""
    if axis == 0:
        return values
    first = trace.call("asarray", x).ndim
    order = list(range(values.ndim))
    moved = (*order[first : first + axis], *order[:first], *order[first + axis :])
    return trace.call("transpose", values, moved)

"""SciPy's splines of computed values: what their constructors fill in, by the class's name.

The system that gives their coefficients is a part of the traced function. Places are known
numbers in ascending order, except of cubic polynomials, where they may be computed too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import routine
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import flat, numpy

_PREFIX = "scipy.interpolate."
_KINDS = {"slinear": 1, "quadratic": 2, "cubic": 3}


def _fill(of: Any, **values: Any) -> None:
    """Set attributes; where SciPy's are properties, those that these read."""
    for name, value in values.items():
        is_property = isinstance(getattr(type(of), name, None), property)
        setattr(of, f"_{name}" if is_property else name, value)
    if isinstance(getattr(type(of), "c", None), property):
        of._asarray = _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _is_computed(trace: Recorder, values: Any) -> bool:
    """Whether something among the values is not known while tracing."""
    return any(map(trace.is_symbolic, flat((values,))))


def _numbers(value: Any) -> Any:
    """An array of its own of numbers that are known."""
    return numpy().array(value.content if isinstance(value, Tracer) else value, dtype=float)


def _places(trace: Recorder, x: Any) -> Any:
    """Places as an array, in ascending order where they are known."""
    np = numpy()
    if _is_computed(trace, x):
        return trace.call("asarray", x)
    found = _numbers(x)
    if found.ndim != 1 or not np.all(np.diff(found) > 0.0):
        raise ValueError("`x` must be strictly increasing sequence.")
    return found


def _along(trace: Recorder, y: Any, axis: int) -> tuple[Any, int]:
    """Values with the axis that a spline runs along as the first, and that axis."""
    values = trace.call("asarray", y) if _is_computed(trace, y) else _numbers(y)
    axis %= values.ndim
    return (numpy().moveaxis(values, axis, 0) if axis else values), axis


def polynomial(of: Any, c: Any, x: Any, extrapolate: Any = None, axis: int = 0) -> None:
    """A piecewise polynomial of given coefficients."""
    mode = True if extrapolate is None else extrapolate
    _fill(of, c=c, x=x, extrapolate=mode, axis=axis)


def _given(
    trace: Recorder, of: Any, c: Any, x: Any, extrapolate: Any = None, axis: int = 0
) -> None:
    """A piecewise polynomial that the user's code makes of its coefficients."""
    if axis != 0:
        trace.refuse("PPoly of computed coefficients with axis= is not supported", "move the axis")
    values = trace.call("asarray", c) if _is_computed(trace, c) else _numbers(c)
    polynomial(of, values, _places(trace, x), extrapolate)


def _cubic(
    trace: Recorder,
    of: Any,
    x: Any,
    y: Any,
    axis: int = 0,
    bc_type: Any = "not-a-knot",
    extrapolate: Any = None,
) -> None:
    """A cubic spline; a periodic one checks that its ends are equal."""
    x, (y, axis) = _places(trace, x), _along(trace, y, axis)
    if bc_type == "periodic":
        _check_period(trace, y)
    mode = ("periodic" if bc_type == "periodic" else True) if extrapolate is None else extrapolate
    polynomial(of, trace.call(_PREFIX + "CubicSpline", x, y, bc_type), x, mode, axis)


def _check_period(trace: Recorder, y: Any) -> None:
    """Check that the ends of what is periodic are equal."""
    apart = trace.call("any", abs(y[0] - y[-1]) > 1e-15 + 1e-15 * abs(y[-1]))
    message = "the first and the last value of a periodic spline must be identical"
    if trace.is_symbolic(apart):
        trace.check(apart, "ValueError", (message,), ())
    elif numpy().any(apart):
        raise ValueError(message)


def _hermite(
    trace: Recorder, of: Any, x: Any, y: Any, dydx: Any, axis: int = 0, extrapolate: Any = None
) -> None:
    x, (y, axis), (dydx, _) = _places(trace, x), _along(trace, y, axis), _along(trace, dydx, axis)
    c = trace.call(_PREFIX + "CubicHermiteSpline", x, y, dydx)
    polynomial(of, c, x, extrapolate, axis)


def _pchip(
    trace: Recorder, of: Any, x: Any, y: Any, axis: int = 0, extrapolate: Any = None
) -> None:
    x, (y, axis) = _places(trace, x), _along(trace, y, axis)
    c = trace.call(_PREFIX + "PchipInterpolator", x, y)
    polynomial(of, c, x, extrapolate, axis)


def _akima(
    trace: Recorder,
    of: Any,
    x: Any,
    y: Any,
    axis: int = 0,
    *,
    method: str = "akima",
    extrapolate: Any = None,
) -> None:
    x, (y, axis) = _places(trace, x), _along(trace, y, axis)
    c = trace.call(_PREFIX + "Akima1DInterpolator", x, y, method)
    mode = False if extrapolate is None else extrapolate  # as SciPy's
    polynomial(of, c, x, mode, axis)


def _b_spline(
    trace: Recorder,
    of: Any,
    t: Any,
    c: Any,
    k: int,
    extrapolate: Any = True,  # noqa: FBT002  SciPy's own
    axis: int = 0,
) -> None:
    """A sum of B-splines of given coefficients; knots are known."""
    if _is_computed(trace, t):
        trace.refuse("a spline whose knots depend on an argument is not supported", "give numbers")
    c, axis = _along(trace, c, axis)
    count = len(t) - k - 1
    _fill(of, t=_numbers(t), c=c[:count], k=k, extrapolate=extrapolate, axis=axis)


@routine("scipy.interpolate.make_interp_spline")
def make_interp_spline(
    trace: Recorder,
    old: Any,
    x: Any,
    y: Any,
    k: int = 3,
    t: Any = None,
    bc_type: Any = None,
    axis: int = 0,
    check_finite: bool = True,  # noqa: FBT001, FBT002  SciPy's own
) -> Any:
    """The spline through computed values at known places."""
    library: Any = sys.modules["scipy.interpolate"]
    if not trace.holds_tracers((x, y, t, bc_type)):
        return old(x, y, k, t, bc_type, axis, check_finite)
    if _is_computed(trace, (x, t)):
        trace.refuse("make_interp_spline of computed places is not supported", "use CubicSpline")
    x, (y, axis) = _places(trace, x), _along(trace, y, axis)
    knots = None if t is None else _numbers(t)
    if bc_type not in (None, "not-a-knot", (None, None)):
        return _with_ends(trace, x, y, (k, knots, bc_type, axis))
    with_knots = library.make_interp_spline(x, numpy().zeros(len(x)), k, knots)
    c = trace.call(_PREFIX + "make_interp_spline", x, y, with_knots.t, with_knots.k)
    made = object.__new__(library.BSpline)
    _fill(made, t=with_knots.t, c=c, k=with_knots.k, extrapolate=True, axis=axis)
    return made


def _with_ends(trace: Recorder, x: Any, y: Any, about: tuple[Any, ...]) -> Any:
    """The spline with conditions at its ends, whose coefficients are linear in the values."""
    np = numpy()
    library: Any = sys.modules["scipy.interpolate"]
    k, knots, bc_type, axis = about
    if _is_computed(trace, bc_type):
        advice = "use CubicSpline, or give the derivatives at the ends as numbers"
        trace.refuse("make_interp_spline with computed bc_type is not supported", advice)
    units = np.eye(len(x))
    if bc_type == "periodic":
        _check_period(trace, y)
        units[-1], units[:, -1] = units[0], 0.0
    ends = _each(bc_type, len(x))
    # what the conditions add is the spline through zeros
    flat = library.make_interp_spline(x, np.zeros_like(units), k, knots, ends)
    through = library.make_interp_spline(x, units, k, knots, ends)
    added = flat.c[:, 0].reshape(-1, *[1] * (len(y.shape) - 1))
    found = object.__new__(library.BSpline)
    c = trace.call("tensordot", through.c - flat.c, y, 1) + added
    mode = "periodic" if bc_type == "periodic" else True
    _fill(found, t=flat.t, c=c, k=flat.k, extrapolate=mode, axis=axis)
    return found


def _each(bc_type: Any, count: int) -> Any:
    """Conditions at the ends for so many splines at once; names are of any number."""
    if isinstance(bc_type, str):
        return bc_type

    def of_end(end: Any) -> Any:
        if end is None or isinstance(end, str):
            return end
        return [(order, numpy().full(count, float(value))) for order, value in end]

    return tuple(map(of_end, bc_type))


def _of_data(
    trace: Recorder,
    of: Any,
    x: Any,
    y: Any,
    kind: Any = "linear",
    axis: int = -1,
    copy: bool = True,  # noqa: ARG001, FBT001, FBT002  SciPy's own
    bounds_error: Any = None,
    fill_value: Any = float("nan"),
    assume_sorted: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """What `interp1d` makes of computed values, but for the values: those are put in later."""
    np = numpy()
    if _is_computed(trace, x):
        trace.refuse("interp1d of computed places is not supported", "write np.interp(x, xp, fp)")
    if _is_computed(trace, fill_value):
        trace.refuse("interp1d of a computed fill_value is not supported", "use np.where")
    if kind != "linear" and kind not in _KINDS and kind not in (1, 2, 3):
        trace.refuse(f"interp1d of the kind {kind!r} is not supported", "'linear' is")
    values, at = _along(trace, y, axis)
    x = _numbers(x)
    if not assume_sorted:
        order = np.argsort(x, kind="mergesort")
        x, values = x[order], values[order]
    behind = tuple(values.shape[1:])
    old: Any = type(of).__init__.__wrapped__
    # SciPy's own reads the shapes and what is beyond; lines between zeros are never asked for
    zeros = np.zeros((len(x), *behind))
    old(of, x, zeros, "linear", 0, True, bounds_error, fill_value, True)  # noqa: FBT003
    of._y_axis = at
    of._y = values.reshape(len(x), -1)
    if kind != "linear":
        of._kind = "spline"
        library: Any = sys.modules["scipy.interpolate"]
        made = library.make_interp_spline.__wrapped__
        of._spline = make_interp_spline(trace, made, x, of._y, _KINDS.get(kind, kind))


def _on_grid(
    trace: Recorder,
    of: Any,
    points: Any,
    values: Any,
    method: str = "linear",
    bounds_error: bool = True,  # noqa: FBT001, FBT002  SciPy's own
    fill_value: Any = float("nan"),
    *,
    solver: Any = None,
    solver_args: Any = None,
) -> None:
    """What `RegularGridInterpolator` keeps of computed values on a known grid."""
    if _is_computed(trace, points):
        trace.refuse("RegularGridInterpolator of a computed grid is not supported")
    if solver is not None or solver_args:
        trace.refuse("RegularGridInterpolator with solver= is not supported", "leave it out")
    old: Any = type(of).__init__.__wrapped__
    np = numpy()
    made = trace.call("asarray", values)
    points = [_numbers(part) for part in points]
    old(of, points, np.zeros(made.shape), "linear", bounds_error, fill_value)
    for axis in of._descending_dimensions:
        made = np.flip(made, axis)
    of._values, of.method = made, method


@routine("scipy.interpolate.interpn")
def interpn(
    trace: Recorder,
    old: Any,
    points: Any,
    values: Any,
    xi: Any,
    method: str = "linear",
    bounds_error: bool = True,  # noqa: FBT001, FBT002  SciPy's own
    fill_value: Any = float("nan"),
) -> Any:
    """Values on a grid at places, computed ones or not."""
    library: Any = sys.modules["scipy.interpolate"]
    if not trace.holds_tracers((points, values, xi)):
        return old(points, values, xi, method, bounds_error, fill_value)
    if method not in ("linear", "nearest"):
        trace.refuse(f"interpn with method={method!r} is not supported", "'linear' is")
    return library.RegularGridInterpolator(points, values, method, bounds_error, fill_value)(xi)


MAKERS: Mapping[str, Callable[..., None]] = {
    "PPoly": _given,
    "CubicSpline": _cubic,
    "CubicHermiteSpline": _hermite,
    "PchipInterpolator": _pchip,
    "Akima1DInterpolator": _akima,
    "BSpline": _b_spline,
    "interp1d": _of_data,
    "RegularGridInterpolator": _on_grid,
}

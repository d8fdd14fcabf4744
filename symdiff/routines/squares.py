"""SciPy's least squares: the minimum of the sum of squares, and what is known of its accuracy."""

from __future__ import annotations

import inspect
from typing import Any

from symdiff.frontend.staging.recorder import callee
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import is_plain, routine
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.step import traced_step
from symdiff.implicit import transposed_jacobian
from symdiff.routines.minima import check, result_of, smallest
from symdiff.routines.roots import as_tuple

_PREFIX = "scipy.optimize."
_UNREAD = frozenset(
    "method x_scale diff_step tr_solver tr_options max_nfev verbose col_deriv epsfcn factor diag "
    "check_finite".split()
)


def _fitted(trace: Recorder, residual: Any, x0: Any, args: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Where the sum of squares is smallest near a start, half of it, and what is left."""

    def rest(x: Any, *given: Any) -> Any:
        now: Any = active()
        made = now.call("asarray", residual(x, *given))
        return now.call("reshape", made, (-1,)) * 1.0

    def half(x: Any, *given: Any) -> Any:
        left = rest(x, *given)
        return 0.5 * (left * left).sum()

    x, cost = smallest(trace, half, x0, args)
    return x, cost, lambda z: rest(z, *args)


def _check(trace: Recorder, name: str, options: dict[str, Any]) -> None:
    """Refuse by name what would change the minimum."""
    given = {key: value for key, value in options.items() if key not in _UNREAD}
    if given.get("loss") == "linear":
        del given["loss"]
    check(trace, name, {key: value for key, value in given.items() if value is not None})


@routine(_PREFIX + "least_squares")
def least_squares(
    trace: Recorder, old: Any, fun: Any, x0: Any, jac: Any = "2-point", *,
    args: Any = (), kwargs: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """Where the sum of squares is smallest near a start, by Newton's method.

    Raises:
        RuntimeError: when the emitted function runs, where no minimum is found.
    """
    if is_plain(trace, fun, (x0, args, kwargs)):
        return old(fun, x0, jac, args=args, kwargs=kwargs or {}, **options)
    _check(trace, "least_squares", options)
    function, named = callee(fun), kwargs or {}

    def residual(x: Any, *given: Any) -> Any:
        return function(x, *given, **named)

    x, cost, rest = _fitted(trace, residual, x0, as_tuple(args))
    return result_of(x, rest(x), cost=cost)


@routine(_PREFIX + "leastsq")
def leastsq(
    trace: Recorder, old: Any, func: Any, x0: Any, args: Any = (), Dfun: Any = None,  # noqa: N803
    full_output: bool = False, **options: Any,  # noqa: FBT001, FBT002  SciPy's own
) -> Any:  # fmt: skip
    """The same; the second result says that a minimum is found."""
    if is_plain(trace, func, (x0, args)):
        return old(func, x0, args, Dfun, full_output, **options)
    _check(trace, "leastsq", {**options, "full_output": full_output or None})
    return _fitted(trace, callee(func), x0, as_tuple(args))[0], 1


@routine(_PREFIX + "curve_fit")
def curve_fit(
    trace: Recorder, old: Any, f: Any, xdata: Any, ydata: Any, p0: Any = None,
    sigma: Any = None, absolute_sigma: bool = False, **options: Any,  # noqa: FBT001, FBT002
) -> Any:  # fmt: skip
    """The parameters of a function that goes nearest to data, and their covariance.

    Raises:
        RuntimeError: when the emitted function runs, where no minimum is found.
    """
    if is_plain(trace, f, (xdata, ydata, p0, sigma)):
        return old(f, xdata, ydata, p0, sigma, absolute_sigma, **options)
    _check(trace, "curve_fit", {key: own for key, own in options.items() if key != "jac"})
    function = callee(f)
    start = [1.0] * (len(inspect.signature(f).parameters) - 1) if p0 is None else p0
    if isinstance(xdata, (list, tuple)):
        xdata = trace.call("asarray", xdata)
    given = trace.call("asarray", ydata)
    if sigma is not None and trace.call("asarray", sigma).ndim == 2:
        trace.refuse("curve_fit with a matrix for sigma is not supported", "give deviations")

    def residual(p: Any) -> Any:
        left = function(xdata, *[p[k] for k in range(p.shape[0])]) - given
        return left if sigma is None else left / sigma

    p, cost, rest = _fitted(trace, residual, start, ())
    return p, _covariance(trace, rest, p, cost, is_absolute=absolute_sigma)


def _covariance(trace: Recorder, rest: Any, p: Any, cost: Any, *, is_absolute: bool) -> Any:
    """Of the parameters, from the Jacobian of what is left."""
    import numpy as np

    spec = Spec(p.shape, np.dtype(float))
    found = traced_step(lambda carry, x: (carry, rest(x)), (), spec, (), trace.builder.limit)
    given = [*[trace.handle(value) for value in found.constants], trace.handle(p)]
    rows = transposed_jacobian(found.graph, trace.builder, given, len(given) - 1)
    slopes = buffered(trace, rows, np.dtype(float))
    covariance = np.linalg.inv(slopes @ slopes.T)
    n, m = slopes.shape
    if is_absolute:
        return covariance
    return covariance * (2.0 * cost / (m - n) if m > n else np.inf)

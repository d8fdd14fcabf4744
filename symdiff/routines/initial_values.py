"""SciPy's initial value problems: explicit methods of Runge and Kutta with SciPy's own steps.

The derivative is that of the steps that are done (a discrete adjoint); their lengths, which follow
the error, count as constants.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from symdiff.frontend.staging.recorder import callee, staged
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import is_plain, routine
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.scan import scan
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import flat
from symdiff.routines.ends import Ends


class _Method(NamedTuple):
    """The coefficients of a method, as SciPy has them.

    Attributes:
        order: of the estimate of the error, one less than that of the method.
        a, b, c: the tableau of J. C. Butcher.
        e: weights of the estimate.
        p: of the polynomials between the ends of a step.
    """

    order: int
    a: Any
    b: Any
    c: Any
    e: Any
    p: Any


def _method(name: str) -> _Method:
    """One of SciPy's methods: the numbers are read from its class."""
    ivp: Any = sys.modules["scipy.integrate"]
    kind = getattr(ivp, name)
    return _Method(kind.error_estimator_order, kind.A, kind.B, kind.C, kind.E, kind.P)


def _slopes(fun: Any, method: _Method, t: Any, y: Any, f: Any, h: Any) -> tuple[Any, Any]:
    """All slopes of a step, and where it ends."""
    slopes = [f]
    for row, c in zip(method.a[1:], method.c[1:], strict=True):
        moved = _combined(slopes, row)
        slopes.append(fun(t + c * h, y + h * moved))
    new = y + h * _combined(slopes, method.b)
    slopes.append(fun(t + h, new))
    return slopes, new


def _combined(slopes: list[Any], weights: Any) -> Any:
    total: Any = None
    for slope, weight in zip(slopes, weights, strict=False):
        if weight != 0.0:
            part = float(weight) * slope
            total = part if total is None else total + part
    return 0.0 * slopes[0] if total is None else total


def _size(x: Any) -> Any:
    import numpy as np

    return np.sqrt(np.mean(x * x))


def _first_step(
    fun: Any, method: _Method, t: float, y: Any, f: Any, end: float, rtol: float, atol: Any
) -> Any:
    """E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, II.4."""
    import numpy as np

    length = abs(end - t)
    sign = 1.0 if end > t else -1.0
    scale = atol + np.abs(y) * rtol
    d0, d1 = _size(y / scale), _size(f / scale)
    is_small = (d0 < 1e-5) | (d1 < 1e-5)
    h0 = np.where(is_small, 1e-6, 0.01 * d0 / np.where(is_small, 1.0, d1))
    h0 = np.minimum(h0, length)
    f1 = fun(t + sign * h0, y + sign * h0 * f)
    d2 = _size((f1 - f) / scale) / h0
    largest = np.maximum(d1, d2)
    is_flat = (d1 <= 1e-15) & (d2 <= 1e-15)
    power = (0.01 / np.where(is_flat, 1.0, largest)) ** (1.0 / (method.order + 1))
    h1 = np.where(is_flat, np.maximum(1e-6, h0 * 1e-3), power)
    return np.minimum(np.minimum(100.0 * h0, h1), length)


def _solve(fun: Any, method: _Method, t: Any, y: Any, ends: Any, rtol: float, atol: Any) -> Any:
    """The solution at known times, by steps as SciPy's solver does them."""
    import numpy as np

    from symdiff.routines.programs import steps_to

    def constant(value: Any) -> Any:
        trace: Any = active()
        return trace.call("stop_gradient", value) if trace.is_symbolic(value) else value

    last = float(ends[-1])
    sign = 1.0 if last >= t else -1.0
    f = fun(t, y)
    h = constant(_first_step(fun, method, t, y, f, last, rtol, atol))
    exponent = -1.0 / (method.order + 1)
    weights = [method.p[:, k] for k in range(method.p.shape[1])]

    def attempt(t: Any, y: Any, f: Any, h: Any) -> Any:
        """The end of a step of such a length, all slopes, and the error over what is allowed."""
        tried = np.maximum(h, 2.3e-15 * np.abs(t))
        end = t + sign * tried
        end = np.where(sign * (end - last) > 0.0, last, end)
        step = constant(end - t)
        made, new = _slopes(fun, method, t, y, f, step)
        scale = atol + np.maximum(np.abs(y), np.abs(new)) * rtol
        error = constant(_size(step * _combined(made, method.e) / scale))
        return end, step, np.stack(made), new, error

    def output(carry: Any, end: Any) -> Any:
        carry = staged(steps_to)(attempt, sign, exponent, carry, end)
        begun, start, done, slopes = carry[0], carry[1], carry[2], carry[7]
        share = (end - begun) / done
        power, value = share, start
        for column in weights:
            value = value + done * power * (column @ slopes)
            power = power * share
        return carry, value

    slopes = np.stack([f for _ in range(len(method.p))])
    carry = (t, y, 1.0, t, y, f, h, slopes, 0.0, 0.0)
    return scan(output, carry, ends)[1]


def _numbers(value: Any) -> Any:
    """Numbers that are known, as an array."""
    import numpy as np

    return np.asarray(value.content if isinstance(value, Tracer) else value, float)


def _follow(
    trace: Recorder, fun: Any, times: Any, y0: Any, method: str, rtol: float, atol: Any
) -> Any:
    """The solution at times, the first one that of the beginning, a row a time."""
    import numpy as np

    begin = np.atleast_1d(np.asarray(y0, float)) if not trace.holds_tracers(y0) else trace.call(
        "atleast_1d", trace.call("asarray", y0)
    )  # fmt: skip
    if begin.ndim != 1:
        trace.refuse("an initial value problem begins with a vector", "use y0.ravel()")
    begin = begin * 1.0
    function = callee(fun)

    def slope(t: Any, y: Any) -> Any:
        made = function(t, y)
        now: Any = active()  # that of a loop's step inside of one
        return now.call("reshape", now.call("asarray", made), begin.shape) * 1.0

    ends = times[1:]
    found = _solve(slope, _method(method), float(times[0]), begin, ends, rtol, atol)
    return trace.call("concatenate", [begin[None], found])


_STIFF = (
    "method='RK45' or 'RK23' have derivatives; where the problem is stiff, write implicit steps "
    "as a loop, each y = fsolve(lambda new, y: new - y - h*f(t + h, new), y, args=(y,))"
)


@routine("scipy.integrate.solve_ivp")
def solve_ivp(
    trace: Recorder,
    old: Any,
    fun: Any,
    t_span: Any,
    y0: Any,
    method: Any = "RK45",
    t_eval: Any = None,
    dense_output: bool = False,  # noqa: FBT001, FBT002  SciPy's own
    events: Any = None,
    vectorized: bool = False,  # noqa: FBT001, FBT002
    args: Any = None,
    **options: Any,
) -> Any:
    """The solution at known times by SciPy's RK45 or RK23, with its steps.

    Raises:
        ValueError: when the emitted function runs, where the steps become too small.
    """
    import numpy as np

    if is_plain(trace, fun, (y0, t_span, t_eval, args, options)):
        return old(
            fun, t_span, y0, method, t_eval, dense_output, events, vectorized, args, **options
        )
    if method not in ("RK45", "RK23"):
        trace.refuse(f"solve_ivp with method={method!r} is not supported", _STIFF)
    rtol, atol = options.pop("rtol", 1e-3), options.pop("atol", 1e-6)
    if dense_output or events is not None or options:
        trace.refuse("solve_ivp with events, dense_output or options is not supported")
    if any(map(trace.is_symbolic, flat((t_span, t_eval)))):
        trace.refuse("solve_ivp of computed times is not supported", "scale the time in fun")
    span = [float(_numbers(t)) for t in t_span]
    asked = span[1:] if t_eval is None else t_eval
    times = np.atleast_1d(_numbers(asked) if isinstance(asked, Tracer) else np.array(
        [float(_numbers(t)) for t in asked]
    ))  # fmt: skip
    sign = 1.0 if span[1] >= span[0] else -1.0
    outside = times.min() < min(span) or times.max() > max(span)
    if outside or (sign * np.diff(times) <= 0).any():
        raise ValueError("Values in `t_eval` are not within `t_span`, or not properly sorted.")
    given = () if args is None else tuple(args)

    def right(t: Any, y: Any) -> Any:
        return callee(fun)(t, y, *given)

    whole = [span[0], *times.tolist(), *([] if times[-1] == span[1] else [span[1]])]
    rows = _follow(trace, right, np.array(whole), y0, method, max(rtol, 2.3e-14), atol)
    found: tuple[Any, Any] = (times, rows[1 : len(times) + 1].T)
    if t_eval is None:
        found = (Ends(span[0], span[1], 0), Ends(rows[0], rows[1], 1))
    result: Any = sys.modules["scipy.optimize"]
    return result.OptimizeResult(
        t=found[0], y=found[1], sol=None, t_events=None, y_events=None, status=0, success=True,
        message="The solver successfully reached the end of the integration interval.",
    )  # fmt: skip


@routine("scipy.integrate.odeint")
def odeint(
    trace: Recorder,
    old: Any,
    func: Any,
    y0: Any,
    t: Any,
    args: Any = (),
    *more: Any,
    tfirst: bool = False,
    rtol: Any = None,
    atol: Any = None,
    **options: Any,
) -> Any:
    """The solution at known times, by SciPy's RK45 with the accuracy that odeint asks for.

    Raises:
        ValueError: when the emitted function runs, where the steps become too small.
    """
    import numpy as np

    if is_plain(trace, func, (y0, t, args)):
        return old(func, y0, t, args, *more, tfirst=tfirst, rtol=rtol, atol=atol, **options)
    if more or options:
        trace.refuse("odeint with Dfun, full_output or options is not supported", "leave them out")
    if any(map(trace.is_symbolic, flat(t))):
        trace.refuse("odeint of computed times is not supported", "scale the time in func")
    times = _numbers(t) if isinstance(t, Tracer) else np.array([float(_numbers(x)) for x in t])
    steps = np.diff(times)
    if len(times) < 2 or not ((steps > 0).all() or (steps < 0).all()):
        trace.refuse("odeint takes two or more times in order, each once")
    given = args if isinstance(args, tuple) else (args,)

    def right(time: Any, y: Any) -> Any:
        return callee(func)(*((time, y) if tfirst else (y, time)), *given)

    bounds = [1.49012e-8 if bound is None else bound for bound in (rtol, atol)]
    return _follow(trace, right, times, y0, "RK45", *bounds)

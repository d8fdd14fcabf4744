"""SciPy's integrals of a function over an interval, by rules of known nodes.

The derivative by the limits and by what the function reads is that of the rule, which is the rule
of the derivative: Leibniz' rule. What is adaptive in SciPy has a fixed number of nodes here, an
estimate of its error, and an error is raised where that is larger than what SciPy is asked for.
"""

from __future__ import annotations

import functools
import itertools
import math
from contextvars import ContextVar
from typing import Any, NamedTuple

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.inline import inlined
from symdiff.frontend.staging.recorder import callee
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import is_plain, routine
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.step import traced_step
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.routines.roots import as_tuple

# R. Piessens et al., QUADPACK (1983): the nodes of A. S. Kronrod and their weights, for 10 of Gauss
_NODES = (
    0.995657163025808080735527280689003, 0.973906528517171720077964012084452,
    0.930157491355708226001207180059508, 0.865063366688984510732096688423493,
    0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
    0.562757134668604683339000099272694, 0.433395394129247190799265943165784,
    0.294392862701460198131126603103866, 0.148874338981631210884826001129720, 0.0,
)  # fmt: skip
_WEIGHTS = (
    0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
    0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
    0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
    0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
    0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
    0.149445554002916905664936468389821,
)  # fmt: skip
# where the parts of an interval end: they are shorter to its ends, where integrands are steep
_ENDS = (*[2.0**-k for k in (20, 16, 13, 10, 8, 6, 4, 3, 2)], 0.375, 0.5)
_ADVICE = "give the places where it is steep as points=, or split the interval"


def _rule() -> tuple[Any, Any, Any]:
    """The nodes in (0, 1), a row a part, and the weights of Kronrod and of Gauss."""
    import numpy as np

    nodes = np.array([*[-x for x in _NODES], *_NODES[-2::-1]])
    weights = np.array([*_WEIGHTS, *_WEIGHTS[-2::-1]])
    gauss = np.zeros(21)
    gauss[1::2] = np.polynomial.legendre.leggauss(10)[1]
    ends = np.array([0.0, *_ENDS, *[1.0 - x for x in _ENDS[-2::-1]], 1.0])
    half = 0.5 * np.diff(ends)[:, None]
    return ends[:-1, None] + half * (1.0 + nodes), half * weights, half * gauss


class _Inner(NamedTuple):
    """Integrals inside of an integrand, whose errors the outer one checks at all nodes at once.

    Attributes:
        trace: that of the integrand.
        excesses: by how much each error is larger than what is allowed.
    """

    trace: Recorder
    excesses: list[Any]


_OUTER: ContextVar[_Inner | None] = ContextVar("the integrand that is traced", default=None)


class _Values(NamedTuple):
    """A function at many nodes.

    Attributes:
        values: what it gives.
        is_computed: whether it reads what is not known while tracing.
        excess: the largest excess of the errors of integrals inside of it; `None` without one.
    """

    values: Any
    is_computed: bool
    excess: Any


def _at_nodes(trace: Recorder, func: Any, places: Any, args: tuple[Any, ...]) -> _Values:
    """A function of a number at many."""
    import numpy as np

    function = callee(func)

    def step(carry: Any, x: Any) -> Any:
        own: Any = active()
        inner = _Inner(own, [])
        token = _OUTER.set(inner)
        try:
            value = function(x, *args)
        finally:
            _OUTER.reset(token)
        excess = functools.reduce(np.maximum, inner.excesses) if inner.excesses else None
        return carry, (value, excess)

    found = traced_step(step, (), Spec((), np.dtype(float)), (), trace.builder.limit)
    n = places.shape[0]
    graph = with_leading_axis(found.graph, found.graph.inputs[-1:], n)
    handles = [trace.handle(value) for value in found.constants]
    lines = inlined(graph, trace.builder, [*handles, trace.handle(places)])
    values, *rest = (buffered(trace, line, np.dtype(float)) for line in lines)
    largest = [trace.call("stop_gradient", trace.call("max", excess)) for excess in rest]
    is_computed = any(map(trace.is_symbolic, found.constants))
    return _Values(values, is_computed, largest[0] if largest else None)


def _finite(value: Any) -> Any:
    """A limit that is known as a number; tracers of numbers that are not known as they are."""
    return value.content.item() if isinstance(value, Tracer) and value.is_concrete else value


@routine("scipy.integrate.quad")
def quad(
    trace: Recorder,
    old: Any,
    func: Any,
    a: Any,
    b: Any,
    args: Any = (),
    full_output: Any = 0,
    epsabs: float = 1.49e-8,
    epsrel: float = 1.49e-8,
    limit: int = 50,
    points: Any = None,
    weight: Any = None,
    **more: Any,
) -> tuple[Any, Any]:
    """The integral of a function of a number, and an estimate of its error.

    Each part of the interval has 21 nodes, 20 parts in all; each half of an infinite one as many.

    Raises:
        ValueError: when the emitted function runs, where the estimate is too large.
    """
    args = args if isinstance(args, tuple) else (args,)
    a, b = _finite(a), _finite(b)

    def plain() -> Any:
        return old(func, a, b, args, full_output, epsabs, epsrel, limit, points, weight, **more)

    if full_output or weight is not None or more or trace.holds_tracers(points):
        if trace.holds_tracers((a, b, args, points)):
            trace.refuse("quad with weight=, full_output or computed points is not supported")
        return plain()  # type: ignore[no-any-return]
    total: Any = 0.0
    error: Any = 0.0
    excesses = []
    is_computed = trace.holds_tracers((a, b, args))
    for low, high, sign in _pieces(trace, a, b, points):
        value, rest, found = _over(trace, func, low, high, args)
        total, error = total + sign * value, error + rest
        excesses += [] if found.excess is None else [found.excess]
        is_computed = is_computed or found.is_computed
    if not is_computed:
        return plain()  # type: ignore[no-any-return]
    import numpy as np

    error = trace.call("stop_gradient", error)
    bound = np.maximum(epsabs, epsrel * np.abs(total))
    outer = _OUTER.get()
    if outer is not None and outer.trace is trace:
        outer.excesses.extend([error - bound, *excesses])
        return total, error
    for excess in excesses:
        trace.check(excess > 0.0, "ValueError", (_too_rough(),), ())
    trace.check(error > bound, "ValueError", (_too_rough(),), ())
    return total, error


def _is_infinite(x: Any) -> bool:
    """Whether a limit is known and infinite. What stands for a float says that it is one."""
    return not isinstance(x, Tracer) and math.isinf(x)


def _too_rough() -> str:
    return f"the fixed rule for quad does not reach the accuracy asked for: {_ADVICE}"


def _pieces(trace: Recorder, a: Any, b: Any, points: Any) -> list[tuple[Any, Any, float]]:
    """Intervals whose lower limit is the finite one, or the smaller one, with a sign."""
    infinite = [_is_infinite(x) for x in (a, b)]
    if not any(infinite):
        import numpy as np

        inner = [] if points is None else np.sort(np.asarray(points, float)).tolist()
        if inner and not trace.holds_tracers((a, b)) and a > b:
            inner = inner[::-1]
        ends = [a, *inner, b]
        return [(low, high, 1.0) for low, high in itertools.pairwise(ends)]
    if all(infinite):
        if a == b:
            return [(0.0, 0.0, 1.0)]
        sign = 1.0 if a < b else -1.0
        return [(0.0, math.inf, sign), (0.0, -math.inf, -sign)]
    return [(b, a, -1.0)] if infinite[0] else [(a, b, 1.0)]


def _over(
    trace: Recorder, func: Any, low: Any, high: Any, args: tuple[Any, ...]
) -> tuple[Any, Any, _Values]:
    """The integral over one interval, an estimate of its error, and the function at the nodes."""
    import numpy as np

    nodes, weights, gauss = _rule()
    flat = nodes.reshape(-1)
    if _is_infinite(high):
        side = math.copysign(1.0, high)
        places, stretch = low + side * (1.0 - flat) / flat, side / flat**2
    else:
        places, stretch = low + (high - low) * flat, high - low
    found = _at_nodes(trace, func, places, args)
    rows = (found.values * stretch).reshape(nodes.shape)
    by_part = (rows * weights).sum(axis=1)
    apart = np.abs((rows * (weights - gauss)).sum(axis=1))
    mean = by_part / weights.sum(axis=1)
    spread = (np.abs(rows - mean[:, None]) * weights).sum(axis=1)
    # QUADPACK's estimate: the rule of Kronrod is far better than the difference to that of Gauss
    safe = np.where(spread > 0.0, spread, 1.0)
    error = spread * np.minimum(1.0, (200.0 * apart / safe) ** 1.5)
    return by_part.sum(), error.sum(), found


@routine("scipy.integrate.fixed_quad")
def fixed_quad(
    trace: Recorder, old: Any, func: Any, a: Any, b: Any, args: Any = (), n: int = 5
) -> tuple[Any, None]:
    """The integral by the rule of Gauss; the function takes an array."""
    import numpy as np

    a, b = _finite(a), _finite(b)
    if any(map(_is_infinite, (a, b))):
        return old(func, a, b, args, n)  # type: ignore[no-any-return]  # it raises an error
    nodes, weights = np.polynomial.legendre.leggauss(int(n))
    places = (b - a) * (nodes + 1.0) / 2.0 + a
    values = callee(func)(places, *args)
    return (b - a) / 2.0 * trace.call("sum", weights * values, -1), None


@routine("scipy.integrate.dblquad")
def dblquad(
    trace: Recorder, old: Any, func: Any, a: Any, b: Any, gfun: Any, hfun: Any, args: Any = (),
    epsabs: float = 1.49e-8, epsrel: float = 1.49e-8,
) -> Any:  # fmt: skip
    """The integral of a function of two numbers, the inner one between curves."""
    limits = (gfun, hfun)
    curves = [curve for curve in limits if callable(curve)]
    is_known = all(is_plain(trace, curve, ()) for curve in curves)
    if is_known and is_plain(trace, func, (a, b, args, *(x for x in limits if not callable(x)))):
        return old(func, a, b, gfun, hfun, args, epsabs, epsrel)
    inner = callee(func)

    def over(x: Any, *given: Any) -> Any:
        low, high = [callee(curve)(x) if callable(curve) else curve for curve in limits]
        now: Any = active()
        return quad(now, None, lambda y: inner(y, x, *given), low, high, (), 0, epsabs, epsrel)[0]

    return quad(trace, None, over, a, b, as_tuple(args), 0, epsabs, epsrel)

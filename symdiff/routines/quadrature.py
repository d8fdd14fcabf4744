"""SciPy's integrals of a function over an interval, by rules of known nodes.

The derivative by the limits and by what the function reads is that of the rule, which is the rule
of the derivative: Leibniz' rule. What is adaptive in SciPy has a fixed number of nodes here, an
estimate of its error, and an error is raised where that is larger than what SciPy is asked for.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.inline import inlined
from symdiff.frontend.staging.recorder import staged
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.routines import routine
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.step import traced_step
from symdiff.frontend.tracing.tracer import Tracer

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


def _at_nodes(trace: Recorder, func: Any, places: Any, args: tuple[Any, ...]) -> tuple[Any, bool]:
    """A function of a number at many, and whether it reads what is not known while tracing."""
    import numpy as np

    function = staged(func)

    def step(carry: Any, x: Any) -> Any:
        return carry, function(x, *args)

    found = traced_step(step, (), Spec((), np.dtype(float)), (), trace.builder.limit)
    n = places.shape[0]
    graph = with_leading_axis(found.graph, found.graph.inputs[-1:], n)
    handles = [trace.handle(value) for value in found.constants]
    (values,) = inlined(graph, trace.builder, [*handles, trace.handle(places)])
    is_computed = any(map(trace.is_symbolic, found.constants))
    return buffered(trace, values, np.dtype(float)), is_computed


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
    is_computed = trace.holds_tracers((a, b, args))
    for low, high, sign in _pieces(trace, a, b, points):
        value, rest, reads = _over(trace, func, low, high, args)
        total, error = total + sign * value, error + rest
        is_computed = is_computed or reads
    if not is_computed:
        return plain()  # type: ignore[no-any-return]
    import numpy as np

    error = trace.call("stop_gradient", error)
    bound = np.maximum(epsabs, epsrel * np.abs(total))
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
) -> tuple[Any, Any, bool]:
    """The integral over one interval, an estimate of its error, and whether it is computed."""
    import numpy as np

    nodes, weights, gauss = _rule()
    flat = nodes.reshape(-1)
    if _is_infinite(high):
        side = math.copysign(1.0, high)
        places, stretch = low + side * (1.0 - flat) / flat, side / flat**2
    else:
        places, stretch = low + (high - low) * flat, high - low
    values, reads = _at_nodes(trace, func, places, args)
    rows = (values * stretch).reshape(nodes.shape)
    by_part = (rows * weights).sum(axis=1)
    apart = np.abs((rows * (weights - gauss)).sum(axis=1))
    mean = by_part / weights.sum(axis=1)
    spread = (np.abs(rows - mean[:, None]) * weights).sum(axis=1)
    # QUADPACK's estimate: the rule of Kronrod is far better than the difference to that of Gauss
    safe = np.where(spread > 0.0, spread, 1.0)
    error = spread * np.minimum(1.0, (200.0 * apart / safe) ** 1.5)
    return by_part.sum(), error.sum(), reads


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
    values = staged(func)(places, *args)
    return (b - a) / 2.0 * trace.call("sum", weights * values, -1), None

"""SciPy's sums over samples, distances between rows, and test functions.

Under the names `scipy.integrate.NAME`, `scipy.spatial.distance.NAME` and `scipy.optimize.NAME`.
"""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Floats, known, line, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.shape import normal_axes
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced

_INTEGRATE, _DISTANCE = "scipy.integrate.", "scipy.spatial.distance."


# --- samples -------------------------------------------------------------------------------------


@LOWERINGS.named(_INTEGRATE + "trapezoid")
def trapezoid(b: Builder, y: Floats, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Handle:
    """The integral of samples by trapezoids."""
    return of_numpy(b, "trapezoid", y, x, dx, axis)


@LOWERINGS.named(_INTEGRATE + "cumulative_trapezoid")
def cumulative_trapezoid(
    b: Builder, y: Floats, x: Any = None, dx: Any = 1.0, axis: Any = -1, initial: Any = None
) -> Handle:
    """The integral of samples up to each of them, by trapezoids."""
    (at,) = normal_axes(axis, y.ndim)
    count = whole_number(y.shape[at], "cumulative_trapezoid") - 1
    means = 0.5 * (sliced(y, at, 0, count) + sliced(y, at, 1, count))
    steps = dx
    if x is not None:
        places = line(b, x)
        steps = of_numpy(b, "diff", places, axis=-1 if places.ndim == 1 else at)
        if places.ndim == 1:
            steps = of_numpy(b, "reshape", steps, [-1 if k == at else 1 for k in range(y.ndim)])
    found = of_numpy(b, "cumsum", of_numpy(b, "multiply", means, steps), at)
    if initial is None:
        return found
    if initial != 0:
        refuse("cumulative_trapezoid with an initial value other than 0 is not supported")
    return of_numpy(b, "concatenate", [0.0 * sliced(y, at, 0, 1), found], at)


@LOWERINGS.named(_INTEGRATE + "simpson")
def simpson(b: Builder, y: Floats, *, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Handle:
    """The integral of samples at known places by Simpson's rule, whose weights are SciPy's."""
    import numpy as np
    from scipy import integrate

    (at,) = normal_axes(axis, y.ndim)
    count = whole_number(y.shape[at], "simpson")
    places = None if x is None else known(line(b, x))
    step = known(line(b, dx))
    if step is None or (x is not None and (places is None or places.ndim != 1)):
        refuse("simpson at places that are differentiated is not supported", "use trapezoid")
    weights = integrate.simpson(np.eye(count), x=places, dx=float(step), axis=-1)
    return of_numpy(b, "tensordot", y, weights, (at, 0))


# --- distances -----------------------------------------------------------------------------------


def _lengths(b: Builder, apart: Handle, metric: Any, p: Any) -> Handle:
    """The length of what lies between two rows, on the last axis."""
    sizes = of_numpy(b, "absolute", apart)
    if metric == "euclidean":
        return of_numpy(b, "linalg.norm", apart, axis=-1)
    if metric == "sqeuclidean":
        return of_numpy(b, "sum", apart * apart, -1)
    if metric == "cityblock":
        return of_numpy(b, "sum", sizes, -1)
    if metric == "chebyshev":
        return of_numpy(b, "max", sizes, -1)
    if metric != "minkowski":
        refuse(
            f"the metric {metric!r} is not supported",
            "euclidean, sqeuclidean, cityblock, chebyshev, minkowski and cosine are",
        )
    powers = of_numpy(b, "sum", of_numpy(b, "power", sizes, p), -1)
    return of_numpy(b, "power", powers, 1.0 / p)


def _cosines(b: Builder, first: Handle, second: Handle) -> Handle:
    both = of_numpy(b, "sum", first * second, -1)
    sizes = [of_numpy(b, "linalg.norm", rows, axis=-1) for rows in (first, second)]
    return 1.0 - both / (sizes[0] * sizes[1])


def _between(b: Builder, first: Handle, second: Handle, metric: Any, p: Any) -> Handle:
    first, second = LOWERINGS["broadcast_arrays"](b, first, second)
    if metric == "cosine":
        return _cosines(b, first, second)
    return _lengths(b, first - second, metric, p)


@LOWERINGS.named(_DISTANCE + "cdist")
def cdist(b: Builder, XA: Floats, XB: Floats, metric: Any = "euclidean", *, p: Any = 2) -> Handle:  # noqa: N803
    """The distance of every row to every row of another matrix; its gradient is 0 where it is 0."""
    if XA.ndim != 2 or XB.ndim != 2:
        refuse("cdist takes two matrices")
    first, second = of_numpy(b, "expand_dims", XA, 1), of_numpy(b, "expand_dims", XB, 0)
    return _between(b, first, second, metric, p)


@LOWERINGS.named(_DISTANCE + "pdist")
def pdist(b: Builder, X: Floats, metric: Any = "euclidean", *, p: Any = 2) -> Handle:  # noqa: N803
    """The distance of every row to every later row, as a vector."""
    import numpy as np

    if X.ndim != 2:
        refuse("pdist takes a matrix")
    rows, others = np.triu_indices(whole_number(X.shape[0], "pdist"), 1)
    first, second = of_numpy(b, "take", X, rows, 0), of_numpy(b, "take", X, others, 0)
    return _between(b, first, second, metric, p)


@LOWERINGS.named(_DISTANCE + "squareform")
def squareform(b: Builder, X: Floats, force: Any = "no", _checks: Any = 1) -> Handle:  # noqa: N803
    """A vector of distances as a matrix, or a matrix as a vector of its upper triangle."""
    import math

    import numpy as np

    if force != "no":
        refuse("squareform with force= is not supported", "leave it out")
    if X.ndim == 0:
        X = of_numpy(b, "reshape", X, (1,))  # noqa: N806  as `np.ascontiguousarray` does
    if X.ndim == 2:
        n = whole_number(X.shape[0], "squareform")
        rows, columns = np.triu_indices(n, 1)
        return of_numpy(b, "take", of_numpy(b, "reshape", X, (-1,)), rows * n + columns)
    count = whole_number(X.shape[0], "squareform")
    n = (1 + math.isqrt(1 + 8 * count)) // 2
    if n * (n - 1) // 2 != count or X.ndim != 1:
        refuse(f"{count} numbers are no triangle of a matrix")
    places = np.zeros((n, n), int)
    places[np.triu_indices(n, 1)] = np.arange(1, count + 1)
    numbers = of_numpy(b, "concatenate", [np.zeros(1), X])
    return of_numpy(b, "take", numbers, places + places.T)


@LOWERINGS.named("scipy.optimize.rosen")
def rosen(b: Builder, x: Floats) -> Handle:
    """The function of H. H. Rosenbrock (1960), in any number of variables along the first axis."""
    count = whole_number(x.shape[0], "rosen") - 1
    first, second = sliced(x, 0, 0, count), sliced(x, 0, 1, count)
    apart, rest = second - first * first, 1.0 - first
    return of_numpy(b, "sum", 100.0 * (apart * apart) + rest * rest, 0)

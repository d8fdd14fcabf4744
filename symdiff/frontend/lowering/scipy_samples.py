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
            "euclidean, sqeuclidean, seuclidean, mahalanobis, cityblock, chebyshev, minkowski, "
            "cosine, correlation, braycurtis, canberra and jensenshannon are",
        )
    powers = of_numpy(b, "sum", of_numpy(b, "power", sizes, p), -1)
    return of_numpy(b, "power", powers, 1.0 / p)


def _cosines(b: Builder, first: Handle, second: Handle) -> Handle:
    both = of_numpy(b, "sum", first * second, -1)
    sizes = [of_numpy(b, "linalg.norm", rows, axis=-1) for rows in (first, second)]
    return 1.0 - both / (sizes[0] * sizes[1])


def _shares(b: Builder, above: Handle, below: Handle) -> Handle:
    """Quotients of sizes, 0 where both are 0."""
    is_zero = of_numpy(b, "equal", below, 0.0)
    return of_numpy(b, "where", is_zero, 0.0, above / of_numpy(b, "where", is_zero, 1.0, below))


def _braycurtis(b: Builder, first: Handle, second: Handle) -> Handle:
    """J. R. Bray, J. T. Curtis (1957)."""
    sizes = [of_numpy(b, "absolute", v) for v in (first - second, first + second)]
    return of_numpy(b, "sum", sizes[0], -1) / of_numpy(b, "sum", sizes[1], -1)


def _canberra(b: Builder, first: Handle, second: Handle) -> Handle:
    """G. N. Lance, W. T. Williams (1967)."""
    apart, one, other = (of_numpy(b, "absolute", v) for v in (first - second, first, second))
    return of_numpy(b, "sum", _shares(b, apart, one + other), -1)


def _correlations(b: Builder, first: Handle, second: Handle) -> Handle:
    means = [of_numpy(b, "mean", v, -1, keepdims=True) for v in (first, second)]
    return _cosines(b, first - means[0], second - means[1])


def _jensenshannon(b: Builder, first: Handle, second: Handle) -> Handle:
    """The root of the divergence of J. Lin (1991), of rows that are divided by their sums."""
    p, q = (v / of_numpy(b, "sum", v, -1, keepdims=True) for v in (first, second))
    middle = 0.5 * (p + q)
    entropies = [of_numpy(b, "scipy.special.rel_entr", v, middle) for v in (p, q)]
    return of_numpy(b, "sqrt", 0.5 * of_numpy(b, "sum", entropies[0] + entropies[1], -1))


_PAIRED = {
    "cosine": _cosines,
    "braycurtis": _braycurtis,
    "canberra": _canberra,
    "correlation": _correlations,
    "jensenshannon": _jensenshannon,
}


def _between(b: Builder, first: Handle, second: Handle, metric: Any, given: Any) -> Handle:
    """The distances of rows; `given` are the keywords of the metric, and all rows."""
    keywords, rows = given
    first, second = LOWERINGS["broadcast_arrays"](b, first, second)
    if metric in _PAIRED:
        return _PAIRED[metric](b, first, second)
    if metric == "seuclidean":
        variances = keywords.get("V")
        if variances is None:
            variances = of_numpy(b, "var", rows, 0, ddof=1)
        apart = first - second
        return of_numpy(b, "linalg.norm", apart / of_numpy(
            b, "broadcast_to", of_numpy(b, "sqrt", variances), apart.shape
        ), axis=-1)  # fmt: skip
    if metric == "mahalanobis":
        inverse = keywords.get("VI")
        if inverse is None:
            turned_rows = of_numpy(b, "transpose", rows)
            inverse = of_numpy(b, "linalg.inv", of_numpy(b, "cov", turned_rows))
        apart = first - second
        return of_numpy(
            b, "sqrt", of_numpy(b, "sum", of_numpy(b, "matmul", apart, inverse) * apart, -1)
        )
    return _lengths(b, first - second, metric, keywords.get("p", 2))


_KEYWORDS = {"minkowski": {"p"}, "seuclidean": {"V"}, "mahalanobis": {"VI"}}


def _check(metric: Any, keywords: Any) -> None:
    more = set(keywords) - _KEYWORDS.get(metric, set())
    if more:
        refuse(f"the metric {metric!r} with {min(more)}= is not supported", "leave it out")


@LOWERINGS.named(_DISTANCE + "cdist")
def cdist(
    b: Builder,
    XA: Floats,  # noqa: N803
    XB: Floats,  # noqa: N803
    metric: Any = "euclidean",
    **keywords: Any,
) -> Handle:
    """The distance of every row to every row of another matrix; its gradient is 0 where it is 0."""
    if XA.ndim != 2 or XB.ndim != 2:
        refuse("cdist takes two matrices")
    _check(metric, keywords)
    first, second = of_numpy(b, "expand_dims", XA, 1), of_numpy(b, "expand_dims", XB, 0)
    rows = of_numpy(b, "concatenate", [XA, XB], 0)
    return _between(b, first, second, metric, (keywords, rows))


@LOWERINGS.named(_DISTANCE + "pdist")
def pdist(b: Builder, X: Floats, metric: Any = "euclidean", **keywords: Any) -> Handle:  # noqa: N803
    """The distance of every row to every later row, as a vector."""
    import numpy as np

    if X.ndim != 2:
        refuse("pdist takes a matrix")
    _check(metric, keywords)
    rows, others = np.triu_indices(whole_number(X.shape[0], "pdist"), 1)
    first, second = of_numpy(b, "take", X, rows, 0), of_numpy(b, "take", X, others, 0)
    return _between(b, first, second, metric, (keywords, X))


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

"""SciPy's statistics of samples, under the names `scipy.stats.NAME`."""

from __future__ import annotations

import math
import operator
from typing import Any, NamedTuple

from symdiff.frontend.lowering.base import Floats, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.shape import normal_axes
from symdiff.ops.builder import Builder
from symdiff.ops.exponential import exp, log, sqrt
from symdiff.ops.gamma_functions import betainc
from symdiff.ops.handle import Handle

_PREFIX = "scipy.stats."


def _plainly(name: str, nan_policy: Any) -> None:
    if nan_policy != "propagate":
        refuse(f"{name} with nan_policy='{nan_policy}' is not supported", "leave it out")


def _apart(b: Builder, a: Handle, axis: Any) -> tuple[Handle, Handle]:
    """What lies between the numbers and their mean, and the mean of its squares."""
    apart = a - of_numpy(b, "broadcast_to", of_numpy(b, "mean", a, axis, keepdims=True), a.shape)
    return apart, of_numpy(b, "mean", apart * apart, axis)


def _count(a: Handle, axis: Any, name: str, least: int) -> int:
    """The number of samples along an axis, of all for `None`."""
    axes = range(a.ndim) if axis is None else normal_axes(axis, a.ndim)
    n = math.prod(whole_number(a.shape[k], name) for k in axes)
    if n < least:
        refuse(f"{name} with bias=False needs {least} samples, and has {n}")
    return n


@LOWERINGS.named(_PREFIX + "zscore")
def zscore(
    b: Builder, a: Floats, axis: Any = 0, ddof: Any = 0, nan_policy: Any = "propagate"
) -> Handle:
    """How many standard deviations a number lies above the mean."""
    _plainly("zscore", nan_policy)
    return of_numpy(
        b,
        "divide",
        of_numpy(b, "subtract", a, of_numpy(b, "mean", a, axis, keepdims=True)),
        of_numpy(b, "std", a, axis, ddof=ddof, keepdims=True),
    )


@LOWERINGS.named(_PREFIX + "gmean")
def gmean(
    b: Builder,
    a: Floats,
    axis: Any = 0,
    dtype: Any = None,
    weights: Any = None,
    nan_policy: Any = "propagate",
    keepdims: Any = 0,
) -> Handle:
    """The geometric mean."""
    _plainly("gmean", nan_policy)
    if dtype is not None:
        refuse("gmean with dtype is not supported", "leave it out")
    if weights is None:
        return exp(of_numpy(b, "mean", log(a), axis, keepdims=bool(keepdims)))
    return exp(of_numpy(b, "average", log(a), axis, weights=weights, keepdims=bool(keepdims)))


@LOWERINGS.named(_PREFIX + "hmean")
def hmean(
    b: Builder,
    a: Floats,
    axis: Any = 0,
    dtype: Any = None,
    *,
    weights: Any = None,
    nan_policy: Any = "propagate",
    keepdims: Any = 0,
) -> Handle:
    """The harmonic mean of positive numbers."""
    _plainly("hmean", nan_policy)
    if dtype is not None:
        refuse("hmean with dtype is not supported", "leave it out")
    if weights is None:
        return 1.0 / of_numpy(b, "mean", 1.0 / a, axis, keepdims=bool(keepdims))
    return 1.0 / of_numpy(b, "average", 1.0 / a, axis, weights=weights, keepdims=bool(keepdims))


@LOWERINGS.named(_PREFIX + "skew")
def skew(
    b: Builder,
    a: Floats,
    axis: Any = 0,
    bias: Any = 1,
    nan_policy: Any = "propagate",
) -> Handle:
    """The third moment about the mean over that of the standard deviation."""
    _plainly("skew", nan_policy)
    apart, variance = _apart(b, a, axis)
    found = of_numpy(b, "mean", apart * apart * apart, axis) / (variance * sqrt(variance))
    if bias:
        return found
    n = _count(a, axis, "skew", 3)
    return found * (math.sqrt(n * (n - 1.0)) / (n - 2.0))


@LOWERINGS.named(_PREFIX + "kurtosis")
def kurtosis(
    b: Builder,
    a: Floats,
    axis: Any = 0,
    fisher: Any = 1,
    bias: Any = 1,
    nan_policy: Any = "propagate",
) -> Handle:
    """The fourth moment about the mean over the square of the variance, less 3."""
    _plainly("kurtosis", nan_policy)
    apart, variance = _apart(b, a, axis)
    squares = apart * apart
    found = of_numpy(b, "mean", squares * squares, axis) / (variance * variance)
    if not bias:
        n = _count(a, axis, "kurtosis", 4)
        found = ((n * n - 1.0) * found - 3.0 * (n - 1.0) ** 2) / ((n - 2.0) * (n - 3.0)) + 3.0
    return found - 3.0 if fisher else found


class Correlation(NamedTuple):
    """What `pearsonr` gives."""

    statistic: Handle
    pvalue: Handle


@LOWERINGS.named(_PREFIX + "pearsonr")
def pearsonr(b: Builder, x: Floats, y: Floats) -> Correlation:
    """Pearson's coefficient of correlation of two samples, and its two-sided p-value.

    The coefficient of normal samples without correlation has a beta distribution on [-1, 1]. See
    R. A. Fisher, Biometrika 10 (1915).
    """
    if x.ndim != 1 or y.ndim != 1:
        refuse("pearsonr takes two vectors here", "loop over them")
    first, _ = _apart(b, x, 0)
    second, _ = _apart(b, y, 0)
    squares = of_numpy(b, "sum", first * first) * of_numpy(b, "sum", second * second)
    found = of_numpy(b, "sum", first * second) / sqrt(squares)
    half = of_numpy(b, "divide", of_numpy(b, "size", x), 2.0) - 1.0
    tail = of_numpy(b, "maximum", 0.5 - 0.5 * of_numpy(b, "absolute", found), 0.0)
    return Correlation(found, 2.0 * betainc(half, half, tail))


# --- densities of data ---------------------------------------------------------------------------


def _made(b: Builder, name: str, *values: Any) -> Any:
    """What NumPy's function gives: an array of what is known, else a line."""
    import numpy as np

    if any(isinstance(value, Handle) for value in values):
        return of_numpy(b, name, *values)
    return operator.attrgetter(name)(np)(*values)


def _energies(b: Builder, dataset: Any, covariance: Any, points: Handle) -> tuple[Handle, Any]:
    """Half the squared distances in units of the kernel, (data, points), and the log of its norm.

    B. W. Silverman, Density estimation (1986), eq. 4.1, on what a factor of the covariance makes
    round.
    """
    rows, _ = dataset.shape
    if points.ndim < 2:
        points = of_numpy(b, "reshape", points, (1, -1) if points.ndim else (1, 1))
        points = points if rows == 1 else of_numpy(b, "reshape", points, (rows, 1))
    factor = _made(b, "linalg.cholesky", covariance)
    inverse = _made(b, "linalg.inv", factor)
    middle = _made(b, "expand_dims", _made(b, "matmul", inverse, dataset), 2)
    turned = of_numpy(b, "expand_dims", of_numpy(b, "matmul", inverse, points), 1)
    apart = of_numpy(b, "subtract", turned, middle)
    logs = _made(b, "sum", _made(b, "log", _made(b, "diagonal", factor)))
    log_norm = logs + 0.5 * rows * math.log(2.0 * math.pi)
    return 0.5 * of_numpy(b, "sum", apart * apart, 0), log_norm


@LOWERINGS.named(*[f"{_PREFIX}gaussian_kde.{name}" for name in ("evaluate", "__call__", "pdf")])
def density_of_data(
    b: Builder, dataset: Any, covariance: Any, weights: Any, points: Floats
) -> Handle:
    """The density that a kernel and data make, at points: `x` of the method."""
    energies, log_norm = _energies(b, dataset, covariance, points)
    scaled = _made(b, "multiply", weights, _made(b, "exp", -log_norm))
    return of_numpy(b, "matmul", scaled, exp(-energies))


@LOWERINGS.named(_PREFIX + "gaussian_kde.logpdf")
def log_density_of_data(
    b: Builder, dataset: Any, covariance: Any, weights: Any, x: Floats
) -> Handle:
    """The logarithm of the density that a kernel and data make, at points."""
    energies, log_norm = _energies(b, dataset, covariance, x)
    logs = _made(b, "expand_dims", _made(b, "log", weights), 1)
    terms = of_numpy(b, "subtract", logs, energies)
    found: Handle = of_numpy(b, "scipy.special.logsumexp", terms, 0) - log_norm
    return found

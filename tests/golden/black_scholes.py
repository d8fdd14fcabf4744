"""The function price and its gradient by S, K, T, r, sigma."""

# symdiff 0.1.0, sha256 7bf8d4e11246ec02
import contextlib
import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

INPUTS = ("S", "K", "T", "r", "sigma")
OUTPUTS = ("price",)
WRT = ("S", "K", "T", "r", "sigma")
Real = float | np.ndarray  # or a list, or an array of another library
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays at once


def _value(
    S, K, T, r, sigma, log=math.log, sqrt=math.sqrt, tanh=math.tanh, exp=math.exp
):
    v = sigma * sqrt(T)
    d1 = (log(S / K) + (r + sigma * sigma / 2.0) * T) / v
    d2 = d1 - v
    cdf2 = (1.0 + tanh(0.79788456 * (d2 + 0.044715 * (d2 * d2 * d2)))) / 2.0
    v2 = S * ((1.0 + tanh(0.79788456 * (d1 + 0.044715 * (d1 * d1 * d1)))) / 2.0)
    return v2 - K * exp(-r * T) * cdf2


_VALUE_ON_ARRAYS = (np.log, np.sqrt, np.tanh, np.exp)


def _value_and_grad(
    S, K, T, r, sigma, log=math.log, sqrt=math.sqrt, tanh=math.tanh, exp=math.exp
):
    v = S / K
    v2 = r + sigma * sigma / 2.0
    sqrt_T = sqrt(T)
    v3 = sigma * sqrt_T
    d1 = (log(v) + v2 * T) / v3
    d2 = d1 - v3
    d1_squared = d1 * d1
    v4 = tanh(0.79788456 * (d1 + 0.044715 * (d1_squared * d1)))
    cdf1 = (1.0 + v4) / 2.0
    d2_squared = d2 * d2
    v5 = tanh(0.79788456 * (d2 + 0.044715 * (d2_squared * d2)))
    cdf2 = (1.0 + v5) / 2.0
    v6 = exp(-r * T)
    v7 = K * v6
    v8 = v7 * cdf2
    d2_bar = (1.0 - v5 * v5) * v7 * (-0.053516112150599995 * d2_squared - 0.39894228)
    v9 = (1.0 - v4 * v4) * S * (0.053516112150599995 * d1_squared + 0.39894228)
    v10 = (d2_bar + v9) / v3
    v11 = v10 * d1 + d2_bar
    v12 = v10 * T
    v13 = v10 / S
    return S * cdf1 - v8, (
        v13 + cdf1,
        -(v13 * v + cdf2 * v6),
        v10 * v2 - 0.5 * (v11 * sigma / sqrt_T) + v8 * r,
        v12 + v8 * T,
        sigma * v12 - v11 * sqrt_T,
    )


_VALUE_AND_GRAD_ON_ARRAYS = (np.log, np.sqrt, np.tanh, np.exp)


def value(S: Real, K: Real, T: Real, r: Real, sigma: Real) -> Any:
    """The value price, for numbers or arrays that broadcast."""
    if (
        S.__class__
        is K.__class__
        is T.__class__
        is r.__class__
        is sigma.__class__
        is float
    ):
        try:
            return _value(S, K, T, r, sigma)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, (S, K, T, r, sigma), _VALUE_ON_ARRAYS)


def value_and_grad(S: Real, K: Real, T: Real, r: Real, sigma: Real) -> tuple[Any, Any]:
    """The value and dprice/dS, ..., dprice/dsigma.

    Domain of divide: b != 0.
    Domain of log: x > 0.
    Domain of sqrt: x >= 0.
    Kink of sqrt: sqrt'(0) = inf.
    """
    if (
        S.__class__
        is K.__class__
        is T.__class__
        is r.__class__
        is sigma.__class__
        is float
    ):
        try:
            return _value_and_grad(S, K, T, r, sigma)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value_and_grad, (S, K, T, r, sigma), _VALUE_AND_GRAD_ON_ARRAYS)


def grad(S: Real, K: Real, T: Real, r: Real, sigma: Real) -> Any:
    """The tuple (dprice/dS, ..., dprice/dsigma), each of the broadcast shape."""
    return value_and_grad(S, K, T, r, sigma)[1]


def pack(S: Real, K: Real, T: Real, r: Real, sigma: Real) -> np.ndarray:
    """The numbers of WRT as one flat vector."""
    return np.array([S, K, T, r, sigma], dtype=float)


def unpack(theta: np.ndarray) -> tuple[Any, ...]:
    """The opposite of pack: a float for each of WRT."""
    return tuple(np.asarray(theta, dtype=float).tolist())


def packed_value_and_grad(theta: np.ndarray) -> tuple[float, np.ndarray]:
    """The value and the flat gradient, as scipy.optimize wants them."""
    f, gradient = value_and_grad(*unpack(theta))
    return float(f), pack(*gradient)


@np.errstate(all="ignore")
def _arrays(body, inputs, functions=()):
    """Run a body in blocks on threads; foreign arrays (Dask, xarray) undivided."""

    def each(function, *nests):
        if type(nests[0]) is not tuple:
            return function(*nests)
        return tuple([each(function, *parts) for parts in zip(*nests, strict=True)])

    arrays = [x for x in inputs if hasattr(x, "dtype") or hasattr(x, "__array_ufunc__")]
    if any(type(x).__module__ != "numpy" for x in arrays):
        full = sum(np.isnan(x) * x.dtype.type(0) for x in arrays if hasattr(x, "dtype"))
        return each(lambda r: full + r, body(*[x / 1 for x in inputs], *functions))
    kinds = {np.asarray(x).dtype for x in inputs if type(x) not in (int, float)}
    if odd := [kind for kind in kinds if kind.kind not in "biuf"]:
        raise TypeError(f"expected real numbers, got {odd[0]}")
    dtype = np.result_type(1.0, *kinds)
    shape = np.broadcast_shapes(*map(np.shape, inputs))
    size = int(np.prod(shape))
    given = [np.asarray(x, dtype) for x in inputs]
    given = [np.broadcast_to(a, shape).reshape(-1) if a.ndim else a[()] for a in given]
    first = body(*[a[:1] if a.ndim else a for a in given], *functions)
    results = each(lambda _: np.empty(size, dtype), first)

    def run(start):
        for i in range(start, size, BLOCK * THREADS):
            new = body(*[a[i : i + BLOCK] if a.ndim else a for a in given], *functions)
            each(lambda r, x, i=i: np.copyto(r[i : i + BLOCK], x), results, new)

    with ThreadPoolExecutor(THREADS, "", np.seterr, ["ignore"]) as pool:
        list((pool.map if size > BLOCK else map)(run, range(0, size, BLOCK)[:THREADS]))
    return each(lambda r: r.reshape(shape)[()] if kinds or shape else r.item(), results)


@np.errstate(all="ignore")
def _self_check():
    """Compare grad with differences: 1 if it is off, else 0."""
    rng, n, status = np.random.default_rng(0), len(INPUTS), 0
    good, h = [np.ones(n)], 3.7 ** -np.arange(1, 14)
    for group in [WRT[k::16] for k in range(16)[: len(WRT)]]:
        trial, found = 0, []  # of each point, how far it is off, and where
        while trial < 600 and len(found) < 12:
            trial += 1
            power = min(0.3 + trial / 20, 5.0) * rng.uniform(-1, 1) + rng.normal(size=n)
            x = rng.choice((-1, 1)[trial % 8 < 4 :], n) * 10**power
            x = (x, rng.choice(good) * rng.uniform(0.8, 1.2, n), x.round())[trial % 3]
            names = (group, group, WRT)[trial % 3]
            u = rng.normal(size=n) * (x + (x == 0)) * np.isin(INPUTS, names)
            with contextlib.suppress(Exception):  # outside of the domain
                w = 1.0 / (abs(value(*x.tolist())) or 1.0)
                y = w * value(*(x + np.outer(np.append(h, -h), u)).T)
                r = [1, -1] @ np.reshape(y, (2, 13)) / (2 * h)
                for k in (1, 2, 3):  # Richardson's extrapolation to a step of 0
                    r = r[1:] + np.diff(r) / (3.7 ** (2 * k) - 1)
                bars = np.convolve(abs(np.diff(r)), [10, 10], "valid") + 2e-15 / h[4:12]
                slope = w * (np.ravel(grad(*x.tolist())) @ u)
                r, size = r[1:-1], abs(r[1:-1]) + 1e-3 * (trial > 200)
                off = (abs(r - slope) / size)[bars < 1e-6 * size].min()
                if trial % 3 == 2 and not off <= 2e-6:
                    continue  # at a kink, where conventions hold
                good.append(x)
                found.append((np.nan_to_num(off, nan=np.inf), x[:4].tolist()))
        off, at = max(found, default=(np.inf, ""))
        status |= (is_off := not off <= 2e-6)
        text = f"{'WRONG, ' * is_off}off by {off:.1e} at {', '.join(INPUTS[:4])} = {at}"
        text = text if found else "not finite, or its differences are not sure"
        print(f"grad by {', '.join(group[:3])}: {len(found)} points compared, {text}")
    return status


if __name__ == "__main__":
    raise SystemExit(_self_check())

# symdiff recipe: {"source":"# the price of a European call\nS: float; K: float; T: floa
# | t; r: float; sigma: float\nd1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T))\nd2
# |  = d1 - sigma*sqrt(T)\ncdf1 = (1 + tanh(0.79788456*(d1 + 0.044715*d1**3)))/2\ncdf2 =
# |  (1 + tanh(0.79788456*(d2 + 0.044715*d2**3)))/2\nprice = S*cdf1 - K*exp(-r*T)*cdf2\n
# | ","steps":[["grad","S","K","T","r","sigma"]]}

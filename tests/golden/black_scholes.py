"""The function price and its gradient by S, K, T, r, sigma."""
# symdiff 0.1.0, sha256 b04de25c191a26e5, recipe: {"source":"# the price of a European call\nS: floa
# | t; K: float; T: float; r: float; sigma: float\nd1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(
# | T))\nd2 = d1 - sigma*sqrt(T)\ncdf1 = (1 + tanh(0.79788456*(d1 + 0.044715*d1**3)))/2\ncdf2 = (1 +
# |  tanh(0.79788456*(d2 + 0.044715*d2**3)))/2\nprice = S*cdf1 - K*exp(-r*T)*cdf2\n","steps":[["grad
# | ","S","K","T","r","sigma"]]}
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

INPUTS = ("S", "K", "T", "r", "sigma")
OUTPUTS = ("price",)
WRT = ("S", "K", "T", "r", "sigma")
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays; 1 thread: no pool

def _value(S, K, T, r, sigma, log=math.log, sqrt=math.sqrt, tanh=math.tanh, exp=math.exp):
    v = sigma * sqrt(T)
    d1 = (log(S / K) + (r + sigma * sigma / 2.0) * T) / v
    d2 = d1 - v
    cdf2 = (1.0 + tanh(0.79788456 * (d2 + 0.044715 * (d2 * d2 * d2)))) / 2.0
    v2 = S * ((1.0 + tanh(0.79788456 * (d1 + 0.044715 * (d1 * d1 * d1)))) / 2.0)
    return v2 - K * exp(-r * T) * cdf2

_VALUE_ON_ARRAYS = (np.log, np.sqrt, np.tanh, np.exp)

def _value_and_grad(
    S, K, T, r, sigma, log=math.log, sqrt=math.sqrt, tanh=math.tanh, exp=math.exp,
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
    d1_bar = d2_bar + (1.0 - v4 * v4) * S * (0.053516112150599995 * d1_squared + 0.39894228)
    v9 = d1_bar / v3
    v10 = v9 * d1 + d2_bar
    v11 = v9 * T
    v12 = v9 / v / K
    return S * cdf1 - v8, (
        v12 + cdf1, -(v12 * v + v6 * cdf2), v9 * v2 - 0.5 * (sigma * v10 / sqrt_T) + r * v8,
        v11 + T * v8, sigma * v11 - sqrt_T * v10,
    )

_VALUE_AND_GRAD_ON_ARRAYS = (np.log, np.sqrt, np.tanh, np.exp)

def value(S, K, T, r, sigma):
    """The value price, for numbers or arrays that broadcast."""
    if S.__class__ is K.__class__ is T.__class__ is r.__class__ is sigma.__class__ is float:
        try:
            return _value(S, K, T, r, sigma)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, 1, (S, K, T, r, sigma), _VALUE_ON_ARRAYS)

def value_and_grad(S, K, T, r, sigma):
    """The value and dprice/dS, ..., dprice/dsigma.

    Domain of divide: b != 0.
    Domain of log: x > 0.
    Domain of sqrt: x >= 0.
    Kink of sqrt: sqrt'(0) = inf.
    """
    if S.__class__ is K.__class__ is T.__class__ is r.__class__ is sigma.__class__ is float:
        try:
            return _value_and_grad(S, K, T, r, sigma)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value_and_grad, 6, (S, K, T, r, sigma), _VALUE_AND_GRAD_ON_ARRAYS)

def grad(S, K, T, r, sigma):
    """The tuple (dprice/dS, ..., dprice/dsigma), each of the broadcast shape."""
    return value_and_grad(S, K, T, r, sigma)[1]

def pack(S, K, T, r, sigma):
    """The numbers of WRT as one flat vector."""
    return np.array([S, K, T, r, sigma], dtype=float)

def unpack(theta):
    """The opposite of pack: a float for each of WRT."""
    return tuple(np.asarray(theta, dtype=float).tolist())

def packed_value_and_grad(theta):
    """The value and the flat gradient, as scipy.optimize wants them."""
    f, gradient = value_and_grad(*unpack(theta))
    return float(f), pack(*gradient)

def _arrays(body, count, inputs, functions=()):
    """Run a body block by block on threads; arrays of other kinds (Dask, xarray) undivided."""
    def row(found):
        return [r for part in found for r in row(part)] if isinstance(found, tuple) else [found]
    def nested(r):
        return r[0] if count == 1 else (r[0], tuple(r[1:]))
    if any(hasattr(x, "__array_ufunc__") and type(x).__module__ != "numpy" for x in inputs):
        full = sum(np.isnan(x) * x.dtype.type(0) for x in inputs if hasattr(x, "dtype"))
        return nested([full + r for r in row(body(*[x / 1 for x in inputs], *functions))])
    kinds = {np.asarray(x).dtype for x in inputs if type(x) not in (int, float)}
    dtype, shape = np.result_type(1.0, *kinds), np.broadcast_shapes(*map(np.shape, inputs))
    if dtype.kind != "f":
        raise TypeError(f"expected real numbers, got {dtype}")
    flat = [np.asarray(x, dtype) for x in inputs]
    flat = [np.broadcast_to(a, shape).reshape(-1) if a.ndim else a[()] for a in flat]
    results = [np.empty(shape, dtype) for _ in range(count)]
    def run(start):
        for i in range(start, results[0].size, BLOCK * THREADS):
            found = body(*[a[i : i + BLOCK] if a.ndim else a for a in flat], *functions)
            for result, r in zip(results, row(found), strict=True):
                result.reshape(-1)[i : i + BLOCK] = r
    starts = range(0, min(results[0].size, BLOCK * THREADS), BLOCK)
    with np.errstate(all="ignore"), ThreadPoolExecutor(THREADS, "", np.seterr, ["ignore"]) as pool:
        list((pool.map if len(starts) > 1 else map)(run, starts))
    return nested([r if shape else r[()] if kinds else r.item() for r in results])

if __name__ == "__main__":  # self-check: the derivatives lie between one-sided differences
    np.seterr(all="ignore")
    points = np.random.default_rng(0).normal(0.0, 3.0, (len(INPUTS), 200)).round(1)
    (f, gradient), top, names = value_and_grad(*points), 0.0, np.array(INPUTS)[:, None]
    for name, g in zip(WRT, gradient, strict=True):
        d = [(value(*(points + k * (names == name))) - f) / k for k in (-1e-5, -1e-7, 1e-7, 1e-5)]
        off = abs(g - np.clip(g, np.min(d, 0), np.max(d, 0))) - abs(d[0] - d[1]) - abs(d[2] - d[3])
        top = max(top, off := max((off / (1 + abs(f) + abs(g)))[np.isfinite(off)], default=np.inf))
        print(f"d/d{name}: off by at most {max(off, 0.0):.1e}")
    raise SystemExit(int(top > 1e-6))

"""The function price and its gradient by S, K, T, r, sigma."""
# symdiff 0.1.0, sha256 f2f131b6c9aa447e, recipe: {"source":"# the price of a European call\nS: floa
# | t; K: float; T: float; r: float; sigma: float\nd1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(
# | T))\nd2 = d1 - sigma*sqrt(T)\ncdf1 = (1 + tanh(0.79788456*(d1 + 0.044715*d1**3)))/2\ncdf2 = (1 +
# |  tanh(0.79788456*(d2 + 0.044715*d2**3)))/2\nprice = S*cdf1 - K*exp(-r*T)*cdf2\n","steps":[["grad
# | ","S","K","T","r","sigma"]]}
import contextlib
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

def _value_and_grad(S, K, T, r, sigma, log=math.log, sqrt=math.sqrt, tanh=math.tanh, exp=math.exp):
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
        v12 + cdf1,
        -(v12 * v + v6 * cdf2),
        v9 * v2 - 0.5 * (sigma * v10 / sqrt_T) + r * v8,
        v11 + T * v8,
        sigma * v11 - sqrt_T * v10,
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

@np.errstate(all="ignore")
def _self_check():
    """Compare grad with differences of value where these are sure: 1 if off, else 0."""
    rng, good, status = np.random.default_rng(0), [], 0

    def draw(trial):  # near a good point, or of any size and sign, further out from trial to trial
        if good and trial % 2:
            return {n: x * rng.uniform(0.8, 1.2, np.shape(x)) for n, x in rng.choice(good).items()}
        power = min(0.3 + trial / 20, 5.0) * rng.uniform(-1, 1) + rng.normal(size=len(INPUTS))
        sizes = 10**power * rng.choice((-1, 1)[trial % 8 < 4 :], len(INPUTS))
        return dict(zip(INPUTS, (sizes.round() if trial % 6 == 4 else sizes).tolist(), strict=True))

    def compare(point, names, more=2):  # in a random direction
        wrt, ys = {n: point[n] for n in WRT}, (value(*point.values()),)
        u = [rng.normal(size=np.shape(x)) * (x + (x == 0)) * (n in names) for n, x in wrt.items()]
        w = [rng.normal(size=np.shape(y)) / (np.linalg.norm(y) or 1) for y in ys]

        def f(a):
            moved = {n: float(point[n] + a * x) for n, x in zip(WRT, u, strict=True)}
            return np.ravel(value(*(point | moved).values())) @ np.ravel(w)

        base, steps = f(0.0), 4.0 ** -np.arange(1, 14)
        if not np.isfinite(base):
            raise ValueError("outside of the domain")
        r = np.array([[(f(h) - base) / h for h in side] for side in (steps, -steps)])
        for n in (1, 2, 3):
            r = r[:, 1:] + np.diff(r) / (4.0**n - 1)  # Richardson's extrapolation to h = 0
        error = 10 * np.ptp([r[:, :-2], r[:, 1:-1], r[:, 2:]], 0).sum(0) + 2e-15 / steps[4:-1]
        best = np.nan_to_num(error, nan=np.inf).argmin()
        slope = w[0] * (np.ravel(grad(*point.values())) @ np.ravel(u))
        low, high = sorted(r[:, best + 1])
        off, size = max(low - slope, slope - high, 0.0), max(-low, high) + 1e-6
        if not error[best] < 1e-5 * size:
            raise ValueError("differences are not sure")
        is_off = not off <= error[best] + 1e-6 * size  # and if so in other directions too
        return compare(point, names, more - 1) if is_off and more else (is_off, off / size, size)

    for group in [WRT[k::16] for k in range(min(16, len(WRT)))]:
        points, worst = 0, (False, 0.0, "")
        for trial in range(400):
            point = draw(trial)
            with contextlib.suppress(ArithmeticError, IndexError, ValueError):
                is_off, off, size = compare(point, WRT if trial % 6 == 4 else group)
                if is_off and trial % 6 == 4:
                    continue  # at a kink, where conventions hold
                good.append(point)
                points += is_off or size > 1e-6 or trial > 300
                at = ", ".join(f"{n}={np.ravel(x)[:3]}" for n, x in [*point.items()][:4])
                worst = max(worst, (is_off, off, at))
            if worst[0] or points == 12:
                break
        is_off, off, at = worst
        found = f"{points} points compared, {'WRONG, ' * is_off}off by up to {off:.1e} at {at}"
        nothing = "nothing compared: the value is not finite, or its differences are not sure"
        print(f"grad by {', '.join(group[:3])}: {found if points else nothing}")
        status = 1 if is_off or not points else status
    return status

if __name__ == "__main__":
    raise SystemExit(_self_check())

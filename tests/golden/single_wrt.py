"""The function signal and its gradient by rate."""
# symdiff 0.1.0, sha256 becfeb285dc5766a, recipe: {"source":"amplitude*exp(-rate*t)*cos(t)","name":"
# | signal","steps":[["grad","rate"]]}
import contextlib
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

INPUTS, OUTPUTS, WRT = ("amplitude", "rate", "t"), ("signal",), ("rate",)
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays; 1 thread: no pool

def _value(amplitude, rate, t, exp=math.exp, cos=math.cos):
    return amplitude * exp(-rate * t) * cos(t)

_VALUE_ON_ARRAYS = (np.exp, np.cos)

def _value_and_grad(amplitude, rate, t, exp=math.exp, cos=math.cos):
    v = amplitude * exp(-rate * t) * cos(t)
    return v, -(v * t)

_VALUE_AND_GRAD_ON_ARRAYS = (np.exp, np.cos)

def value(amplitude, rate, t):
    """The value signal, for numbers or arrays that broadcast.

    signal = amplitude*exp(-rate*t)*cos(t)
    """
    if amplitude.__class__ is rate.__class__ is t.__class__ is float:
        try:
            return _value(amplitude, rate, t)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, 1, (amplitude, rate, t), _VALUE_ON_ARRAYS)

def value_and_grad(amplitude, rate, t):
    """The value and (dsignal/drate = -cos(t)*amplitude*exp(-rate*t)*t); smooth everywhere."""
    if amplitude.__class__ is rate.__class__ is t.__class__ is float:
        try:
            return _value_and_grad(amplitude, rate, t)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value_and_grad, 2, (amplitude, rate, t), _VALUE_AND_GRAD_ON_ARRAYS)

def grad(amplitude, rate, t):
    """dsignal/drate, of the shape that the inputs broadcast to."""
    return value_and_grad(amplitude, rate, t)[1]

def pack(rate):
    """The numbers of WRT as one flat vector."""
    return np.array([rate], dtype=float)

def unpack(theta):
    """The opposite of pack: a float for each of WRT."""
    return tuple(np.asarray(theta, dtype=float).tolist())

def packed_value_and_grad(theta, amplitude, t):
    """The value and the flat gradient, as scipy.optimize wants them."""
    rate, = unpack(theta)
    f, gradient = value_and_grad(amplitude, rate, t)
    return float(f), pack(gradient)

def _arrays(body, count, inputs, functions=()):
    """Run a body block by block on threads; arrays of other kinds (Dask, xarray) undivided."""
    def row(found):
        return [r for part in found for r in row(part)] if isinstance(found, tuple) else [found]
    def nested(r):
        return r[0] if count == 1 else tuple(r)
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

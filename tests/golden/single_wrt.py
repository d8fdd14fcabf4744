"""The function signal and its gradient by rate."""
# symdiff 0.1.0, sha256 0b91bc6a3b7a1ac3, recipe: {"source":"amplitude*exp(-rate*t)*cos(t)","name":"
# | signal","steps":[["grad","rate"]]}
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
    """The value and dsignal/drate; smooth everywhere.

    dsignal/drate = -(cos(t)*amplitude*exp(-rate*t)*t)
    """
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

if __name__ == "__main__":  # self-check: the derivatives lie between one-sided differences
    np.seterr(all="ignore")
    points = np.random.default_rng(0).normal(0.0, 3.0, (len(INPUTS), 200)).round(1)
    (f, gradient), top, names = value_and_grad(*points), 0.0, np.array(INPUTS)[:, None]
    for name, g in zip(WRT, [gradient], strict=True):
        d = [(value(*(points + k * (names == name))) - f) / k for k in (-1e-5, -1e-7, 1e-7, 1e-5)]
        off = abs(g - np.clip(g, np.min(d, 0), np.max(d, 0))) - abs(d[0] - d[1]) - abs(d[2] - d[3])
        top = max(top, off := max((off / (1 + abs(f) + abs(g)))[np.isfinite(off)], default=np.inf))
        print(f"d/d{name}: off by at most {max(off, 0.0):.1e}")
    raise SystemExit(int(top > 1e-6))

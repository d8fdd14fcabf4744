"""The function f and its gradient by x."""
# symdiff 0.1.0, sha256 e4fa9a5c4da9e006, recipe: {"source":"where(x > 0, log(x), -x**2) + abs(x)","
# | steps":[["grad","x"]]}
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

INPUTS, OUTPUTS, WRT = ("x",), ("f",), ("x",)
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays; 1 thread: no pool

def _where(condition, a, b):
    return a if condition else b

def _choose(condition, a, b):
    if hasattr(condition, "where") and not hasattr(condition, "__array_function__"):
        return (np.copysign(0.0, condition) + a).where(condition, b)
    return np.where(condition, a, b)

def _sign(x):
    return math.copysign(1.0, x) if x and x == x else x + 0.0  # NaN stays NaN

def _value(x, where=_where, log=math.log, abs=math.fabs):
    v = x > 0.0
    return where(v, log(where(v, x, 1.0)), -(x * x)) + abs(x)

_VALUE_ON_ARRAYS = (_choose, np.log, np.abs)

def _value_and_grad(x, where=_where, log=math.log, abs=math.fabs, sign=_sign):
    v = x > 0.0
    v2 = where(v, x, 1.0)
    return where(v, log(v2), -(x * x)) + abs(x), where(v, 1.0 / v2, -2.0 * x) + sign(x)

_VALUE_AND_GRAD_ON_ARRAYS = (_choose, np.log, np.abs, np.sign)

def value(x):
    """The value f, for numbers or arrays that broadcast.

    f = where(x > 0, log(x), -x**2) + abs(x)
    """
    if x.__class__ is float:
        try:
            return _value(x)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, 1, (x,), _VALUE_ON_ARRAYS)

def value_and_grad(x):
    """The value and df/dx.

    df/dx = where(x > 0, 1/x, -2*x) + sign(x)
    Domain of log: x > 0.
    Kink of where: the taken branch is differentiated.
    Kink of absolute: abs'(0) = 0.
    """
    if x.__class__ is float:
        try:
            return _value_and_grad(x)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value_and_grad, 2, (x,), _VALUE_AND_GRAD_ON_ARRAYS)

def grad(x):
    """df/dx, of the shape that the inputs broadcast to."""
    return value_and_grad(x)[1]

def pack(x):
    """The numbers of WRT as one flat vector."""
    return np.array([x], dtype=float)

def unpack(theta):
    """The opposite of pack: a float for each of WRT."""
    return tuple(np.asarray(theta, dtype=float).tolist())

def packed_value_and_grad(theta):
    """The value and the flat gradient, as scipy.optimize wants them."""
    f, gradient = value_and_grad(*unpack(theta))
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

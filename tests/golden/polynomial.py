"""The function f and its gradient by x, y."""
# symdiff 0.1.0, sha256 88c8cfcc3cae3f3e, recipe: {"source":"x**2+y**3","steps":[["grad","x","y"]]}
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

INPUTS, OUTPUTS, WRT = ("x", "y"), ("f",), ("x", "y")
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays; 1 thread: no pool

def _value(x, y):
    return x * x + y * y * y

def _value_and_grad(x, y):
    y_squared = y * y
    return x * x + y_squared * y, (2.0 * x, 3.0 * y_squared)

def value(x, y):
    """The value f = x**2 + y**3, for numbers or arrays that broadcast."""
    return _value(x, y) if x.__class__ is y.__class__ is float else _arrays(_value, 1, (x, y))

def value_and_grad(x, y):
    """The value and (df/dx = 2*x, df/dy = 3*y**2); smooth everywhere."""
    floats = x.__class__ is y.__class__ is float
    return _value_and_grad(x, y) if floats else _arrays(_value_and_grad, 3, (x, y))

def grad(x, y):
    """The tuple (df/dx, df/dy), each of the broadcast shape."""
    return value_and_grad(x, y)[1]

def pack(x, y):
    """The numbers of WRT as one flat vector."""
    return np.array([x, y], dtype=float)

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

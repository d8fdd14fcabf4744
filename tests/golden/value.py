"""The function f1, f2 of x, y."""
# symdiff 0.1.0, sha256 0f3a3f844b6bb32d, recipe: {"source":"s = x + y; return s*s, log(1 + exp(s))"
# | ,"steps":[]}
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

INPUTS, OUTPUTS, WRT = ("x", "y"), ("f1", "f2"), ("x", "y")
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays; 1 thread: no pool

def _value(x, y, exp=math.exp, log=math.log):
    s = x + y
    return s * s, log(1.0 + exp(s))

_VALUE_ON_ARRAYS = (np.exp, np.log)

def value(x, y):
    """The value f1, f2, for numbers or arrays that broadcast.

    f1 = (x + y)**2
    f2 = log(1 + exp(x + y))
    """
    if x.__class__ is y.__class__ is float:
        try:
            return _value(x, y)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, 2, (x, y), _VALUE_ON_ARRAYS)

def _arrays(body, count, inputs, functions=()):
    """Run a body block by block on threads; arrays of other kinds (Dask, xarray) undivided."""
    def row(found):
        return [r for part in found for r in row(part)] if isinstance(found, tuple) else [found]
    def nested(r):
        return tuple(r)
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

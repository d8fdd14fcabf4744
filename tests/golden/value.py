"""The function f1, f2 of x, y."""

# symdiff 0.1.0, sha256 c3cd11e7c0e2e01a
import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

INPUTS, OUTPUTS, WRT = ("x", "y"), ("f1", "f2"), ("x", "y")
Real = float | np.ndarray  # or a list, or an array of another library
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays at once


def _value(x, y, exp=math.exp, log=math.log):
    s = x + y
    return s * s, log(1.0 + exp(s))


_VALUE_ON_ARRAYS = (np.exp, np.log)


def value(x: Real, y: Real) -> tuple[Any, ...]:
    """The value f1, f2, for numbers or arrays that broadcast.

    f1 = (x + y)**2
    f2 = log(1 + exp(x + y))
    """
    if x.__class__ is y.__class__ is float:
        try:
            return _value(x, y)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, (x, y), _VALUE_ON_ARRAYS)


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


# symdiff recipe: {"source":"s = x + y; return s*s, log(1 + exp(s))","steps":[]}

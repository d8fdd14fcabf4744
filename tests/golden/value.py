"""The function f1, f2 of x, y."""

# symdiff 0.1.0, sha256 a088a54f6392570c
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


def _each(function, *nests):
    if type(nests[0]) is not tuple:
        return function(*nests)
    return tuple([_each(function, *parts) for parts in zip(*nests, strict=True)])


@np.errstate(all="ignore")
def _arrays(body, inputs, functions=()):
    """Run a body in blocks on threads; foreign arrays (Dask, xarray) undivided."""
    others = [x for x in inputs if type(x).__module__ != "numpy"]
    if any(hasattr(x, "__array_ufunc__") for x in others):
        full = sum(np.isnan(x) * x.dtype.type(0) for x in inputs if hasattr(x, "dtype"))
        return _each(lambda r: full + r, body(*[x / 1 for x in inputs], *functions))
    kinds = {np.asarray(x).dtype for x in inputs if type(x) not in (int, float)}
    dtype = np.result_type(1.0, *kinds)
    if dtype.kind != "f":
        raise TypeError(f"expected real numbers, got {dtype}")
    shape = np.broadcast_shapes(*map(np.shape, inputs))
    given = [np.asarray(x, dtype) for x in inputs]
    given = [np.broadcast_to(a, shape).reshape(-1) if a.ndim else a[()] for a in given]
    size = int(np.prod(shape))

    def run(start):
        for i in range(start, size, BLOCK * THREADS):
            part = slice(i, i + BLOCK)
            found = computed(part) if i else first
            _each(lambda r, new, part=part: np.copyto(r[part], new), results, found)

    def computed(part):
        return body(*[a[part] if a.ndim else a for a in given], *functions)

    first = computed(slice(BLOCK))
    results = _each(lambda _: np.empty(size, dtype), first)
    starts = range(0, min(size, BLOCK * THREADS), BLOCK)
    with ThreadPoolExecutor(THREADS, "", np.seterr, ["ignore"]) as pool:
        list((pool.map if len(starts) > 1 else map)(run, starts))
    is_number = not (kinds or shape)
    return _each(lambda r: r.item() if is_number else r.reshape(shape)[()], results)


# symdiff recipe: {"source":"s = x + y; return s*s, log(1 + exp(s))","steps":[]}

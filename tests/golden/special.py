"""The function f and its gradient by x."""

# symdiff 0.1.0, sha256 94947f688311de90
import contextlib
import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped]

INPUTS, OUTPUTS, WRT = ("x",), ("f",), ("x",)
Real = float | np.ndarray  # or a list, or an array of another library
BLOCK, THREADS = 16384, os.cpu_count() or 1  # elements of large arrays at once


def _loggamma(x):
    return math.lgamma(x) if x > -math.inf else x


def _floating(function):
    def call(*args):
        with np.errstate(all="ignore"):
            return float(function(*args))

    return call


_digamma_of_float = _floating(special.digamma)


def _value(x, erf=math.erf, gammaln=_loggamma):
    return x * erf(x / 1.4142135623730951) + gammaln(x)


_VALUE_ON_ARRAYS = (special.erf, special.gammaln)


def _value_and_grad(
    x, erf=math.erf, gammaln=_loggamma, digamma=_digamma_of_float, exp=math.exp
):
    v = x / 1.4142135623730951
    erf_v = erf(v)
    return (
        x * erf_v + gammaln(x),
        0.7978845608028653 * (x * exp(-(v * v))) + erf_v + digamma(x),
    )


_VALUE_AND_GRAD_ON_ARRAYS = (special.erf, special.gammaln, special.digamma, np.exp)


def value(x: Real) -> Any:
    """The value f, for numbers or arrays that broadcast.

    f = x*erf(x/1.4142135623730951) + loggamma(x)
    """
    if x.__class__ is float:
        try:
            return _value(x)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value, (x,), _VALUE_ON_ARRAYS)


def value_and_grad(x: Real) -> tuple[Any, Any]:
    """The value and df/dx.

    Domain of loggamma: x not in {0, -1, -2, ...}.
    """
    if x.__class__ is float:
        try:
            return _value_and_grad(x)
        except (ArithmeticError, ValueError):
            pass  # NumPy's inf and nan, below
    return _arrays(_value_and_grad, (x,), _VALUE_AND_GRAD_ON_ARRAYS)


def grad(x: Real) -> Any:
    """df/dx, of the shape that the inputs broadcast to."""
    return value_and_grad(x)[1]


def pack(x: Real) -> np.ndarray:
    """The numbers of WRT as one flat vector."""
    return np.array([x], dtype=float)


def unpack(theta: np.ndarray) -> tuple[Any, ...]:
    """The opposite of pack: a float for each of WRT."""
    return tuple(np.asarray(theta, dtype=float).tolist())


def packed_value_and_grad(theta: np.ndarray) -> tuple[float, np.ndarray]:
    """The value and the flat gradient, as scipy.optimize wants them."""
    (x,) = unpack(theta)
    f, gradient = value_and_grad(x)
    return float(f), pack(gradient)


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

# symdiff recipe: {"source":"x*erf(x/sqrt(2)) + loggamma(x)","steps":[["grad","x"]]}

"""The function f and its gradient by x."""

# symdiff 0.1.0, sha256 f05635e78e7ccd8b
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


@np.errstate(all="ignore")
def _self_check():
    """Compare grad with differences: 1 if it is off, else 0."""
    rng, good, status = np.random.default_rng(0), [], 0
    steps = np.outer([1, -1], 4.0 ** -np.arange(1, 14)).ravel()
    a = np.append(0.0, steps)
    wrt = [INPUTS.index(name) for name in WRT]

    def draw(trial):  # near a good point, or of any size and sign
        if good and trial % 2:
            return rng.choice(good) * rng.uniform(0.8, 1.2, len(INPUTS))
        power = min(0.3 + trial / 20, 5.0) * rng.uniform(-1, 1)
        sizes = 10 ** (power + rng.normal(size=len(INPUTS)))
        sizes *= rng.choice((-1, 1)[trial % 8 < 4 :], len(INPUTS))
        return sizes.round() if trial % 6 == 4 else sizes

    def compare(point, names, more=2):  # in a random direction
        x, ys = point[wrt], np.ravel(value(*point.tolist()))
        u = rng.normal(size=len(x)) * (x + (x == 0)) * np.isin(WRT, names)
        w = rng.normal(size=len(ys)) / (abs(ys) + (ys == 0))
        moved = np.repeat([point], len(a), 0)
        moved[:, wrt] += np.outer(a, u)
        y = w @ np.reshape(value(*moved.T), (len(w), -1))
        r = ((y[1:] - y[0]) / steps).reshape(2, 13)
        for n in (1, 2, 3):  # Richardson's extrapolation to a step of 0
            r = r[:, 1:] + np.diff(r) / (4.0**n - 1)
        error = 10 * np.ptp([r[:, :-2], r[:, 1:-1], r[:, 2:]], 0).sum(0)
        error += 2e-15 / steps[4:12]
        best = np.nan_to_num(error, nan=np.inf).argmin()
        slope = w[0] * (np.ravel(grad(*point.tolist())) @ u)
        low, high = sorted(r[:, best + 1])
        off, size = max(low - slope, slope - high, 0.0), max(-low, high) + 1e-6
        if not error[best] < 1e-5 * size:
            raise ValueError("differences are not sure")
        if more and not off <= error[best] + 1e-6 * size:
            return compare(point, names, more - 1)  # off in other directions too?
        return not off <= error[best] + 1e-6 * size, off / size, size

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
                at = [f"{n}={x:.3g}" for n, x in zip(INPUTS, point, strict=True)]
                worst = max(worst, (is_off, off, ", ".join(at[:4])))
            if worst[0] or points == 12:
                break
        is_off, off, at = worst
        found = f"{points} points compared, {'WRONG, ' * is_off}off by up to {off:.1e}"
        nothing = "nothing compared: not finite, or its differences are not sure"
        found = f"{found} at {at}" if points else nothing
        print(f"grad by {', '.join(group[:3])}: {found}")
        status = 1 if is_off or not points else status
    return status


if __name__ == "__main__":
    raise SystemExit(_self_check())

# symdiff recipe: {"source":"x*erf(x/sqrt(2)) + loggamma(x)","steps":[["grad","x"]]}

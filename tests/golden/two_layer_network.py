"""The function loss and its gradient by W1, b1, W2, b2."""

# symdiff 0.1.0, sha256 e0ef7ab0d16f1a03
import contextlib
from typing import Any

import numpy as np

INPUTS = ("W1", "b1", "W2", "b2", "X", "y")
OUTPUTS = ("loss",)
WRT = ("W1", "b1", "W2", "b2")
Real = float | np.ndarray  # or a list, or an array of another library
SHAPES: dict[str, Any] = {
    "W1": (10, 20),
    "b1": (20,),
    "W2": (20, 1),
    "b2": (1,),
    "X": ("N", 10),
    "y": ("N", 1),
}
FLOAT = np.dtype(float)


def _value(W1, b1, W2, b2, X, y):
    N = X.shape[0]
    hidden = np.maximum(X @ W1 + b1, 0.0)  # line 7
    prediction = hidden @ W2 + b2  # line 8
    v = prediction - y  # line 9
    return (v * v).sum() / N


def _value_and_grad(W1, b1, W2, b2, X, y):
    N = X.shape[0]
    v = X @ W1 + b1  # line 7
    hidden = np.maximum(v, 0.0)
    prediction = hidden @ W2 + b2  # line 8
    v2 = prediction - y  # line 9
    loss = (v2 * v2).sum() / N
    prediction_bar = 2.0 / N * v2
    v3 = prediction_bar @ W2.T * (0.5 * np.sign(v) + 0.5)  # line 7
    return loss, (
        X.T @ v3,
        v3.sum(axis=0),
        hidden.T @ prediction_bar,
        prediction_bar.sum(axis=0),
    )


def value(W1: Real, b1: Real, W2: Real, b2: Real, X: Real, y: Real) -> Any:
    """The value loss.

    loss = sum((maximum(X @ W1 + b1, 0) @ W2 + b2 - y)**2)/N
    Shapes: W1: (10, 20), b1: (20,), W2: (20, 1), b2: (1,), X: (N, 10), y: (N, 1).
    Lines in the comments are those of golden_functions.py.
    """
    return _run(_value, _arguments(W1, b1, W2, b2, X, y))


def value_and_grad(
    W1: Real, b1: Real, W2: Real, b2: Real, X: Real, y: Real, *, accumulate: Any = None
) -> tuple[Any, Any]:
    """The value and dloss/dW1, dloss/db1, dloss/dW2, dloss/db2, each of its input's
    shape.

    Shapes: W1: (10, 20), b1: (20,), W2: (20, 1), b2: (1,), X: (N, 10), y: (N, 1).
    Lines in the comments are those of golden_functions.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    Kink of maximum: a tie is shared equally.
    """
    f, gradient = _run(_value_and_grad, _arguments(W1, b1, W2, b2, X, y))
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient


def grad(
    W1: Real, b1: Real, W2: Real, b2: Real, X: Real, y: Real, *, accumulate: Any = None
) -> Any:
    """The gradient alone: see value_and_grad."""
    return value_and_grad(W1, b1, W2, b2, X, y, accumulate=accumulate)[1]


def pack(W1: Real, b1: Real, W2: Real, b2: Real) -> np.ndarray:
    """The arrays of WRT as one flat vector."""
    return np.concatenate(
        [np.ravel(W1), np.ravel(b1), np.ravel(W2), np.ravel(b2)]
    ).astype(float)


def unpack(theta: np.ndarray) -> tuple[Any, ...]:
    """The opposite of pack: an array for each of WRT."""
    theta, found, start = np.asarray(theta), [], 0
    shapes = [SHAPES[name] for name in WRT]
    for shape in shapes:
        size = int(np.prod(shape))
        found.append(theta[start : start + size])
        start += size
    if start != theta.size:
        raise ValueError(f"theta: expected {start} numbers, got {theta.size}")
    found = [part.reshape(shape)[()] for part, shape in zip(found, shapes)]
    return tuple(found)


def packed_value_and_grad(
    theta: np.ndarray, X: Real, y: Real
) -> tuple[float, np.ndarray]:
    """The value and the flat gradient, as scipy.optimize wants them."""
    W1, b1, W2, b2 = unpack(theta)
    f, gradient = value_and_grad(W1, b1, W2, b2, X, y)
    return float(f), pack(*gradient)


def _accumulated(into, gradient):
    """Add to arrays that the caller owns: to all of them or to none."""
    are_several = type(gradient) is tuple
    arrays, parts = (into, gradient) if are_several else ([into], [gradient])
    if len(arrays) != len(parts):
        raise ValueError(f"accumulate: expected {len(parts)} arrays, got {len(arrays)}")
    for name, array, part in zip(WRT, arrays, parts):
        shape, kind = np.shape(part), getattr(array, "dtype", np.dtype(object)).kind
        if np.shape(array) != shape or kind != "f":
            wanted = f"an array of floats of shape {shape} for {name}"
            raise ValueError(f"accumulate: expected {wanted}")
    for array, part in zip(arrays, parts):
        array += part
    return into


@np.errstate(all="ignore")
def _run(body, given):
    """Call a body with checked arguments; infinities and NaN come without warnings."""
    found = body(*given)
    if body is _value_and_grad and type(given) is list:
        return found[0], _as_inputs(found[1], dict(zip(INPUTS, given)))
    return found


def _as_inputs(gradient, given):
    """The gradient in the types of its inputs: a float32 may have met a float64."""
    if type(gradient) is not tuple:
        return _as_inputs((gradient,), given)[0]
    found = []
    for name, part in zip(WRT, gradient):
        kind = given[name].dtype
        fits = getattr(part, "dtype", None) == kind
        found.append(part if fits else np.asarray(part, kind)[()])
    return tuple(found)


def _arguments(W1, b1, W2, b2, X, y):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        N = X.shape[0]
        shapes = (W1.shape, b1.shape, W2.shape, b2.shape, X.shape, y.shape)
        fit = shapes == ((10, 20), (20,), (20, 1), (1,), (N, 10), (N, 1))
        for x in (W1, b1, W2, b2, X, y):
            fit = fit and x.__class__ is np.ndarray and x.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((W1, b1, W2, b2, X, y))
    return W1, b1, W2, b2, X, y


def _converted(given, names=INPUTS):
    """Arrays of floats whose shapes fit SHAPES; integers become float64."""
    lengths, found = {}, {}
    for name, x in zip(names, given, strict=True):
        if not hasattr(x, "__array_function__"):
            try:
                x = np.asarray(x)
            except ValueError as error:  # a ragged list
                raise ValueError(f"{name}: {error}") from None
        if isinstance(x, np.matrix | np.ma.MaskedArray):
            raise TypeError(f"{name}: expected an array, got {type(x).__name__}")
        if x.dtype.kind not in "biuf":
            raise TypeError(f"{name}: expected real numbers, got {x.dtype}")
        if x.dtype.kind != "f":
            x = x.astype(float)
        wanted = SHAPES[name]
        shape = x.shape
        fits = len(shape) == len(wanted)
        for n, m in zip(shape, wanted):
            fits = fits and n == (lengths.setdefault(m, n) if type(m) is str else m)
        if not fits:
            expected = f"({', '.join(map(str, wanted))}{',' * (len(wanted) == 1)})"
            known = ", ".join(f"{m} = {n}" for m, n in lengths.items() if m in wanted)
            known = f" with {known}" if known else ""
            raise ValueError(
                f"{name}: expected the shape {expected}{known}, got {shape}"
            )
        found[name] = x[()] if shape == () else x  # a number, not an array of one
    return list(found.values())


@np.errstate(all="ignore")
def _self_check():
    """Compare grad with differences: 1 if it is off, else 0."""
    rng, n, status = np.random.default_rng(0), len(INPUTS), 0
    good, h = [], 3.7 ** -np.arange(1, 14)

    def flat(xs):
        is_row = type(xs) in (list, tuple)
        return np.concatenate([flat(x) for x in xs]) if is_row else np.ravel(xs)

    def draw(trial, sizes):  # of any size and sign, near a good point, or whole numbers
        if good and trial % 3 == 1:
            near = rng.choice(good).items()
            return {n: x * rng.uniform(0.8, 1.2, np.shape(x)) for n, x in near}
        names = [n for name in INPUTS for n in SHAPES[name] if type(n) is str]
        names = enumerate(dict.fromkeys(names))
        lengths, point = {n: 3 + i + trial // 16 for i, n in names}, {}
        for name, size in zip(INPUTS, sizes, strict=True):
            shape = [lengths.get(n, n) for n in SHAPES[name]]
            bounds = ((0.1, 2.0), (-2.0, 3.0), (0.9, 1.1))[trial // 3 % 3]
            x = size * rng.uniform(*bounds, shape)
            if trial % 5 and len(shape) > 1 and shape[-1] == shape[-2]:
                n = shape[-1]  # a matrix that has an inverse, or a factor
                x = x + 3 * abs(size) * n * np.eye(n)
            x = np.round(x) if trial % 3 == 2 else x
            point[name] = x
        return point

    for group in [WRT[k::16] for k in range(16)[: len(WRT)]]:
        trial, found = 0, []  # of each point, how far it is off, and where
        while trial < 600 and len(found) < 12:
            trial += 1
            power = min(0.3 + trial / 20, 5.0) * rng.uniform(-1, 1) + rng.normal(size=n)
            x = rng.choice((-1, 1)[trial % 8 < 4 :], n) * 10**power
            point = draw(trial, x)
            x = [point[name] for name in WRT]
            names = (group, group, WRT)[trial % 3]
            u = [rng.normal(size=np.shape(p)) * (p + (p == 0)) for p in x]
            u = [p * (name in names) for name, p in zip(WRT, u)]
            with contextlib.suppress(Exception):  # outside of the domain
                ys = value(*point.values())
                ys = ys if type(ys) is tuple else (ys,)
                w = [
                    rng.normal(size=np.shape(y)) / (np.linalg.norm(y) or 1) for y in ys
                ]
                y = []
                for s in np.append(h, -h):
                    moved = {k: p + s * q for k, p, q in zip(WRT, x, u)}
                    y.append(flat(value(*(point | moved).values())) @ flat(w))
                r = [1, -1] @ np.reshape(y, (2, 13)) / (2 * h)
                for k in (1, 2, 3):  # Richardson's extrapolation to a step of 0
                    r = r[1:] + np.diff(r) / (3.7 ** (2 * k) - 1)
                bars = np.convolve(abs(np.diff(r)), [10, 10], "valid") + 2e-15 / h[4:12]
                slope = w[0] * (flat(grad(*point.values())) @ flat(u))
                r, size = r[1:-1], abs(r[1:-1]) + 1e-3 * (trial > 200)
                off = (abs(r - slope) / size)[bars < 1e-6 * size].min()
                if trial % 3 == 2 and not off <= 2e-6:
                    continue  # at a kink, where conventions hold
                good.append(point)
                at = [f"{k}={np.ravel(p)[:3]}" for k, p in point.items()]
                found.append((np.nan_to_num(off, nan=np.inf), ", ".join(at[:4])))
        off, at = max(found, default=(np.inf, ""))
        status |= (is_off := not off <= 2e-6)
        text = f"{'WRONG, ' * is_off}off by {off:.1e} at {at}"
        text = text if found else "not finite, or its differences are not sure"
        print(f"grad by {', '.join(group[:3])}: {len(found)} points compared, {text}")
    return status


if __name__ == "__main__":
    raise SystemExit(_self_check())

# symdiff recipe: {"graph":{"nodes":[["input",[],["W1"],[10,20]],["input",[],["b1"],[20]
# | ],["input",[],["W2"],[20,1]],["input",[],["b2"],[1]],["input",[],["X"],["N",10]],["i
# | nput",[],["y"],["N",1]],["contract",[4,0],["ij,jk->ik"],["N",20]],["broadcast",[1],[
# | [{"dim":"N"},20]],["N",20]],["add",[6,7],[],["N",20]],["constant",[],["0x0.0p+0"],["
# | N",20]],["maximum",[8,9],[],["N",20]],["contract",[10,2],["ij,jk->ik"],["N",1]],["br
# | oadcast",[3],[[{"dim":"N"},1]],["N",1]],["add",[11,12],[],["N",1]],["subtract",[13,5
# | ],[],["N",1]],["constant",[],["0x1.0000000000000p+1"],["N",1],"int64"],["constant",[
# | ],["0x1.0000000000000p+1"],["N",1]],["power",[14,16],[],["N",1]],["sum",[17],[[0,1],
# | false]],["length",[],[{"dim":"N"}],[],"int64"],["divide",[18,19]]],"inputs":[0,1,2,3
# | ,4,5],"outputs":[20],"names":["network"],"primal":1,"spans":[[6,0,0,7],[7,0,0,7],[8,
# | 0,0,7],[9,0,0,7],[10,0,0,7],[11,0,0,8],[12,0,0,8],[13,0,0,8],[14,0,0,9],[15,0,0,9],[
# | 16,0,0,9],[17,0,0,9],[18,0,0,9],[19,0,0,9],[20,0,0,9]],"hints":[[10,"hidden"],[13,"p
# | rediction"]]},"file":"golden_functions.py","name":"loss","steps":[["grad","W1","b1",
# | "W2","b2"]]}

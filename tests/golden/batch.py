"""The function energy and its gradient by A, x."""

# symdiff 0.1.0, sha256 19b97cc365c7da0b
import contextlib
from typing import Any

import numpy as np

INPUTS, OUTPUTS, WRT = ("A", "x"), ("energy",), ("A", "x")
Real = float | np.ndarray  # or a list, or an array of another library
SHAPES: dict[str, Any] = {"A": (3, 3), "x": (3,)}


def _value(A, x):
    y = np.einsum("ijk,ik->ij", A, x)  # line 24
    return np.einsum("ij,ij->i", 0.5 * x, y) + np.log(np.cosh(y)).sum(axis=1)


def _value_and_grad(A, x):
    y = np.einsum("ijk,ik->ij", A, x)  # line 24
    v = 0.5 * x  # line 25
    y_bar = v + np.tanh(y)  # line 24
    return np.einsum("ij,ij->i", v, y) + np.log(np.cosh(y)).sum(axis=1), (
        y_bar[:, :, None] * x[:, None],
        np.einsum("ijk,ij->ik", A, y_bar) + 0.5 * y,
    )


def value(A: Real, x: Real) -> Any:
    """The value energy.

    energy = 0.5*x @ (A @ x) + sum(log(cosh(A @ x)))
    Shapes: A: (3, 3), x: (3,).
    Lines in the comments are those of golden_functions.py.
    """
    return _run(_value, (A, x))


def value_and_grad(A: Real, x: Real, *, accumulate: Any = None) -> tuple[Any, Any]:
    """The value and denergy/dA, denergy/dx, each of its input's shape.

    Shapes: A: (3, 3), x: (3,).
    Lines in the comments are those of golden_functions.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    Domain of log: x > 0.
    """
    f, gradient = _run(_value_and_grad, (A, x))
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient


def grad(A: Real, x: Real, *, accumulate: Any = None) -> Any:
    """The gradient alone: see value_and_grad."""
    return value_and_grad(A, x, accumulate=accumulate)[1]


def pack(A: Real, x: Real) -> np.ndarray:
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(A), np.ravel(x)]).astype(float)


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


def packed_value_and_grad(theta: np.ndarray) -> tuple[float, np.ndarray]:
    """The value and the flat gradient, as scipy.optimize wants them."""
    A, x = unpack(theta)
    f, gradient = value_and_grad(A, x)
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
def _run(body, given, names=INPUTS):
    """Call a body with checked arguments, their leading axes broadcast and made one."""
    found = _converted(given, names)
    cut = [np.ndim(x) - len(SHAPES[name]) for name, x in zip(names, found)]
    lead = np.broadcast_shapes(*[x.shape[:n] for x, n in zip(found, cut)])
    stacks = [np.broadcast_to(x, lead + x.shape[n:]) for x, n in zip(found, cut)]
    size = int(np.prod(lead))
    stacks = [x.reshape(size, *x.shape[len(lead) :]) for x in stacks]
    return _unstacked(body(*stacks), lead)


def _unstacked(result, lead):
    """A result with the leading axes that the arguments had."""
    if type(result) is tuple:
        return tuple([_unstacked(part, lead) for part in result])
    return result.reshape(lead + result.shape[1:])[()]


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
        shape = x.shape[max(np.ndim(x) - len(wanted), 0) :]  # without leading axes
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

# symdiff recipe: {"graph":{"nodes":[["input",[],["A"],[3,3]],["input",[],["x"],[3]],["c
# | ontract",[0,1],["ij,j->i"],[3]],["constant",[],["0x1.0000000000000p-1"],[3]],["multi
# | ply",[3,1],[],[3]],["contract",[4,2],["i,i->"]],["cosh",[2],[],[3]],["log",[6],[],[3
# | ]],["sum",[7],[[0],false]],["add",[5,8]]],"inputs":[0,1],"outputs":[9],"names":["ene
# | rgy"],"primal":1,"spans":[[2,0,0,24],[3,0,0,25],[4,0,0,25],[5,0,0,25],[6,0,0,25],[7,
# | 0,0,25],[8,0,0,25],[9,0,0,25]],"hints":[[2,"y"]]},"file":"golden_functions.py","batc
# | h":true,"steps":[["grad","A","x"]]}

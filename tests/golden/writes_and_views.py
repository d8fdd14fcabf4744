"""The function heat and its gradient by u, k."""

# symdiff 0.1.0, sha256 af4279974d8e57fe
import contextlib
from typing import Any

import numpy as np

INPUTS, OUTPUTS, WRT = ("u", "k"), ("heat",), ("u", "k")
Real = float | np.ndarray  # or a list, or an array of another library
SHAPES: dict[str, Any] = {"u": (6,), "k": ()}
FLOAT = np.dtype(float)


def _value(u, k):
    v = np.zeros(6)  # line 15
    v[0] = u[0]
    v[5] = u[5]
    u_part = u[1:5]  # line 17
    v2 = u_part + k * (u[2:] - 2.0 * u_part + u[:4])
    inner = v.copy()
    inner[1:5] = v2
    v[1:5] = v2 + k * (inner[2:] - 2.0 * v2 + inner[:4])  # line 19
    return (v * v).sum()


def _value_and_grad(u, k):
    v = np.zeros(6)  # line 15
    v[0] = u[0]
    v[5] = u[5]
    u_part = u[1:5]  # line 17
    v2 = u[2:] - 2.0 * u_part + u[:4]
    v3 = u_part + k * v2
    inner = v.copy()
    inner[1:5] = v3
    v4 = inner[2:] - 2.0 * v3 + inner[:4]  # line 19
    v[1:5] = v3 + k * v4
    heat = (v * v).sum()  # line 20
    v5 = 2.0 * v
    v5_part = v5[1:5].copy()  # line 19
    v5[1:5] = 0.0
    v6 = v5_part * k
    inner_bar = np.zeros(6)
    inner_bar[:4] = v6
    v7 = -2.0 * k
    inner_bar[2:] += v6  # line 17
    inner_bar_part = inner_bar[1:5].copy()
    inner_bar[1:5] = 0.0
    v8 = inner_bar_part + v7 * v5_part + v5_part
    v9 = v8 * k
    v10 = inner_bar + v5  # line 15
    u_bar = np.zeros(6)
    u_bar[0] = v10[0]
    u_bar[:4] += v9
    u_bar[1:5] += v7 * v8 + v8
    u_bar[2:] += v9
    u_bar[5] += v10[5]
    return heat, (u_bar, (v8 * v2 + v5_part * v4).sum())


def value(u: Real, k: Real) -> Any:
    """The value heat.

    Shapes: u: (6,), k: number.
    Lines in the comments are those of golden_functions.py.
    """
    return _run(_value, _arguments(u, k))


def value_and_grad(u: Real, k: Real, *, accumulate: Any = None) -> tuple[Any, Any]:
    """The value and dheat/du, dheat/dk, each of its input's shape.

    Shapes: u: (6,), k: number.
    Lines in the comments are those of golden_functions.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    """
    f, gradient = _run(_value_and_grad, _arguments(u, k))
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient


def grad(u: Real, k: Real, *, accumulate: Any = None) -> Any:
    """The gradient alone: see value_and_grad."""
    return value_and_grad(u, k, accumulate=accumulate)[1]


def pack(u: Real, k: Real) -> np.ndarray:
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(u), np.ravel(k)]).astype(float)


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
    u, k = unpack(theta)
    f, gradient = value_and_grad(u, k)
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


def _arguments(u, k):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        fit = (u.shape,) == ((6,),) and isinstance(k, float)
        fit = fit and u.__class__ is np.ndarray and u.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((u, k))
    return u, np.float64(k)


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

# symdiff recipe: {"graph":{"nodes":[["input",[],["u"],[6]],["input",[],["k"]],["index",
# | [0],[[["int",0]]]],["index",[0],[[["int",5]]]],["constant",[],["0x0.0p+0"],[6]],["pu
# | t",[4,2],[[["int",0]]],[6]],["put",[5,3],[[["int",5]]],[6]],["constant",[],["0x0.0p+
# | 0"],[4]],["index",[0],[[["slice",1,4,1]]],[4]],["index",[0],[[["slice",2,4,1]]],[4]]
# | ,["constant",[],["0x1.0000000000000p+1"],[4]],["multiply",[10,8],[],[4]],["subtract"
# | ,[9,11],[],[4]],["index",[0],[[["slice",0,4,1]]],[4]],["add",[12,13],[],[4]],["broad
# | cast",[1],[[4]],[4]],["multiply",[15,14],[],[4]],["add",[8,16],[],[4]],["put",[6,17]
# | ,[[["slice",1,4,1]]],[6]],["index",[18],[[["slice",2,4,1]]],[4]],["multiply",[10,17]
# | ,[],[4]],["subtract",[19,20],[],[4]],["index",[18],[[["slice",0,4,1]]],[4]],["add",[
# | 21,22],[],[4]],["multiply",[15,23],[],[4]],["add",[17,24],[],[4]],["put",[6,25],[[["
# | slice",1,4,1]]],[6]],["constant",[],["0x1.0000000000000p+1"],[6],"int64"],["constant
# | ",[],["0x1.0000000000000p+1"],[6]],["power",[26,28],[],[6]],["sum",[29],[[0],false]]
# | ],"inputs":[0,1],"outputs":[30],"names":["heat"],"primal":1,"spans":[[2,0,0,15],[3,0
# | ,0,15],[5,0,0,15],[6,0,0,15],[7,0,0,16],[8,0,0,17],[9,0,0,17],[10,0,0,17],[11,0,0,17
# | ],[12,0,0,17],[13,0,0,17],[14,0,0,17],[15,0,0,17],[16,0,0,17],[17,0,0,17],[18,0,0,17
# | ],[19,0,0,19],[20,0,0,19],[21,0,0,19],[22,0,0,19],[23,0,0,19],[24,0,0,19],[25,0,0,19
# | ],[26,0,0,19],[27,0,0,20],[28,0,0,20],[29,0,0,20],[30,0,0,20]],"hints":[[18,"inner"]
# | ]},"file":"golden_functions.py","steps":[["grad","u","k"]]}

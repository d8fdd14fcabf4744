"""The function lorenz and its gradient by start, rate."""

# symdiff 0.1.0, sha256 48e7a5a24ccf7dd7
import contextlib
from typing import Any

import numpy as np

INPUTS, OUTPUTS, WRT = ("start", "rate"), ("lorenz",), ("start", "rate")
Real = float | np.ndarray  # or a list, or an array of another library
SHAPES: dict[str, Any] = {"start": (3,), "rate": ()}
FLOAT = np.dtype(float)


def _value(start, rate):
    v = 0.01 * rate  # line 32
    point_0 = start[0]
    point_1 = start[1]
    point_2 = start[2]
    for _ in range(10):
        for _ in range(10):
            v2 = 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2)  # line 33
            point_0, point_1, point_2 = (
                point_0 + v * (point_1 - point_0),
                point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
                point_2 + v2,
            )
    for _ in range(4):
        point_0, point_1, point_2 = (
            point_0 + v * (point_1 - point_0),
            point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
            point_2 + 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2),
        )
    return point_0 * point_0 + point_1 * point_1 + point_2 * point_2


def _value_and_grad(start, rate):
    v = 0.01 * rate  # line 32
    point_0 = start[0]
    point_1 = start[1]
    point_2 = start[2]
    point_0_history = np.empty(10)
    point_1_history = np.empty(10)
    point_2_history = np.empty(10)
    for i in range(10):
        point_0_history[i] = point_0
        point_1_history[i] = point_1
        point_2_history[i] = point_2
        for _ in range(10):
            v2 = 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2)  # line 33
            point_0, point_1, point_2 = (
                point_0 + v * (point_1 - point_0),
                point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
                point_2 + v2,
            )
    point_0_history_2 = np.empty(4)
    point_1_history_2 = np.empty(4)
    point_2_history_2 = np.empty(4)
    for i in range(4):
        point_0_history_2[i] = point_0
        point_1_history_2[i] = point_1
        point_2_history_2[i] = point_2
        point_0, point_1, point_2 = (
            point_0 + v * (point_1 - point_0),
            point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
            point_2 + 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2),
        )
    lorenz = point_0 * point_0 + point_1 * point_1 + point_2 * point_2  # line 36
    point_0_bar = 2.0 * point_0  # line 35
    point_1_bar = 2.0 * point_1
    point_2_bar = 2.0 * point_2
    rate_bar = np.float64(0.0)
    for i in reversed(range(4)):
        point_0_2 = point_0_history_2[i]
        point_1_2 = point_1_history_2[i]
        v3 = 0.01 * point_0_bar  # line 32
        v4 = v3 * rate
        v5 = 0.026666666666666665 * point_2_bar  # line 33
        v6 = (28.0 - point_2_history_2[i]) * point_1_bar  # line 32
        point_0_bar = point_0_bar - v4 + 0.01 * (v6 + point_1_2 * point_2_bar)
        rate_bar = rate_bar + v3 * (point_1_2 - point_0_2)
        point_1_bar, point_2_bar = (
            v4 + 0.01 * (point_0_2 * point_2_bar - point_1_bar) + point_1_bar,
            point_2_bar - (0.01 * (point_0_2 * point_1_bar) + v5),
        )
    for i in reversed(range(10)):  # line 32
        point_0_3 = point_0_history[i]
        point_1_3 = point_1_history[i]
        point_2_2 = point_2_history[i]
        point_0_history_3 = np.empty(10)
        point_1_history_3 = np.empty(10)
        point_2_history_3 = np.empty(10)
        for j in range(10):
            point_0_history_3[j] = point_0_3
            point_1_history_3[j] = point_1_3
            point_2_history_3[j] = point_2_2
            v7 = 0.01 * (point_0_3 * point_1_3 - 2.6666666666666665 * point_2_2)
            point_0_3, point_1_3, point_2_2 = (
                point_0_3 + v * (point_1_3 - point_0_3),
                point_1_3 + 0.01 * (point_0_3 * (28.0 - point_2_2) - point_1_3),
                point_2_2 + v7,
            )
        for j in reversed(range(10)):
            point_0_4 = point_0_history_3[j]
            point_1_4 = point_1_history_3[j]
            v8 = 0.01 * point_0_bar
            v9 = v8 * rate
            v10 = 0.026666666666666665 * point_2_bar  # line 33
            v11 = v9 + 0.01 * (point_0_4 * point_2_bar - point_1_bar)  # line 32
            v12 = (28.0 - point_2_history_3[j]) * point_1_bar
            point_0_bar = point_0_bar - v9 + 0.01 * (v12 + point_1_4 * point_2_bar)
            rate_bar = rate_bar + v8 * (point_1_4 - point_0_4)
            point_2_bar = point_2_bar - (0.01 * (point_0_4 * point_1_bar) + v10)
            point_1_bar = v11 + point_1_bar
    return lorenz, (np.array([point_0_bar, point_1_bar, point_2_bar]), rate_bar)


def value(start: Real, rate: Real) -> Any:
    """The value lorenz.

    Shapes: start: (3,), rate: number.
    Lines in the comments are those of golden_loops.py.
    """
    return _run(_value, _arguments(start, rate))


def value_and_grad(
    start: Real, rate: Real, *, accumulate: Any = None
) -> tuple[Any, Any]:
    """The value and dlorenz/dstart, dlorenz/drate, each of its input's shape.

    Shapes: start: (3,), rate: number.
    Lines in the comments are those of golden_loops.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    """
    f, gradient = _run(_value_and_grad, _arguments(start, rate))
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient


def grad(start: Real, rate: Real, *, accumulate: Any = None) -> Any:
    """The gradient alone: see value_and_grad."""
    return value_and_grad(start, rate, accumulate=accumulate)[1]


def pack(start: Real, rate: Real) -> np.ndarray:
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(start), np.ravel(rate)]).astype(float)


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
    start, rate = unpack(theta)
    f, gradient = value_and_grad(start, rate)
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


def _arguments(start, rate):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        fit = (start.shape,) == ((3,),) and isinstance(rate, float)
        fit = fit and start.__class__ is np.ndarray and start.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((start, rate))
    return start, np.float64(rate)


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

# symdiff recipe: {"graph":{"nodes":[["input",[],["start"],[3]],["input",[],["rate"]],["
# | index",[0],[[["int",0]]]],["index",[0],[[["int",1]]]],["index",[0],[[["int",2]]]],["
# | scan",[1,2,3,4],[{"graph":{"nodes":[["input",[],["rate"]],["input",[],["point_0"]],[
# | "input",[],["point_1"]],["input",[],["point_2"]],["scan",[0,1,2,3],[{"graph":{"nodes
# | ":[["input",[],["point_0"]],["input",[],["point_1"]],["input",[],["point_2"]],["inpu
# | t",[],["rate"]],["constant",[],["0x1.47ae147ae147bp-7"]],["multiply",[4,3]],["subtra
# | ct",[1,0]],["multiply",[5,6]],["add",[0,7]],["constant",[],["0x1.c000000000000p+4"]]
# | ,["subtract",[9,2]],["multiply",[0,10]],["subtract",[11,1]],["multiply",[4,12]],["ad
# | d",[1,13]],["multiply",[0,1]],["constant",[],["0x1.5555555555555p+1"]],["multiply",[
# | 16,2]],["subtract",[15,17]],["multiply",[4,18]],["add",[2,19]]],"inputs":[3,0,1,2],"
# | outputs":[8,14,20],"names":["point_0","point_1","point_2"],"primal":3,"spans":[[4,0,
# | 0,32],[5,0,0,32],[6,0,0,32],[7,0,0,32],[8,0,0,32],[9,0,0,32],[10,0,0,32],[11,0,0,32]
# | ,[12,0,0,32],[13,0,0,32],[14,0,0,32],[15,0,0,33],[16,0,0,33],[17,0,0,33],[18,0,0,33]
# | ,[19,0,0,33],[20,0,0,33]]}},10,1,3,1,null]],["scan_final",[4],[0,[],"float64"]],["sc
# | an_final",[4],[1,[],"float64"]],["scan_final",[4],[2,[],"float64"]]],"inputs":[0,1,2
# | ,3],"outputs":[5,6,7],"names":["point_0","point_1","point_2"],"primal":3}},10,1,3,1,
# | null]],["scan_final",[5],[0,[],"float64"]],["scan_final",[5],[1,[],"float64"]],["sca
# | n_final",[5],[2,[],"float64"]],["scan",[1,6,7,8],[{"graph":{"nodes":[["input",[],["p
# | oint_0"]],["input",[],["point_1"]],["input",[],["point_2"]],["input",[],["rate"]],["
# | constant",[],["0x1.47ae147ae147bp-7"]],["multiply",[4,3]],["subtract",[1,0]],["multi
# | ply",[5,6]],["add",[0,7]],["constant",[],["0x1.c000000000000p+4"]],["subtract",[9,2]
# | ],["multiply",[0,10]],["subtract",[11,1]],["multiply",[4,12]],["add",[1,13]],["multi
# | ply",[0,1]],["constant",[],["0x1.5555555555555p+1"]],["multiply",[16,2]],["subtract"
# | ,[15,17]],["multiply",[4,18]],["add",[2,19]]],"inputs":[3,0,1,2],"outputs":[8,14,20]
# | ,"names":["point_0","point_1","point_2"],"primal":3,"spans":[[4,0,0,32],[5,0,0,32],[
# | 6,0,0,32],[7,0,0,32],[8,0,0,32],[9,0,0,32],[10,0,0,32],[11,0,0,32],[12,0,0,32],[13,0
# | ,0,32],[14,0,0,32],[15,0,0,33],[16,0,0,33],[17,0,0,33],[18,0,0,33],[19,0,0,33],[20,0
# | ,0,33]]}},4,1,3,1,null]],["scan_final",[9],[0,[],"float64"]],["scan_final",[9],[1,[]
# | ,"float64"]],["scan_final",[9],[2,[],"float64"]],["constant",[],["0x1.0000000000000p
# | +1"],[],"int64"],["constant",[],["0x1.0000000000000p+1"]],["power",[10,14]],["power"
# | ,[11,14]],["add",[15,16]],["power",[12,14]],["add",[17,18]]],"inputs":[0,1],"outputs
# | ":[19],"names":["lorenz"],"primal":1,"spans":[[2,0,0,35],[3,0,0,35],[4,0,0,35],[5,0,
# | 0,35],[6,0,0,35],[7,0,0,35],[8,0,0,35],[9,0,0,35],[10,0,0,35],[11,0,0,35],[12,0,0,35
# | ],[13,0,0,36],[14,0,0,36],[15,0,0,36],[16,0,0,36],[17,0,0,36],[18,0,0,36],[19,0,0,36
# | ]]},"file":"golden_loops.py","steps":[["grad","start","rate"]]}

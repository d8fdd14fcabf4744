"""The function lstm and its gradient by W, U, b."""

# symdiff 0.1.0, sha256 2c1bf701e2c2ea94
import contextlib
from typing import Any

import numpy as np

INPUTS, OUTPUTS, WRT = ("W", "U", "b", "xs", "target"), ("lstm",), ("W", "U", "b")
Real = float | np.ndarray  # or a list, or an array of another library
SHAPES: dict[str, Any] = {
    "W": (12, 3),
    "U": (12, 2),
    "b": (12,),
    "xs": (20, 2),
    "target": (20, 3),
}
FLOAT = np.dtype(float)


def _value(W, U, b, xs, target):
    h = np.zeros(3)  # line 23
    c = np.zeros(3)
    hs = np.empty((20, 3))
    for i in range(20):
        gates = W @ h + U @ xs[i] + b  # line 17
        show = 1.0 / (1.0 + np.exp(-gates[6:9]))  # line 9
        v = 1.0 / (1.0 + np.exp(-gates[3:6])) * np.tanh(gates[9:])  # line 19
        c = 1.0 / (1.0 + np.exp(-gates[:3])) * c + v
        h = show * np.tanh(c)  # line 20
        hs[i] = h  # line 23
    v2 = hs - target  # line 24
    return (v2 * v2).sum() / 60.0


def _value_and_grad(W, U, b, xs, target):
    h = np.zeros(3)  # line 23
    c = np.zeros(3)
    hs = np.empty((20, 3))
    c_history = np.empty((20, 3))
    gates_history = np.empty((20, 12))
    v_history = np.empty((20, 3))
    v_history_2 = np.empty((20, 3))
    show_history = np.empty((20, 3))
    tanh_history = np.empty((20, 3))
    tanh_history_2 = np.empty((20, 3))
    for i in range(20):
        c_history[i] = c
        gates = W @ h + U @ xs[i] + b  # line 17
        v = 1.0 / (1.0 + np.exp(-gates[:3]))  # line 9
        v2 = 1.0 / (1.0 + np.exp(-gates[3:6]))
        show = 1.0 / (1.0 + np.exp(-gates[6:9]))
        v3 = np.tanh(gates[9:])  # line 19
        c = v * c + v2 * v3
        tanh_c = np.tanh(c)  # line 20
        h = show * tanh_c
        hs[i] = h  # line 23
        gates_history[i] = gates
        v_history[i] = v
        v_history_2[i] = v2
        show_history[i] = show
        tanh_history[i] = v3
        tanh_history_2[i] = tanh_c
    v4 = hs - target  # line 24
    lstm = (v4 * v4).sum() / 60.0
    h_bars = 0.03333333333333333 * v4
    h_bar = np.zeros(3)  # line 23
    c_bar = np.zeros(3)
    gates_bars = np.empty((20, 12))
    for i in reversed(range(20)):
        gates_2 = gates_history[i]
        v5 = v_history[i]
        v6 = v_history_2[i]
        show_2 = show_history[i]
        tanh = tanh_history[i]
        tanh_2 = tanh_history_2[i]
        v7 = h_bar + h_bars[i]
        v8 = v7 * show_2 * (1.0 - tanh_2 * tanh_2) + c_bar  # line 19
        c_bar = v8 * v5
        v9 = v8 * c_history[i] * (v5 / (np.exp(gates_2[:3]) + 1.0))  # line 9
        v10 = v7 * tanh_2 * (show_2 / (np.exp(gates_2[6:9]) + 1.0))
        v11 = v8 * tanh * (v6 / (np.exp(gates_2[3:6]) + 1.0))
        gates_bar = np.concatenate((v9, v11, v10, v8 * v6 * (1.0 - tanh * tanh)))
        h_bar = W.T @ gates_bar
        gates_bars[i] = gates_bar  # line 23
    return lstm, (
        gates_bars.T @ np.concatenate((np.zeros((1, 3)), hs[:19])),
        gates_bars.T @ xs,
        gates_bars.sum(axis=0),
    )


def value(W: Real, U: Real, b: Real, xs: Real, target: Real) -> Any:
    """The value lstm.

    Shapes: W: (12, 3), U: (12, 2), b: (12,), xs: (20, 2), target: (20, 3).
    Lines in the comments are those of golden_loops.py.
    """
    return _run(_value, _arguments(W, U, b, xs, target))


def value_and_grad(
    W: Real, U: Real, b: Real, xs: Real, target: Real, *, accumulate: Any = None
) -> tuple[Any, Any]:
    """The value and dlstm/dW, dlstm/dU, dlstm/db, each of its input's shape.

    Shapes: W: (12, 3), U: (12, 2), b: (12,), xs: (20, 2), target: (20, 3).
    Lines in the comments are those of golden_loops.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    Domain of divide: b != 0.
    """
    f, gradient = _run(_value_and_grad, _arguments(W, U, b, xs, target))
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient


def grad(
    W: Real, U: Real, b: Real, xs: Real, target: Real, *, accumulate: Any = None
) -> Any:
    """The gradient alone: see value_and_grad."""
    return value_and_grad(W, U, b, xs, target, accumulate=accumulate)[1]


def pack(W: Real, U: Real, b: Real) -> np.ndarray:
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(W), np.ravel(U), np.ravel(b)]).astype(float)


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
    theta: np.ndarray, xs: Real, target: Real
) -> tuple[float, np.ndarray]:
    """The value and the flat gradient, as scipy.optimize wants them."""
    W, U, b = unpack(theta)
    f, gradient = value_and_grad(W, U, b, xs, target)
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


def _arguments(W, U, b, xs, target):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        shapes = (W.shape, U.shape, b.shape, xs.shape, target.shape)
        fit = shapes == ((12, 3), (12, 2), (12,), (20, 2), (20, 3))
        for x in (W, U, b, xs, target):
            fit = fit and x.__class__ is np.ndarray and x.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((W, U, b, xs, target))
    return W, U, b, xs, target


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

# symdiff recipe: {"graph":{"nodes":[["input",[],["W"],[12,3]],["input",[],["U"],[12,2]]
# | ,["input",[],["b"],[12]],["input",[],["xs"],[20,2]],["input",[],["target"],[20,3]],[
# | "constant",[],["0x0.0p+0"],[3]],["scan",[0,1,2,5,5,3],[{"graph":{"nodes":[["input",[
# | ],["h"],[3]],["input",[],["c"],[3]],["input",[],["x"],[2]],["input",[],["W"],[12,3]]
# | ,["contract",[3,0],["ij,j->i"],[12]],["input",[],["U"],[12,2]],["contract",[5,2],["i
# | j,j->i"],[12]],["add",[4,6],[],[12]],["input",[],["b"],[12]],["add",[7,8],[],[12]],[
# | "index",[9],[[["slice",0,3,1]]],[3]],["negate",[10],[],[3]],["exp",[11],[],[3]],["co
# | nstant",[],["0x1.0000000000000p+0"],[3]],["add",[13,12],[],[3]],["divide",[13,14],[]
# | ,[3]],["index",[9],[[["slice",3,3,1]]],[3]],["negate",[16],[],[3]],["exp",[17],[],[3
# | ]],["add",[13,18],[],[3]],["divide",[13,19],[],[3]],["index",[9],[[["slice",6,3,1]]]
# | ,[3]],["negate",[21],[],[3]],["exp",[22],[],[3]],["add",[13,23],[],[3]],["divide",[1
# | 3,24],[],[3]],["multiply",[15,1],[],[3]],["index",[9],[[["slice",9,3,1]]],[3]],["tan
# | h",[27],[],[3]],["multiply",[20,28],[],[3]],["add",[26,29],[],[3]],["tanh",[30],[],[
# | 3]],["multiply",[25,31],[],[3]]],"inputs":[3,5,8,0,1,2],"outputs":[32,30,32],"names"
# | :["h","c","h"],"primal":3,"spans":[[4,0,0,17],[6,0,0,17],[7,0,0,17],[9,0,0,17],[10,0
# | ,0,18],[11,0,0,9],[12,0,0,9],[13,0,0,9],[14,0,0,9],[15,0,0,9],[16,0,0,18],[17,0,0,9]
# | ,[18,0,0,9],[19,0,0,9],[20,0,0,9],[21,0,0,18],[22,0,0,9],[23,0,0,9],[24,0,0,9],[25,0
# | ,0,9],[26,0,0,19],[27,0,0,19],[28,0,0,19],[29,0,0,19],[30,0,0,19],[31,0,0,20],[32,0,
# | 0,20]],"hints":[[9,"gates"],[25,"show"],[30,"c"],[32,"h"]]}},20,3,2,1,null]],["scan_
# | final",[6],[0,[3],"float64"],[3]],["scan_final",[6],[1,[3],"float64"],[3]],["scan_st
# | acked",[6],[2,[20,3],"float64"],[20,3]],["subtract",[9,4],[],[20,3]],["constant",[],
# | ["0x1.0000000000000p+1"],[20,3],"int64"],["constant",[],["0x1.0000000000000p+1"],[20
# | ,3]],["power",[10,12],[],[20,3]],["sum",[13],[[0,1],false]],["constant",[],["0x1.e00
# | 0000000000p+5"]],["divide",[14,15]]],"inputs":[0,1,2,3,4],"outputs":[16],"names":["l
# | stm"],"primal":1,"spans":[[6,0,0,23],[7,0,0,23],[8,0,0,23],[9,0,0,23],[10,0,0,24],[1
# | 1,0,0,24],[12,0,0,24],[13,0,0,24],[14,0,0,24],[15,0,0,24],[16,0,0,24]]},"file":"gold
# | en_loops.py","steps":[["grad","W","U","b"]]}

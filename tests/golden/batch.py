"""The function energy and its gradient by A, x."""
# symdiff 0.1.0, sha256 10136d70b26327d5, recipe: {"graph":{"nodes":[["input",[],["A"],[3,3]],["inpu
# | t",[],["x"],[3]],["contract",[0,1],["ij,j->i"],[3]],["constant",[],["0x1.0000000000000p-1"],[3]]
# | ,["multiply",[3,1],[],[3]],["contract",[4,2],["i,i->"]],["cosh",[2],[],[3]],["log",[6],[],[3]],[
# | "sum",[7],[[0],false]],["add",[5,8]]],"inputs":[0,1],"outputs":[9],"names":["energy"],"primal":1
# | ,"spans":[[2,0,0,24],[3,0,0,25],[4,0,0,25],[5,0,0,25],[6,0,0,25],[7,0,0,25],[8,0,0,25],[9,0,0,25
# | ]],"hints":[[2,"y"]]},"file":"golden_functions.py","batch":true,"steps":[["grad","A","x"]]}
import contextlib

import numpy as np

INPUTS = ("A", "x")
OUTPUTS = ("energy",)
WRT = ("A", "x")
SHAPES = {"A": (3, 3), "x": (3,)}
FLOAT = np.dtype(float)

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

def value(A, x):
    """The value energy.

    energy = 0.5*x @ (A @ x) + sum(log(cosh(A @ x)))
    Shapes: A: (3, 3), x: (3,).
    Lines in the comments are those of golden_functions.py.
    """
    return _run(_value, A, x)

def value_and_grad(A, x, *, accumulate=None):
    """The value and denergy/dA, denergy/dx, each of its input's shape.

    Shapes: A: (3, 3), x: (3,).
    Lines in the comments are those of golden_functions.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    Domain of log: x > 0.
    """
    f, gradient = _run(_value_and_grad, A, x)
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient

def grad(A, x, *, accumulate=None):
    """The gradient alone: see value_and_grad."""
    return value_and_grad(A, x, accumulate=accumulate)[1]

def pack(A, x):
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(A), np.ravel(x)]).astype(float)

def unpack(theta):
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

def packed_value_and_grad(theta):
    """The value and the flat gradient, as scipy.optimize wants them."""
    A, x = unpack(theta)
    f, gradient = value_and_grad(A, x)
    return float(f), pack(*gradient)

def _accumulated(into, gradient):
    """Add to arrays that the caller owns: to all of them or to none."""
    arrays, parts = (into, gradient) if type(gradient) is tuple else ([into], [gradient])
    if len(arrays) != len(parts):
        raise ValueError(f"accumulate: expected {len(parts)} arrays, got {len(arrays)}")
    for name, array, part in zip(WRT, arrays, parts):
        shape, dtype = np.shape(part), getattr(array, "dtype", None)
        if np.shape(array) != shape or dtype is None or dtype.kind != "f":
            raise ValueError(f"accumulate: expected an array of floats of shape {shape} for {name}")
    for array, part in zip(arrays, parts):
        array += part
    return into

@np.errstate(all="ignore")
def _run(body, *given):
    """Call a body with checked arguments, their leading axes broadcast and made one."""
    found = _converted(given)
    cut = [np.ndim(x) - len(shape) for x, shape in zip(found, SHAPES.values())]
    lead = np.broadcast_shapes(*[x.shape[:n] for x, n in zip(found, cut)])
    stacks = [np.broadcast_to(x, lead + x.shape[n:]) for x, n in zip(found, cut)]
    stacks = [x.reshape(int(np.prod(lead)), *x.shape[len(lead) :]) for x in stacks]
    return _unstacked(body(*stacks), lead)

def _unstacked(result, lead):
    """A result with the leading axes that the arguments had."""
    if type(result) is tuple:
        return tuple([_unstacked(part, lead) for part in result])
    return result.reshape(lead + result.shape[1:])[()]

def _converted(given):
    """Arrays of floats whose shapes fit SHAPES; integers become float64."""
    lengths, found = {}, []
    for (name, wanted), x in zip(SHAPES.items(), given, strict=True):
        if not hasattr(x, "__array_function__"):
            try:
                x = np.asarray(x)
            except ValueError as error:  # a ragged list
                raise ValueError(f"{name}: {error}") from None
        if x.dtype.kind not in "biuf":
            raise TypeError(f"{name}: expected real numbers, got {x.dtype}")
        if x.dtype.kind != "f":
            x = x.astype(float)
        shape = x.shape[max(np.ndim(x) - len(wanted), 0) :]  # without leading batch axes
        fits = len(shape) == len(wanted)
        for n, length in zip(shape, wanted):
            fits = fits and n == (lengths.setdefault(length, n) if type(length) is str else length)
        if not fits:
            expected = f"({', '.join(map(str, wanted))}{',' * (len(wanted) == 1)})"
            known = ", ".join(f"{m} = {n}" for m, n in lengths.items() if m in wanted)
            known = f" with {known}" if known else ""
            raise ValueError(f"{name}: expected the shape {expected}{known}, got {shape}")
        found.append(x[()] if shape == () else x)  # a number, not an array of one
    return found

@np.errstate(all="ignore")
def _self_check():
    """Compare grad with differences of value where these are sure: 1 if off, else 0."""
    rng, good, status = np.random.default_rng(0), [], 0

    def draw(trial):  # near a good point, or of any size and sign, further out from trial to trial
        if good and trial % 2:
            return {n: x * rng.uniform(0.8, 1.2, np.shape(x)) for n, x in rng.choice(good).items()}
        power = min(0.3 + trial / 20, 5.0) * rng.uniform(-1, 1) + rng.normal(size=len(INPUTS))
        sizes = 10**power * rng.choice((-1, 1)[trial % 8 < 4 :], len(INPUTS))
        names = dict.fromkeys(n for name in INPUTS for n in SHAPES[name] if type(n) is str)
        lengths, point = {n: 3 + i + trial // 8 for i, n in enumerate(names)}, {}
        for name, size in zip(INPUTS, sizes, strict=True):
            shape = [lengths.get(n, n) for n in SHAPES[name]]
            x = size * rng.uniform(*((0.1, 2.0), (-2.0, 3.0), (0.9, 1.1))[trial % 3], shape)
            if trial % 5 and len(shape) > 1 and shape[-1] == shape[-2]:
                x = x + 3 * abs(size) * shape[-1] * np.eye(shape[-1])  # has an inverse, a factor
            x = np.round(x) if trial % 6 == 4 else x
            point[name] = x
        return point

    def flat(xs):
        return np.concatenate([flat(x) for x in xs]) if type(xs) in (list, tuple) else np.ravel(xs)

    def compare(point, names, more=2):  # in a random direction
        wrt, ys = {n: point[n] for n in WRT}, (value(*point.values()),)
        u = [rng.normal(size=np.shape(x)) * (x + (x == 0)) * (n in names) for n, x in wrt.items()]
        w = [rng.normal(size=np.shape(y)) / (np.linalg.norm(y) or 1) for y in ys]

        def f(a):
            moved = {n: point[n] + a * x for n, x in zip(WRT, u, strict=True)}
            return flat(value(*(point | moved).values())) @ flat(w)

        base, steps = f(0.0), 4.0 ** -np.arange(1, 14)
        if not np.isfinite(base):
            raise ValueError("outside of the domain")
        r = np.array([[(f(h) - base) / h for h in side] for side in (steps, -steps)])
        for n in (1, 2, 3):
            r = r[:, 1:] + np.diff(r) / (4.0**n - 1)  # Richardson's extrapolation to h = 0
        error = 10 * np.ptp([r[:, :-2], r[:, 1:-1], r[:, 2:]], 0).sum(0) + 2e-15 / steps[4:-1]
        best = np.nan_to_num(error, nan=np.inf).argmin()
        slope = w[0] * (flat(grad(*point.values())) @ flat(u))
        low, high = sorted(r[:, best + 1])
        off, size = max(low - slope, slope - high, 0.0), max(-low, high) + 1e-6
        if not error[best] < 1e-5 * size:
            raise ValueError("differences are not sure")
        is_off = not off <= error[best] + 1e-6 * size  # and if so in other directions too
        return compare(point, names, more - 1) if is_off and more else (is_off, off / size, size)

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
                at = ", ".join(f"{n}={np.ravel(x)[:3]}" for n, x in [*point.items()][:4])
                worst = max(worst, (is_off, off, at))
            if worst[0] or points == 12:
                break
        is_off, off, at = worst
        found = f"{points} points compared, {'WRONG, ' * is_off}off by up to {off:.1e} at {at}"
        nothing = "nothing compared: the value is not finite, or its differences are not sure"
        print(f"grad by {', '.join(group[:3])}: {found if points else nothing}")
        status = 1 if is_off or not points else status
    return status

if __name__ == "__main__":
    raise SystemExit(_self_check())

"""The function lorenz and its gradient by start, rate."""
# symdiff 0.1.0, sha256 c8fc15e6f82e06f3, recipe: {"graph":{"nodes":[["input",[],["start"],[3]],["in
# | put",[],["rate"]],["index",[0],[[["int",0]]]],["index",[0],[[["int",1]]]],["index",[0],[[["int",
# | 2]]]],["scan",[1,2,3,4],[{"graph":{"nodes":[["input",[],["rate"]],["input",[],["point_0"]],["inp
# | ut",[],["point_1"]],["input",[],["point_2"]],["scan",[0,1,2,3],[{"graph":{"nodes":[["input",[],[
# | "point_0"]],["input",[],["point_1"]],["input",[],["point_2"]],["input",[],["rate"]],["constant",
# | [],["0x1.47ae147ae147bp-7"]],["multiply",[4,3]],["subtract",[1,0]],["multiply",[5,6]],["add",[0,
# | 7]],["constant",[],["0x1.c000000000000p+4"]],["subtract",[9,2]],["multiply",[0,10]],["subtract",
# | [11,1]],["multiply",[4,12]],["add",[1,13]],["multiply",[0,1]],["constant",[],["0x1.5555555555555
# | p+1"]],["multiply",[16,2]],["subtract",[15,17]],["multiply",[4,18]],["add",[2,19]]],"inputs":[3,
# | 0,1,2],"outputs":[8,14,20],"names":["point_0","point_1","point_2"],"primal":3,"spans":[[4,0,0,32
# | ],[5,0,0,32],[6,0,0,32],[7,0,0,32],[8,0,0,32],[9,0,0,32],[10,0,0,32],[11,0,0,32],[12,0,0,32],[13
# | ,0,0,32],[14,0,0,32],[15,0,0,33],[16,0,0,33],[17,0,0,33],[18,0,0,33],[19,0,0,33],[20,0,0,33]]}},
# | 10,1,3,1]],["scan_final",[4],[0,[],"float64"]],["scan_final",[4],[1,[],"float64"]],["scan_final"
# | ,[4],[2,[],"float64"]]],"inputs":[0,1,2,3],"outputs":[5,6,7],"names":["point_0","point_1","point
# | _2"],"primal":3}},10,1,3,1]],["scan_final",[5],[0,[],"float64"]],["scan_final",[5],[1,[],"float6
# | 4"]],["scan_final",[5],[2,[],"float64"]],["scan",[1,6,7,8],[{"graph":{"nodes":[["input",[],["poi
# | nt_0"]],["input",[],["point_1"]],["input",[],["point_2"]],["input",[],["rate"]],["constant",[],[
# | "0x1.47ae147ae147bp-7"]],["multiply",[4,3]],["subtract",[1,0]],["multiply",[5,6]],["add",[0,7]],
# | ["constant",[],["0x1.c000000000000p+4"]],["subtract",[9,2]],["multiply",[0,10]],["subtract",[11,
# | 1]],["multiply",[4,12]],["add",[1,13]],["multiply",[0,1]],["constant",[],["0x1.5555555555555p+1"
# | ]],["multiply",[16,2]],["subtract",[15,17]],["multiply",[4,18]],["add",[2,19]]],"inputs":[3,0,1,
# | 2],"outputs":[8,14,20],"names":["point_0","point_1","point_2"],"primal":3,"spans":[[4,0,0,32],[5
# | ,0,0,32],[6,0,0,32],[7,0,0,32],[8,0,0,32],[9,0,0,32],[10,0,0,32],[11,0,0,32],[12,0,0,32],[13,0,0
# | ,32],[14,0,0,32],[15,0,0,33],[16,0,0,33],[17,0,0,33],[18,0,0,33],[19,0,0,33],[20,0,0,33]]}},4,1,
# | 3,1]],["scan_final",[9],[0,[],"float64"]],["scan_final",[9],[1,[],"float64"]],["scan_final",[9],
# | [2,[],"float64"]],["constant",[],["0x1.0000000000000p+1"],[],"int64"],["constant",[],["0x1.00000
# | 00000000p+1"]],["power",[10,14]],["power",[11,14]],["add",[15,16]],["power",[12,14]],["add",[17,
# | 18]]],"inputs":[0,1],"outputs":[19],"names":["lorenz"],"primal":1,"spans":[[2,0,0,35],[3,0,0,35]
# | ,[4,0,0,35],[5,0,0,35],[6,0,0,35],[7,0,0,35],[8,0,0,35],[9,0,0,35],[10,0,0,35],[11,0,0,35],[12,0
# | ,0,35],[13,0,0,36],[14,0,0,36],[15,0,0,36],[16,0,0,36],[17,0,0,36],[18,0,0,36],[19,0,0,36]]},"fi
# | le":"golden_loops.py","steps":[["grad","start","rate"]]}
import contextlib

import numpy as np

INPUTS = ("start", "rate")
OUTPUTS = ("lorenz",)
WRT = ("start", "rate")
SHAPES = {"start": (3,), "rate": ()}
FLOAT = np.dtype(float)

def _value(start, rate):
    point_0 = start[0]  # line 35
    point_1 = start[1]
    point_2 = start[2]
    for _ in range(10):
        for _ in range(10):
            point_0, point_1, point_2 = (
                point_0 + 0.01 * rate * (point_1 - point_0),
                point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
                point_2 + 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2),
            )
    for _ in range(4):
        point_0, point_1, point_2 = (
            point_0 + 0.01 * rate * (point_1 - point_0),
            point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
            point_2 + 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2),
        )
    return point_0 * point_0 + point_1 * point_1 + point_2 * point_2

def _value_and_grad(start, rate):
    point_0 = start[0]  # line 35
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
            point_0, point_1, point_2 = (
                point_0 + 0.01 * rate * (point_1 - point_0),
                point_1 + 0.01 * (point_0 * (28.0 - point_2) - point_1),
                point_2 + 0.01 * (point_0 * point_1 - 2.6666666666666665 * point_2),
            )
    point_0_history_2 = np.empty(4)
    point_1_history_2 = np.empty(4)
    point_2_history_2 = np.empty(4)
    for i in range(4):
        point_0_history_2[i] = point_0
        point_1_history_2[i] = point_1
        point_2_history_2[i] = point_2
        point_0, point_1, point_2 = (
            point_0 + 0.01 * rate * (point_1 - point_0),
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
        v = 0.01 * (point_0_bar * rate)  # line 32
        v2 = -0.026666666666666665 * point_2_bar - 0.01 * (point_0_2 * point_1_bar)  # line 35
        v3 = 0.01 * ((28.0 - point_2_history_2[i]) * point_1_bar + point_1_2 * point_2_bar)
        rate_bar = rate_bar + 0.01 * (point_0_bar * (point_1_2 - point_0_2))
        point_0_bar = point_0_bar - v + v3
        point_1_bar = v + 0.01 * (point_0_2 * point_2_bar - point_1_bar) + point_1_bar
        point_2_bar = v2 + point_2_bar
    rate_bar_2 = np.float64(0.0)
    for i in reversed(range(10)):
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
            point_0_3, point_1_3, point_2_2 = (
                point_0_3 + 0.01 * rate * (point_1_3 - point_0_3),
                point_1_3 + 0.01 * (point_0_3 * (28.0 - point_2_2) - point_1_3),
                point_2_2 + 0.01 * (point_0_3 * point_1_3 - 2.6666666666666665 * point_2_2),
            )
        rate_bar_3 = np.float64(0.0)
        for j in reversed(range(10)):
            point_0_4 = point_0_history_3[j]
            point_1_4 = point_1_history_3[j]
            v4 = 0.01 * (point_0_bar * rate)  # line 32
            v5 = -0.026666666666666665 * point_2_bar - 0.01 * (point_0_4 * point_1_bar)  # line 35
            v6 = (28.0 - point_2_history_3[j]) * point_1_bar + point_1_4 * point_2_bar
            rate_bar_3 = rate_bar_3 + 0.01 * (point_0_bar * (point_1_4 - point_0_4))
            point_0_bar = point_0_bar - v4 + 0.01 * v6
            point_1_bar = v4 + 0.01 * (point_0_4 * point_2_bar - point_1_bar) + point_1_bar
            point_2_bar = v5 + point_2_bar
        rate_bar_2 = rate_bar_2 + rate_bar_3
    return lorenz, (np.array([point_0_bar, point_1_bar, point_2_bar]), rate_bar_2 + rate_bar)

def value(start, rate):
    """The value lorenz.

    Shapes: start: (3,), rate: number.
    Lines in the comments are those of golden_loops.py.
    """
    return _run(_value, start, rate)

def value_and_grad(start, rate, *, accumulate=None):
    """The value and dlorenz/dstart, dlorenz/drate, each of its input's shape.

    Shapes: start: (3,), rate: number.
    Lines in the comments are those of golden_loops.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    """
    f, gradient = _run(_value_and_grad, start, rate)
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient

def grad(start, rate, *, accumulate=None):
    """The gradient alone: see value_and_grad."""
    return value_and_grad(start, rate, accumulate=accumulate)[1]

def pack(start, rate):
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(start), np.ravel(rate)]).astype(float)

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
    start, rate = unpack(theta)
    f, gradient = value_and_grad(start, rate)
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
    """Call a body with checked arguments; infinities and NaN come without warnings."""
    given = _arguments(*given)
    found = body(*given)
    if body is _value_and_grad and type(given) is list:
        return found[0], _narrowed(found[1], dict(zip(SHAPES, given)))
    return found

def _narrowed(gradient, given):
    """The gradient in the types of its inputs: a float32 may have met an array of float64."""
    if type(gradient) is not tuple:
        return _narrowed((gradient,), given)[0]
    return tuple([np.asarray(g, given[name].dtype)[()] for name, g in zip(WRT, gradient)])

def _arguments(start, rate):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        fit = (start.shape,) == ((3,),) and isinstance(rate, float) and start.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((start, rate))
    return start, np.float64(rate)

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
        shape = x.shape
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

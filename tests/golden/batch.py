"""The function energy and its gradient by A, x."""
# symdiff 0.1.0, sha256 e11a6da097cfb5fa, recipe: {"graph":{"nodes":[["input",[],["A"],[3,3]],["inpu
# | t",[],["x"],[3]],["contract",[0,1],["ij,j->i"],[3]],["constant",[],["0x1.0000000000000p-1"],[3]]
# | ,["multiply",[3,1],[],[3]],["contract",[4,2],["i,i->"]],["cosh",[2],[],[3]],["log",[6],[],[3]],[
# | "sum",[7],[[0],false]],["add",[5,8]]],"inputs":[0,1],"outputs":[9],"names":["energy"],"primal":1
# | ,"spans":[[2,0,0,24],[3,0,0,25],[4,0,0,25],[5,0,0,25],[6,0,0,25],[7,0,0,25],[8,0,0,25],[9,0,0,25
# | ]],"hints":[[2,"y"]]},"file":"golden_functions.py","batch":true,"steps":[["grad","A","x"]]}
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

if __name__ == "__main__":  # self-check: the slopes lie between one-sided differences
    np.seterr(all="ignore")
    random = np.random.default_rng(0)
    names = dict.fromkeys(n for shape in SHAPES.values() for n in shape if type(n) is str)
    lengths = {n: 3 + i for i, n in enumerate(names)}

    def draw(name, trial):
        shape = [lengths.get(n, n) for n in SHAPES[name]]
        x = random.uniform(*((0.1, 1.0), (-2.0, 2.0), (1.0, 3.0))[trial % 3], shape)
        if trial % 2 and len(shape) == 2 and shape[0] == shape[1]:
            x = x + 9.0 * np.eye(shape[0])  # has an inverse and a Cholesky factor
        return x.round(1) if trial > 20 else x

    worst = dict.fromkeys(WRT, 0.0)
    for trial in range(24):
        point = {name: draw(name, trial) for name in SHAPES}
        try:
            f, gradient = value_and_grad(**point)
        except np.linalg.LinAlgError:  # no such factor or inverse
            continue
        for name, g in zip(WRT, gradient):
            u, slopes = random.normal(0.0, 1.0, np.shape(g)), []
            for step in (-1e-5, -1e-7, 1e-7, 1e-5):
                moved = point | {name: point[name] + step * u}
                slopes.append((value(**moved) - f) / step)
            slope, size = np.sum(g * u), 1 + abs(f) + np.sum(abs(g * u))
            noise = abs(slopes[0] - slopes[1]) + abs(slopes[2] - slopes[3])  # or a jump
            off = (max(min(slopes) - slope, slope - max(slopes)) - noise) / size
            worst[name] = max(worst[name], off if np.isfinite(off) else 0.0)
    for name, off in worst.items():
        print(f"d/d{name}: off by at most {off:.1e}")
    raise SystemExit(int(max(worst.values()) > 1e-6))

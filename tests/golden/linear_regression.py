"""The function loss and its gradient by w."""
# symdiff 0.1.0, sha256 3e8e68b08e0edc92, recipe: {"source":"X: [N, 10]; w: [10]; y: [N]; mean((X @
# |  w - y)**2)","name":"loss","steps":[["grad","w"]]}
import numpy as np

INPUTS = ("X", "w", "y")
OUTPUTS = ("loss",)
WRT = ("w",)
SHAPES = {"X": ("N", 10), "w": (10,), "y": ("N",)}
FLOAT = np.dtype(float)

def _value(X, w, y):
    N = X.shape[0]
    v = X @ w - y
    return (v * v).sum() / N

def _value_and_grad(X, w, y):
    N = X.shape[0]
    v = X @ w - y
    loss = (v * v).sum() / N
    return loss, 2.0 / N * (X.T @ v)

def value(X, w, y):
    """The value loss.

    loss = sum((X @ w - y)**2)/N
    Shapes: X: (N, 10), w: (10,), y: (N,).
    """
    return _run(_value, X, w, y)

def value_and_grad(X, w, y, *, accumulate=None):
    """The value and dloss/dw, of its input's shape.

    Shapes: X: (N, 10), w: (10,), y: (N,).
    accumulate: arrays that the gradient is added to, returned in its place.
    """
    f, gradient = _run(_value_and_grad, X, w, y)
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient

def grad(X, w, y, *, accumulate=None):
    """The gradient alone: see value_and_grad."""
    return value_and_grad(X, w, y, accumulate=accumulate)[1]

def pack(w):
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(w)]).astype(float)

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
    return found[0]

def packed_value_and_grad(theta, X, y):
    """The value and the flat gradient, as scipy.optimize wants them."""
    w = unpack(theta)
    f, gradient = value_and_grad(X, w, y)
    return float(f), pack(gradient)

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

def _arguments(X, w, y):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        N = X.shape[0]
        fit = (X.shape, w.shape, y.shape) == ((N, 10), (10,), (N,))
        fit = fit and X.dtype is w.dtype is y.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((X, w, y))
    return X, w, y

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
        for name, g in zip(WRT, [gradient]):
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

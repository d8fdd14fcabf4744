"""The function loss and its gradient by W, b."""
# symdiff 0.1.0, sha256 67b09b5c1b648c9f, recipe: {"source":"# softmax cross-entropy of labels 0, 1,
# |  2\nW: [4, 3]; b: [3]; X: [N, 4]; labels: int [N]\nscores = X @ W + b\nshifted = scores - max(sc
# | ores, axis=1, keepdims=True)\nlog_total = log(sum(exp(shifted), axis=1))\nloss = mean(log_total
# |  - shifted[arange(N), labels])\n","steps":[["grad","W","b"]]}
import numpy as np

INPUTS = ("W", "b", "X", "labels")
OUTPUTS = ("loss",)
WRT = ("W", "b")
SHAPES = {"W": (4, 3), "b": (3,), "X": ("N", 4), "labels": ("N",)}
FLOAT = np.dtype(float)
KINDS = {"labels": "int"}  # inputs that are no floats

def _value(W, b, X, labels):
    N = X.shape[0]
    scores = X @ W + b
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    return (log_total - shifted[np.arange(N), labels]).sum() / N

def _value_and_grad(W, b, X, labels):
    N = X.shape[0]
    scores = X @ W + b
    max_scores = scores.max(axis=1, keepdims=True)
    shifted = scores - max_scores
    exp_shifted = np.exp(shifted)
    v = exp_shifted.sum(axis=1)
    log_total = np.log(v)
    loss = (log_total - shifted[np.arange(N), labels]).sum() / N
    v2 = 1.0 / N
    v3 = np.zeros((N, 3))
    v3[np.arange(N), labels] = -v2
    shifted_bar = (v2 / v)[:, None] * exp_shifted + v3
    v4 = scores == max_scores
    v5 = (-shifted_bar.sum(axis=1))[:, None] / np.where(v4, 1.0, 0.0).sum(axis=1)[:, None]
    scores_bar = np.where(v4, v5, 0.0) + shifted_bar
    return loss, (X.T @ scores_bar, scores_bar.sum(axis=0))

def value(W, b, X, labels):
    """The value loss.

    Shapes: W: (4, 3), b: (3,), X: (N, 4), labels: (N,).
    """
    return _run(_value, W, b, X, labels)

def value_and_grad(W, b, X, labels, *, accumulate=None):
    """The value and dloss/dW, dloss/db, each of its input's shape.

    Shapes: W: (4, 3), b: (3,), X: (N, 4), labels: (N,).
    accumulate: arrays that the gradient is added to, returned in its place.
    Kink of max: ties share equally.
    Domain of log: x > 0.
    """
    f, gradient = _run(_value_and_grad, W, b, X, labels)
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient

def grad(W, b, X, labels, *, accumulate=None):
    """The gradient alone: see value_and_grad."""
    return value_and_grad(W, b, X, labels, accumulate=accumulate)[1]

def pack(W, b):
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(W), np.ravel(b)]).astype(float)

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

def packed_value_and_grad(theta, X, labels):
    """The value and the flat gradient, as scipy.optimize wants them."""
    W, b = unpack(theta)
    f, gradient = value_and_grad(W, b, X, labels)
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

def _arguments(W, b, X, labels):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        N = X.shape[0]
        fit = (W.shape, b.shape, X.shape, labels.shape) == ((4, 3), (3,), (N, 4), (N,))
        fit = fit and W.dtype is b.dtype is X.dtype is FLOAT and labels.dtype.kind in "iu"
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((W, b, X, labels))
    return W, b, X, labels

def _converted(given):
    """Arrays of floats whose shapes fit SHAPES; integers become float64."""
    lengths, found = {}, []
    for (name, wanted), x in zip(SHAPES.items(), given, strict=True):
        if not hasattr(x, "__array_function__"):
            try:
                x = np.asarray(x)
            except ValueError as error:  # a ragged list
                raise ValueError(f"{name}: {error}") from None
        kind, expected = x.dtype.kind, KINDS.get(name, "real number")
        if kind not in {"int": "iu", "bool": "b"}.get(expected, "biuf"):
            raise TypeError(f"{name}: expected {expected}s, got {x.dtype}")
        if kind != "f" and name not in KINDS:
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
        if name in KINDS:
            return (x > 0.7).astype(KINDS[name])
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

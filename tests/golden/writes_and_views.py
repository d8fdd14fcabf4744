"""The function heat and its gradient by u, k."""
# symdiff 0.1.0, sha256 b819f52b8cb72265, recipe: {"graph":{"nodes":[["input",[],["u"],[6]],["input"
# | ,[],["k"]],["index",[0],[[["int",0]]]],["index",[0],[[["int",5]]]],["constant",[],["0x0.0p+0"],[
# | 6]],["put",[4,2],[[["int",0]]],[6]],["put",[5,3],[[["int",5]]],[6]],["constant",[],["0x0.0p+0"],
# | [4]],["index",[0],[[["slice",1,4,1]]],[4]],["index",[0],[[["slice",2,4,1]]],[4]],["constant",[],
# | ["0x1.0000000000000p+1"],[4]],["multiply",[10,8],[],[4]],["subtract",[9,11],[],[4]],["index",[0]
# | ,[[["slice",0,4,1]]],[4]],["add",[12,13],[],[4]],["broadcast",[1],[[4]],[4]],["multiply",[15,14]
# | ,[],[4]],["add",[8,16],[],[4]],["put",[6,17],[[["slice",1,4,1]]],[6]],["index",[18],[[["slice",2
# | ,4,1]]],[4]],["multiply",[10,17],[],[4]],["subtract",[19,20],[],[4]],["index",[18],[[["slice",0,
# | 4,1]]],[4]],["add",[21,22],[],[4]],["multiply",[15,23],[],[4]],["add",[17,24],[],[4]],["put",[6,
# | 25],[[["slice",1,4,1]]],[6]],["constant",[],["0x1.0000000000000p+1"],[6],"int64"],["constant",[]
# | ,["0x1.0000000000000p+1"],[6]],["power",[26,28],[],[6]],["sum",[29],[[0],false]]],"inputs":[0,1]
# | ,"outputs":[30],"names":["heat"],"primal":1,"spans":[[2,0,0,15],[3,0,0,15],[5,0,0,15],[6,0,0,15]
# | ,[7,0,0,16],[8,0,0,17],[9,0,0,17],[10,0,0,17],[11,0,0,17],[12,0,0,17],[13,0,0,17],[14,0,0,17],[1
# | 5,0,0,17],[16,0,0,17],[17,0,0,17],[18,0,0,17],[19,0,0,19],[20,0,0,19],[21,0,0,19],[22,0,0,19],[2
# | 3,0,0,19],[24,0,0,19],[25,0,0,19],[26,0,0,19],[27,0,0,20],[28,0,0,20],[29,0,0,20],[30,0,0,20]],"
# | hints":[[18,"inner"]]},"file":"golden_functions.py","steps":[["grad","u","k"]]}
import numpy as np

INPUTS = ("u", "k")
OUTPUTS = ("heat",)
WRT = ("u", "k")
SHAPES = {"u": (6,), "k": ()}
FLOAT = np.dtype(float)

def _put(x, at, v):
    x = np.array(x)
    x[at] = v
    return x

def _spread(v, at, shape):
    x = np.zeros(shape, np.result_type(v))
    x[at] = v
    return x

def _value(u, k):
    v = np.zeros(6)  # line 15
    v[0] = u[0]
    v[5] = u[5]
    u_part = u[1:5]  # line 17
    v2 = u_part + k * (u[2:] - 2.0 * u_part + u[:4])
    inner = _put(v, np.s_[1:5], v2)
    v3 = _put(v, np.s_[1:5], v2 + k * (inner[2:] - 2.0 * v2 + inner[:4]))  # line 19
    return (v3 * v3).sum()

def _value_and_grad(u, k):
    v = np.zeros(6)  # line 15
    v[0] = u[0]
    v[5] = u[5]
    u_part = u[1:5]  # line 17
    v2 = u[2:] - 2.0 * u_part + u[:4]
    v3 = u_part + k * v2
    inner = _put(v, np.s_[1:5], v3)
    v4 = inner[2:] - 2.0 * v3 + inner[:4]  # line 19
    v5 = _put(v, np.s_[1:5], v3 + k * v4)
    heat = (v5 * v5).sum()  # line 20
    v6 = 2.0 * v5
    v6_part = v6[1:5]  # line 19
    v7 = v6_part * k
    v8 = np.zeros(6)
    v8[:4] = v7
    v9 = -2.0 * k
    v10 = np.zeros(6)
    v10[2:] = v7
    inner_bar = v10 + v8  # line 17
    v11 = inner_bar[1:5] + v9 * v6_part + v6_part
    v12 = v11 * k
    v13 = np.zeros(6)
    v13[:4] = v12
    v14 = np.zeros(6)
    v14[2:] = v12
    v15 = np.zeros(6)
    v15[1:5] = v9 * v11 + v11
    v16 = _put(inner_bar, np.s_[1:5], np.zeros(4)) + _put(v6, np.s_[1:5], np.zeros(4))
    v17 = np.zeros(6)
    v17[5] = v16[5]
    v18 = np.zeros(6)
    v18[0] = v16[0]
    return heat, (v18 + v17 + v15 + v14 + v13, (v11 * v2 + v6_part * v4).sum())

def value(u, k):
    """The value heat.

    Shapes: u: (6,), k: number.
    Lines in the comments are those of golden_functions.py.
    """
    return _run(_value, u, k)

def value_and_grad(u, k, *, accumulate=None):
    """The value and dheat/du, dheat/dk, each of its input's shape.

    Shapes: u: (6,), k: number.
    Lines in the comments are those of golden_functions.py.
    accumulate: arrays that the gradient is added to, returned in its place.
    """
    f, gradient = _run(_value_and_grad, u, k)
    if accumulate is not None:
        gradient = _accumulated(accumulate, gradient)
    return f, gradient

def grad(u, k, *, accumulate=None):
    """The gradient alone: see value_and_grad."""
    return value_and_grad(u, k, accumulate=accumulate)[1]

def pack(u, k):
    """The arrays of WRT as one flat vector."""
    return np.concatenate([np.ravel(u), np.ravel(k)]).astype(float)

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
    u, k = unpack(theta)
    f, gradient = value_and_grad(u, k)
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

def _arguments(u, k):
    """The arguments, at once where they are arrays of float64 that fit SHAPES."""
    try:
        fit = (u.shape,) == ((6,),) and isinstance(k, float) and u.dtype is FLOAT
    except (AttributeError, IndexError):
        fit = False
    if not fit:
        return _converted((u, k))
    return u, np.float64(k)

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

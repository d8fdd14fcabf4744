"""Arrays out of nothing, out of others, and what there is to ask about one."""

import itertools
import math
import struct

from numpy.arrays import array, asarray, broadcast_to, elements_of, made
from numpy.axes import along
from numpy.indices import broadcast_shapes, places, repeated, steps_of
from numpy.kinds import ArraysError, Kind, Number

asanyarray = ascontiguousarray = asarray

# --- out of nothing ------------------------------------------------------------------------------


def full(shape, value, dtype=None):
    lengths = tuple(shape) if hasattr(shape, "__iter__") else (shape,)
    value = asarray(value, dtype)
    return made(repeated(value, lengths), lengths, value.dtype.name)


def zeros(shape, dtype=float):
    return full(shape, 0, dtype)


def ones(shape, dtype=float):
    return full(shape, 1, dtype)


empty = zeros


def full_like(value, number, dtype=None):
    value = asarray(value)
    return full(value.shape, number, dtype or value.dtype)


def zeros_like(value, dtype=None):
    return full_like(value, 0, dtype)


def ones_like(value, dtype=None):
    return full_like(value, 1, dtype)


empty_like = zeros_like


def arange(*bounds, dtype=None):
    if all(isinstance(bound, int) for bound in bounds):
        numbers = list(range(*bounds))
        return made(numbers, (len(numbers),), Kind(dtype or int).name)
    start, stop, step = (0.0, *bounds, 1.0)[-3:] if len(bounds) == 1 else (*bounds, 1.0)[:3]
    numbers = [start + k * step for k in range(max(0, math.ceil((stop - start) / step)))]
    return made(numbers, (len(numbers),), "float64")


def linspace(start, stop, num=50):
    step = (stop - start) / (num - 1)
    return made([*[start + k * step for k in range(num - 1)], stop], (num,), "float64")


def eye(rows, dtype=float):
    return made([i == j for i in range(rows) for j in range(rows)], (rows, rows), Kind(dtype).name)


def frombuffer(data, dtype):
    kind = Kind(dtype)
    letter = {"float64": "d", "int64": "q", "bool": "?", "complex128": "dd"}[kind.name]
    numbers = [
        parts[0] if len(parts) == 1 else complex(*parts)
        for parts in struct.iter_unpack(f"<{letter}", data)
    ]
    return made(numbers, (len(numbers),), kind.name)


def meshgrid(*axes, indexing="xy"):
    if indexing != "ij":
        raise ArraysError(f"np.meshgrid(indexing={indexing!r})")
    lengths = [len(axis) for axis in axes]
    pairs = enumerate(axes)
    return [broadcast_to(axis.reshape([-1 if k == n else 1 for k in range(len(axes))]), lengths)
            for n, axis in pairs]  # fmt: skip


def ndindex(*shape):
    lengths = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    return itertools.product(*map(range, lengths))


# --- out of others -------------------------------------------------------------------------------


def reshape(value, shape):
    return asarray(value).reshape(shape)


def ravel(value):
    return asarray(value).ravel()


def transpose(value, axes=()):
    return asarray(value).transpose(*axes)


def swapaxes(value, first, second):
    return asarray(value).swapaxes(first, second)


def moveaxis(value, start, end):
    axes = [k for k in range(value.ndim) if k != start % value.ndim]
    axes.insert(end % value.ndim, start % value.ndim)
    return value.transpose(axes)


def broadcast_arrays(*values):
    shape = broadcast_shapes(*[asarray(value).shape for value in values])
    return [broadcast_to(value, shape) for value in values]


def concatenate(values, axis=0):
    first, *rest = [asarray(value) for value in values]
    axis = axis % first.ndim
    parts = [moveaxis(value, axis, 0) for value in (first, *rest)]
    if len({part.shape[1:] for part in parts}) > 1:
        raise ValueError("all the input array dimensions except for the concatenation axis must "
                         "match exactly")  # fmt: skip
    elements = [x for part in parts for x in part.elements]
    lengths = (sum(part.shape[0] for part in parts), *parts[0].shape[1:])
    return moveaxis(made(elements, lengths), 0, axis)


def stack(values, axis=0):
    whole = array(list(values))
    return moveaxis(whole, 0, axis % whole.ndim)


def repeat(value, count):
    return made([x for x in elements_of(value) for _ in range(count)], (value.size * count,))


def flip_last(value):
    return value[(..., slice(None, None, -1))]


def sort(value, axis=-1, kind=None):
    return along(value, axis, lambda line: sorted(line, key=lambda x: (x != x, x)))


def argsort(value, axis=-1, kind=None):
    def order(line):
        return sorted(range(len(line)), key=lambda k: (line[k] != line[k], line[k]))

    return along(value, axis, order, "int64")


def searchsorted(line, value, side="left"):
    return asarray(line).searchsorted(value, side)


def convolve(first, second):
    first, second = asarray(first), asarray(second)
    found = [0] * (first.size + second.size - 1)
    for i, a in enumerate(first.elements):
        for j, b in enumerate(second.elements):
            found[i + j] += a * b
    return made(found, (len(found),))


def unravel_index(places_, shape):
    pairs = zip(shape, steps_of(shape), strict=True)
    return tuple([asarray(places_) // step % length for length, step in pairs])


def flatnonzero(value):
    found = [k for k, x in enumerate(elements_of(asarray(value))) if x]
    return made(found, (len(found),), "int64")


def copyto(target, value):
    target[...] = value


class _Indices:
    """`np.s_[1:, 2]`."""

    def __getitem__(self, key):
        return key


s_ = _Indices()

# --- what there is to ask ------------------------------------------------------------------------


def shape(value):
    return asarray(value).shape


def ndim(value):
    return asarray(value).ndim


def size(value):
    return asarray(value).size


def _reduction(name):
    def of(value, axis=None, keepdims=False, **_):
        value = asarray(value)
        if isinstance(value, Number):
            return getattr(value, name)()
        return getattr(value, name)(axis=axis, keepdims=keepdims)

    return of


sum_, prod, amax, amin, all_, any_, mean = map(
    _reduction, ("sum", "prod", "max", "min", "all", "any", "mean")
)


def cumsum(value, axis=None):
    return asarray(value).cumsum(axis)


def cumprod(value, axis=None):
    return asarray(value).cumprod(axis)


def argmax(value, axis=None):
    return asarray(value).argmax(axis)


def argmin(value, axis=None):
    return asarray(value).argmin(axis)


def iscomplexobj(value):
    return asarray(value).dtype.kind == "c"


def shares_memory(first, second):
    if first.buffer is not second.buffer:
        return False
    ones, others = (places(x.shape, x.steps, x.start) for x in (first, second))
    return not {*ones}.isdisjoint(others)


may_share_memory = shares_memory

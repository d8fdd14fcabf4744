"""Functions of the elements of an array over axes, and along one."""

import functools

from numpy.indices import places


def axes_of(axis, ndim):
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return [axis % ndim for axis in axes]


def reduced(x, axis, keepdims, of_line, kind=None):
    """A function of the elements over axes."""
    from numpy.arrays import made

    axes = axes_of(axis, x.ndim)
    kept = [k for k in range(x.ndim) if k not in axes]
    inner = places([x.shape[k] for k in axes], [x.steps[k] for k in axes], x.start)
    starts = places([x.shape[k] for k in kept], [x.steps[k] for k in kept])
    results = [of_line([x.buffer[start + at] for at in inner]) for start in starts]
    shape = [1 if k in axes else n for k, n in enumerate(x.shape) if keepdims or k in kept]
    return made(results, shape, kind)


def along(x, axis, of_line, kind=None):
    """A function from the elements along an axis to as many others; `None` for all of them."""
    from numpy.arrays import asarray, made

    x = asarray(x)
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis % x.ndim)
    turned, length = x.swapaxes(axis, -1), x.shape[axis]
    elements = turned.elements
    lines = [elements[k : k + length] for k in range(0, x.size, length or 1)]
    results = [element for line in lines for element in of_line(line)]
    return made(results, turned.shape, kind or x.dtype.name).swapaxes(axis, -1)


def kind_of_sums(x):
    return "int64" if x.dtype.name == "bool" else x.dtype.name


def _extreme(choose):
    def either(a, b):
        return a + b if a != a or b != b else choose(a, b)

    return lambda line: functools.reduce(either, line)


largest, smallest = _extreme(max), _extreme(min)

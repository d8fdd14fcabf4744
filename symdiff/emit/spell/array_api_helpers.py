"""Functions that modules of the array API bring: what the standard has no name for.

They are told the namespace of their arrays, and those that make arrays the kind of floats.
"""

from __future__ import annotations

from symdiff.emit.spell.base import Helper

CBRT = '''def _cbrt(xp, x):
    """By a root and one step of Newton's method."""
    y = xp.copysign(xp.abs(x) ** (1.0 / 3.0), x)
    is_known = (y == 0.0) | xp.logical_not(xp.isfinite(y))
    z = xp.where(is_known, xp.ones_like(y), y)
    return xp.where(is_known, y, z - (z - x / (z * z)) / 3.0)'''
FMOD = '''def _fmod(xp, x, y):
    """What is left of a division, with the sign of the dividend."""
    return xp.copysign(xp.remainder(xp.abs(x), xp.abs(y)), x)'''
SINC = """def _sinc(xp, x):
    y = xp.pi * xp.where(x == 0.0, xp.full_like(x, 1e-20), x)
    return xp.sin(y) / y"""
HEAVISIDE = """def _heaviside(xp, x, h):
    above, below = xp.ones_like(x), xp.zeros_like(x)
    return xp.where(x > 0.0, above, xp.where(x < 0.0, below, xp.where(x == 0.0, h, x)))"""
LOGADDEXP2 = """def _logaddexp2(xp, a, b):
    return xp.logaddexp(0.6931471805599453 * a, 0.6931471805599453 * b) / 0.6931471805599453"""
SHARE = """def _share(xp, t, lost, tied):
    return xp.where(lost, xp.zeros_like(t), xp.where(tied, 0.5 * t, t))"""
LOGSUMEXP = """def _logsumexp(xp, x, axis=None, keepdims=False):
    largest = xp.max(x, axis=axis, keepdims=True)
    largest = xp.where(xp.isfinite(largest), largest, xp.zeros_like(largest))
    y = xp.log(xp.sum(xp.exp(x - largest), axis=axis, keepdims=True)) + largest
    if keepdims:
        return y
    return xp.squeeze(y, axis=tuple(range(x.ndim)) if axis is None else axis)"""
CONTRACT = '''def _contract(xp, x, y, first, second, result):
    """The sum of products over the letters that only the arguments have."""
    letters = result + "".join(s for s in dict.fromkeys(first + second) if s not in result)

    def aligned(a, names):
        a = xp.permute_dims(a, [names.index(s) for s in letters if s in names])
        return a[tuple([slice(None) if s in names else None for s in letters])]

    summed = tuple(range(len(result), len(letters)))
    return xp.sum(aligned(x, first) * aligned(y, second), axis=summed)'''
TAKE = '''def _take(xp, x, at, axis):
    """The elements at an array of places along an axis."""
    found = xp.take(x, _positive(xp, xp.reshape(at, (-1,)), x.shape[axis]), axis=axis)
    return xp.reshape(found, (*x.shape[:axis], *at.shape, *x.shape[axis + 1 :]))'''
POSITIVE = '''def _positive(xp, at, length):
    """Places counted from the start."""
    return xp.where(at < 0, at + length, at)'''
PUT = '''def _put(xp, x, at, v):
    """A copy with something else at numbers and slices, from which each element is taken."""
    order = np.arange(int(np.prod(x.shape))).reshape(x.shape)
    shape = order[at].shape
    order[at] = order.size + np.arange(order[at].size).reshape(shape)
    v = xp.broadcast_to(v, shape)
    flat = xp.concat((xp.reshape(x, (-1,)), xp.reshape(v, (-1,))))
    order = xp.asarray(order.ravel().tolist(), device=getattr(x, "device", None))
    return xp.reshape(xp.take(flat, order), x.shape)'''
ADD_AT = '''def _add_at(xp, x, places, v):
    """The sum of an array and of what is added at places in it, which may come twice."""
    flat, at = xp.reshape(x, (-1,)), xp.reshape(places, (-1,))
    v = xp.reshape(xp.broadcast_to(v, places.shape), (-1,))
    if hasattr(flat, "index_add"):  # the standard has no such function, PyTorch has
        flat = flat.index_add(0, at, v)
    elif hasattr(flat, "at"):  # and JAX
        flat = flat.at[at].add(v)
    elif hasattr(xp, "add") and hasattr(xp.add, "at"):  # NumPy and CuPy
        flat = xp.asarray(flat, copy=True)
        xp.add.at(flat, at, v)
    else:
        hits = at[:, None] == xp.arange(flat.shape[0], device=getattr(flat, "device", None))
        flat = flat + xp.sum(xp.where(hits, v[:, None], xp.zeros_like(v[:, None])), axis=0)
    return xp.reshape(flat, x.shape)'''
PUT_AT = '''def _put_at(xp, x, places, v):
    """A copy with something else at places in it: of those that come twice, the last counts."""
    size, count = int(np.prod(x.shape)), int(np.prod(places.shape))
    if not count:
        return xp.asarray(x, copy=True)
    at = xp.reshape(places, (-1,))
    v = xp.reshape(xp.broadcast_to(v, places.shape), (-1,))
    order = xp.argsort(at)
    at, v = xp.take(at, order), xp.take(v, order)
    is_last = xp.concat((at[1:] != at[:-1], at[-1:] == at[-1:]))
    at = xp.where(is_last, at, xp.full_like(at, size))  # others go behind the end
    empty = xp.concat((xp.zeros_like(xp.reshape(x, (-1,))), xp.zeros_like(v[:1])))
    found = _add_at(xp, empty, at, v)[:size]
    is_met = _add_at(xp, empty, at, xp.ones_like(v))[:size] > 0
    return xp.where(xp.reshape(is_met, x.shape), xp.reshape(found, x.shape), x)'''
ORDER = '''def _order(xp, kind, shape):
    """The places of an array, counted."""
    return xp.reshape(xp.arange(int(np.prod(shape)), device=kind["device"]), shape)'''
CUMMAX = '''def _cummax(xp, x, axis):
    """The largest so far along an axis, of the last 2, 4, 8 and so on elements."""
    x, step = xp.moveaxis(x, axis, 0), 1
    while step < x.shape[0]:
        x = xp.concat((x[:step, ...], xp.maximum(x[step:, ...], x[:-step, ...])))
        step *= 2
    return xp.moveaxis(x, 0, axis)'''
MATRIX = '''def _matrix(xp, parts, shape, places=None):
    """Entries at their places in an array, behind the axes of a batch."""
    if places is not None:
        known = dict(zip(places, parts))
        zero = xp.zeros_like(parts[0])
        parts = [known.get(place, zero) for place in range(int(np.prod(shape)))]
    found = xp.stack(parts, axis=-1)
    return xp.reshape(found, (*found.shape[:-1], *shape))'''
FIRST_OF = '''def _first_of(x, condition):
    """The first element where a condition holds."""
    return float(x[condition][0]) if getattr(x, "shape", ()) else float(x)'''

# what texts of the table may call, by their names
HELPERS = (
    Helper(TAKE, ("_positive",)),
    Helper(POSITIVE),
    Helper(PUT),
    Helper(ADD_AT),
    Helper(PUT_AT, ("_add_at",)),
    Helper(ORDER),
    Helper(CONTRACT),
    Helper(MATRIX),
)

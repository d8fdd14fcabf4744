"""Indices: the places of an array's elements in its list, and what an index chooses of them."""

import itertools
import math
import operator

from numpy.kinds import Number


def steps_of(shape):
    """How far apart in the list neighbours along each axis are."""
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return tuple(steps)


def places(lengths, steps, start=0):
    """The places of all elements of an array of these lengths, in their order."""
    found = [start]
    for length, step in zip(lengths, steps, strict=True):
        found = [at + step * k for at in found for k in range(length)]
    return found


def broadcast_shapes(*shapes):
    found = []
    for lengths in itertools.zip_longest(*[shape[::-1] for shape in shapes], fillvalue=1):
        longer = {n for n in lengths if n != 1}
        if len(longer) > 1:
            raise ValueError(f"shapes {shapes} could not be broadcast together")
        found.append(longer.pop() if longer else 1)
    return tuple(found[::-1])


def repeated(value, shape):
    """The elements of an array of that shape, by NumPy's rules of broadcasting."""
    if isinstance(value, Number):
        return [value.item()] * math.prod(shape)
    if value.shape == tuple(shape):
        return value.elements
    if broadcast_shapes(value.shape, shape) != tuple(shape):
        raise ValueError(f"could not broadcast from shape {value.shape} into shape {shape}")
    return [value.buffer[at] for at in places(shape, steps_to(value, shape), value.start)]


def steps_to(value, shape):
    steps = [0 if n == 1 else step for n, step in zip(value.shape, value.steps, strict=True)]
    return [0] * (len(shape) - value.ndim) + steps


def chosen(x, key):
    """What an index chooses of an array.

    Returns:
        The lengths of it; then, of a view, the steps and the place of its first element; else
        `None` and the places of all elements.
    """
    from numpy.arrays import asarray

    entries = _whole_index(x.shape, key if isinstance(key, tuple) else (key,))
    has_arrays = any(_is_array(entry) for entry in entries)
    own = iter(zip(range(x.ndim), x.shape, x.steps, strict=True))
    start, axes, picked, numbers, cut = x.start, [], [], [], 0
    for number, entry in enumerate(entries):
        if entry is None:
            axes.append((1, 0))
            continue
        axis, length, step = next(own)
        if isinstance(entry, slice):
            begin, end, by = entry.indices(length)
            axes.append((len(range(begin, end, by)), by * step))
            start += begin * step
        elif has_arrays:
            cut = cut if numbers else len(axes)
            numbers.append(number)
            picked.append((asarray(entry), length, step, axis))
        else:
            start += _place(entry, length, axis) * step
    if not picked:
        return tuple([n for n, _ in axes]), tuple([step for _, step in axes]), start
    together = broadcast_shapes(*[entry.shape for entry, *_ in picked])
    offsets = [0] * math.prod(together)
    for entry, length, step, axis in picked:
        moved = [_place(k, length, axis) * step for k in repeated(entry, together)]
        offsets = [a + b for a, b in zip(offsets, moved, strict=True)]
    is_joined = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    before, after = axes[: cut * is_joined], axes[cut * is_joined :]
    starts = places([n for n, _ in before], [step for _, step in before], start)
    ends = places([n for n, _ in after], [step for _, step in after])
    lengths = (*[n for n, _ in before], *together, *[n for n, _ in after])
    return lengths, None, [a + b + c for a in starts for b in offsets for c in ends]


def _is_array(entry):
    return hasattr(entry, "buffer")


def _place(number, length, axis):
    k = operator.index(number)
    if not -length <= k < length:
        raise IndexError(f"index {k} is out of bounds for axis {axis} with size {length}")
    return k % length


def _whole_index(shape, key):
    """An entry for each axis: masks as places, lists as arrays, no ellipsis."""
    from numpy.arrays import asarray, made

    entries = []
    for entry in key:
        if isinstance(entry, list):
            entry = asarray(entry, None if entry else "int64")
        if _is_array(entry) and entry.dtype == "bool":
            held = places(entry.shape, steps_of(entry.shape))
            chosen_ = [at for at, holds in zip(held, entry.elements, strict=True) if holds]
            for length, step in zip(entry.shape, steps_of(entry.shape), strict=True):
                entries.append(
                    made([at // step % length for at in chosen_], (len(chosen_),), "int64")
                )
        else:
            entries.append(entry)
    taken = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if taken > len(shape):
        raise IndexError(f"too many indices: the array has {len(shape)} axes")
    rest = [slice(None)] * (len(shape) - taken)
    for number, entry in enumerate(entries):
        if entry is Ellipsis:
            return [*entries[:number], *rest, *entries[number + 1 :]]
    return [*entries, *rest]

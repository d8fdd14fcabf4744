"""Arrays whose lengths steps of a loop give their numbers: in memory for the longest of them.

What a step holds stands at the front of that memory, in C's order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from symdiff.errors import UnsupportedError
from symdiff.graph.shape import Dimension, Shape, most_within, names_of, size
from symdiff.schedule.nests.nest import ELEMENT, STORE, Nests
from symdiff.schedule.nests.whole import flat
from symdiff.schedule.program import Expr, Op, Ref, mapped

# the exception of a check, and what it says, where a loop has more steps than memory was given for
TOO_MANY_STEPS = "MemoryError", "a loop has more steps than the workspace is for"

Ranges = Mapping[str, tuple[Dimension, Dimension]]


def longest(shape: Shape, ranges: Ranges, lengths: Collection[str]) -> Dimension:
    """The largest number of elements of an array.

    Args:
        shape: of the array.
        ranges: by the name of an extent, the least and the largest number that it has.
        lengths: the names of lengths that are known before.

    Raises:
        UnsupportedError: where none is known.
    """
    return size([_most(length, ranges, lengths) for length in shape])


def _most(length: Dimension, ranges: Ranges, lengths: Collection[str]) -> Dimension:
    found = most_within(length, ranges)
    if not {*names_of([(found,)])} <= {*lengths}:
        raise of_unknown_length()
    return found


def of_unknown_length() -> UnsupportedError:
    """That an array has as many elements as a loop has steps, which are counted by itself."""
    return UnsupportedError(
        "a loop stores a value of each step, and without a library of arrays there is no memory "
        "for a number of steps that is not known before"
    )


def room(shape: Shape) -> Dimension:
    """How many elements an array has; at least 0, whatever the named lengths are."""
    return longest(shape, {}, names_of([shape]))


def flattened(nests: Nests, sizes: Mapping[str, Dimension]) -> Nests:
    """Nests in which some arrays have one axis, as long as their memory.

    Args:
        nests: the statements and their buffers.
        sizes: by the names of arrays, how many elements they have at most.
    """
    if not sizes:
        return nests

    def changed(expr: Expr) -> Expr:
        if not isinstance(expr, Op):
            return expr
        args = tuple(map(changed, expr.args))
        if expr.name in (ELEMENT, STORE):
            array = expr.args[0]
            memory = array.args[0] if isinstance(array, Op) else array
            if isinstance(memory, Ref) and memory.name in sizes:
                shape = (sizes[memory.name],)
                count = 1 if expr.name == STORE else 0  # the value stands before the places
                place = flat(args[1 + count :], array.shape)
                args = (memory._replace(shape=shape), *args[1 : 1 + count], place)
        return expr._replace(args=args)

    buffers = [
        replace(buffer, shape=(sizes[buffer.name],)) if buffer.name in sizes else buffer
        for buffer in nests.buffers
    ]
    return replace(nests, body=mapped(nests.body, changed), buffers=tuple(buffers))

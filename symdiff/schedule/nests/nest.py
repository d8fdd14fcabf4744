"""Nests: programs in which every expression is a number, and arrays are buffers in C's order.

How they are read. A `Nests` is a block of the statements of `symdiff.schedule.program`, with these
differences to what a program of arrays holds:

- Each expression is a number: its operations are elementwise ones, `length`, decisions, and
  `element`. Kinds are explicit: where an operation of floats takes a whole number or a truth,
  `as_float64` stands between them (the condition of `where` is a truth).
- An element of an array is `Op("element", (array, place, ...))`, with a place of kind int64 for
  each axis, never negative. The array is a `Ref` with its shape: an input, a buffer, an output.
  Or it is `Op("reshape", (ref,), (shape,), shape)`: the same memory, in C's order, in that shape.
- An element is written by `Update(name, Op("store", (array, value, place, ...)))`.
- `Let` gives a number a name, or another value where it has been given one before.
- A `For` counts with whole numbers; lengths may name a counter of a loop around, or a number that
  a `Let` gave a name. A buffer of such a length has one axis, of the longest: see `extents`.
- A `Check` ends the function with its error. `Return` holds the numbers among the results; the
  arrays among them are in `outputs`, in order, and have been written.

Elementwise work on arrays of one shape is one nest; a value of which each element is read once
is no array at all. Innermost loops of a few steps are written out (`short`), neighbouring loops
over the same numbers are one where each step needs no other one (`fusion`), and what such a step
writes and reads for itself is a number, or an array without that axis (`contraction`). An array of
repeated inputs is made again by each nest that needs a part of it at a time (`recomputed`).

A sum along axes is compensated (O. Moller 1965, D. Knuth 1969, section 4.2.2): its error does not
grow with the number of terms, where NumPy's, in pairs, grows with its logarithm. The sums of
products of a contraction are added in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Shape
from symdiff.schedule.program import Block

ELEMENT = "element"  # of an array, at a place of each axis
STORE = "store"  # the array with another element


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory for an array.

    Attributes:
        name: by which statements call it.
        shape: of the array; lengths may be named.
        dtype: of its elements.
    """

    name: str
    shape: Shape
    dtype: str = FLOAT


@dataclass(frozen=True, slots=True)
class Known:
    """An array of known numbers.

    Attributes:
        name: by which statements call it.
        shape: of the array.
        dtype: of its elements.
        numbers: the elements in C's order.
    """

    name: str
    shape: Shape
    dtype: str
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Nests:
    """A function of numbers and arrays.

    Attributes:
        body: the statements, the last of which is a `Return` of the results that are numbers.
        outputs: the results that are arrays, in order.
        buffers: memory for what is kept between nests, all of it at once.
        known: arrays that are read alone.
        most_steps: the name of how many steps, at most, a loop has that stores a value of each
            without a number of them that is known before; `""` where there is none.
    """

    body: Block
    outputs: tuple[Buffer, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    known: tuple[Known, ...] = ()
    most_steps: str = ""

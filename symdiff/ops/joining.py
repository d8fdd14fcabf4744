"""Joining: arrays one after the other along an axis, or along new ones."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import ShapeError
from symdiff.graph.shape import Dimension, Shape, size
from symdiff.graph.shape import text as shape_text
from symdiff.ops import exact, sparsity
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import indexed, lifted, sliced, whole
from symdiff.ops.operation import (
    ANY,
    PROMOTED,
    Linear,
    Operation,
)
from symdiff.ops.structural import Params, Pattern

# --- along an axis -------------------------------------------------------------------------------


def _concatenated_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    (axis,) = params
    first = shapes[0]
    for shape in shapes:
        if (*shape[:axis], *shape[axis + 1 :]) != (*first[:axis], *first[axis + 1 :]):
            raise ShapeError(
                f"{shape_text(first)} and {shape_text(shape)} cannot be joined along axis {axis}"
            )
    length: Dimension = 0
    for shape in shapes:
        length = shape[axis] + length
    return (*first[:axis], length, *first[axis + 1 :])


def _concatenate_transpose(t: Handle, *args: Handle, axis: int) -> list[Handle]:
    parts = []
    start: Dimension = 0
    for x in args:
        parts.append(sliced(t, axis, start, x.shape[axis]))
        start = x.shape[axis] + start
    return parts


concatenate: Operation = Operation(
    "concatenate",
    "Arrays one after the other along an axis.",
    ANY,
    Linear(_concatenate_transpose),
    exact=exact.joined,
    sparsity=sparsity.moved,
    shape=_concatenated_shape,
    dtype=PROMOTED,
    batch=lambda args, batched, params, length: concatenate(
        *lifted(args, batched, length), params=(params[0] + 1,)
    ),
    params=("axis",),
    takes_complex=True,
)


def concatenated(args: Sequence[Handle], axis: int) -> Handle:
    """The arrays joined; a single one as it is."""
    return args[0] if len(args) == 1 else concatenate(*args, params=(axis,))


# --- along new axes ------------------------------------------------------------------------------


def _stacked_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    new, axis = params
    first = shapes[0]
    for shape in shapes:
        if shape != first:
            raise ShapeError(
                f"arrays of the shapes {shape_text(first)} and {shape_text(shape)} "
                "cannot be stacked"
            )
    if size(new) != len(shapes):
        raise ShapeError(f"{len(shapes)} arrays cannot be stacked as {shape_text(new)}")
    return (*first[:axis], *new, *first[axis:])


def place_in_stack(shape: Shape, new: Shape, axis: int, number: int) -> Pattern:
    """The index by which a stack gives one of the arrays, of this shape, that it is made of."""
    places = []
    for length in reversed(new):
        assert isinstance(length, int)  # as many arrays as there are arguments
        number, place = divmod(number, length)
        places.append(("int", place))
    every = list(map(whole, shape))
    return (*every[:axis], *reversed(places), *every[axis:])


stack: Operation = Operation(
    "stack",
    "Equal arrays along new axes; numbers as the array that they are the elements of.",
    ANY,
    Linear(
        lambda t, *args, shape, axis: [
            indexed(t, place_in_stack(x.shape, shape, axis, k)) for k, x in enumerate(args)
        ]
    ),
    exact=lambda mp, shape, axis, *arrays: exact.of_numpy("stack")(mp, arrays, axis),
    sparsity=sparsity.moved,
    shape=_stacked_shape,
    dtype=PROMOTED,
    batch=lambda args, batched, params, length: stack(
        *lifted(args, batched, length), params=(params[0], params[1] + 1)
    ),
    params=("shape", "axis"),
    takes_complex=True,
)


def stacked(args: Sequence[Handle], axis: int = 0) -> Handle:
    """Equal arrays along a new axis; lists of lists are one array."""
    nodes = [x.builder.nodes[x.at] for x in args]
    first = nodes[0]
    kinds = {(node.op, node.params, node.shape) for node in nodes}
    if axis or len(kinds) > 1 or first.op != stack.name or first.params[1]:
        return stack(*args, params=((len(args),), axis))
    items = [Handle(args[0].builder, at) for node in nodes for at in node.args]
    return stack(*items, params=((len(args), *first.params[0]), 0))

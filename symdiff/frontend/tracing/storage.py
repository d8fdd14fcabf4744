"""Buffers of arrays, and views of them.

A write is functional: a buffer comes to hold another line of the graph. A view is its buffer and
the steps that lead from there to it, as data: so it sees every write, and a write through it goes
the steps back. A concrete array is held as it is; its views are NumPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.graph.node import Node
from symdiff.graph.shape import Dim, Dimension, evaluate
from symdiff.ops.complex_numbers import complex_of_parts, imag, real
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.registry import OPERATIONS

Obstacle = tuple[str, str | None]  # a message and what to do

PARTS = frozenset((real.name, imag.name))  # which are views of complex numbers
_SAMPLE = 97  # elements along a named dimension, where only the layout matters


class Step(NamedTuple):
    """An operation on an array, as data.

    Attributes:
        op: its name.
        params: its parameters.
        operands: its other arguments, which depend on no array: places that NumPy's function takes,
            or lines of whole numbers.
    """

    op: str
    params: tuple[Any, ...]
    operands: tuple[Step | Handle, ...] = ()


class Buffer:
    """The memory of one array, or a number.

    Attributes:
        recorder: the trace that may write to it.
        content: a handle on a line, or an array of NumPy's that depends on no argument.
        dtype: NumPy's type of its elements.
        argument: the name of the argument that it is; such a one cannot be written to.
        in_c_order: whether NumPy is known to lay it out in C's order.
        version: how many times it was written to.
        way: the way of a branch on values that it was made in, `None` outside of all.
    """

    __slots__ = (
        "_layout",
        "argument",
        "content",
        "dtype",
        "in_c_order",
        "recorder",
        "version",
        "way",
    )

    steps: tuple[Step, ...] = ()
    obstacle: Obstacle | None = None
    is_stale = False

    def __init__(
        self,
        recorder: Recorder,
        content: Any,
        dtype: Any,
        argument: str = "",
        *,
        in_c_order: bool = False,
    ) -> None:
        self.recorder = recorder
        self.content = content
        self.dtype = dtype
        self.argument = argument
        self.in_c_order = in_c_order
        self.version = 0
        self.way = recorder.ways[-1] if recorder.ways else None
        self._layout: Any = None

    @property
    def buffer(self) -> Buffer:
        """Itself."""
        return self

    @property
    def layout(self) -> Any:
        """An array laid out as this one, without numbers."""
        if self._layout is None:
            import numpy as np

            self._layout = np.empty([sampled(n) for n in self.content.shape], np.int8)
        return self._layout

    def put(self, new: Any) -> None:
        """Hold something else."""
        self.content = new
        self.version += 1


class Selected(Buffer):
    """The memory of an array that a branch has chosen: it may be one from outside."""

    __slots__ = ()
    obstacle = (
        "an array that a branch on values has chosen is written into, and may be that of another "
        "variable too",
        "copy it first, with .copy()",
    )


class View:
    """An array in the memory of another one.

    Args:
        parent: what it was made of.
        steps: how it is made of that.
        content: what it holds now.
        layout: how NumPy lays it out; where it is given none, the steps are indices.
        obstacle: why it cannot be made again.

    Attributes:
        parent: what it was made of.
        buffer: whose memory it is in.
        steps: how it is made of the buffer.
        obstacle: why it cannot be made again after a write, `None` where it can.
    """

    __slots__ = ("_content", "_known", "_layout", "_seen", "buffer", "obstacle", "parent", "steps")

    argument = ""

    parent: Storage
    buffer: Buffer
    steps: tuple[Step, ...]
    obstacle: Obstacle | None

    def __init__(
        self,
        parent: Storage,
        steps: Sequence[Step],
        content: Any,
        layout: Any = None,
        obstacle: Obstacle | None = None,
    ) -> None:
        self.parent = parent
        self.buffer = parent.buffer
        self.steps = (*parent.steps, *steps)
        self.obstacle = parent.obstacle or obstacle
        self._content = self._known = content
        self._layout = layout
        self._seen = self.buffer.version

    @property
    def dtype(self) -> Any:
        """NumPy's type of its elements: a part of complex numbers is real."""
        dtype = self.buffer.dtype
        if any(step.op in PARTS for step in self.steps):
            import numpy as np

            return np.dtype(dtype.char.lower())
        return dtype

    def of(self, buffer: Buffer) -> View:
        """The same view of a buffer that holds something else by now."""
        if is_concrete(buffer.content):
            return self
        content = replayed(buffer.content, self.steps)
        return View(buffer, self.steps, content, self.layout, self.obstacle)

    @property
    def is_stale(self) -> bool:
        """Whether its buffer was written to since it was made."""
        return self._seen != self.buffer.version and not is_concrete(self.buffer.content)

    @property
    def content(self) -> Any:
        """The line, or the concrete array, after all writes so far."""
        if is_concrete(self.buffer.content):  # it may have been a line in the step of a loop
            return self._known
        if self.is_stale:
            self._content = replayed(self.buffer.content, self.steps)
            self._seen = self.buffer.version
        return self._content

    @property
    def layout(self) -> Any:
        """An array laid out as this one, without numbers."""
        if self._layout is None:
            self._layout = self.parent.layout
            for step in self.steps[len(self.parent.steps) :]:
                self._layout = self._layout[_key(step.params[0])]
        return self._layout

    def put(self, new: Handle) -> None:
        """Let the buffer hold what it holds, with something else in the place of this view."""
        self.buffer.put(put_back(self.buffer.content, self.steps, new))
        self._content, self._seen = new, self.buffer.version


Storage = Buffer | View


def is_concrete(content: Any) -> bool:
    """Whether content is an array of NumPy's, which depends on no argument."""
    return not isinstance(content, Handle)


# --- steps -------------------------------------------------------------------------------------


def replayed(start: Handle, steps: Sequence[Step]) -> Handle:
    """What the steps make of an array."""
    builder, at = start.builder, start.at
    for step in steps:
        at = _made(builder, step, (at,))
    return Handle(builder, at)


def is_known_view(storage: Storage) -> bool:
    """Whether an array is all of its buffer, or a view that any trace can make of it."""
    operands = [operand for step in storage.steps for operand in step.operands]
    return storage.obstacle is None and not any(map(_has_lines, operands))


def _has_lines(operand: Step | Handle) -> bool:
    return isinstance(operand, Handle) or any(map(_has_lines, operand.operands))


def put_back(start: Handle, steps: Sequence[Step], new: Handle) -> Handle:
    """An array with something else in the place of the view that the steps lead to.

    Raises:
        UnsupportedError: for a step that is no index, no reshape and no transpose.
    """
    if not steps:
        return new
    builder = start.builder
    before = [start]
    for step in steps[:-1]:
        before.append(Handle(builder, _made(builder, step, (before[-1].at,))))
    for step, base in zip(reversed(steps), reversed(before), strict=True):
        undo = _UNDO.get(step.op)
        if undo is None:
            raise UnsupportedError("a write through this view is not supported")
        operands = [Handle(builder, _made(builder, operand)) for operand in step.operands]
        new = undo(base, new, operands, *step.params)
    return new


def steps_between(start: Handle, end: Handle) -> tuple[Step, ...] | None:
    """The steps from one line to another; `None` where no single chain leads there."""
    nodes = start.builder.nodes
    steps: list[Step] = []
    at = end.at
    while at != start.at:
        node = nodes[at]
        if not node.args:
            return None
        operands = [_operand(nodes, operand, start.at) for operand in node.args[1:]]
        if None in operands:
            return None
        steps.append(Step(node.op, node.params, tuple(filter(None, operands))))
        at = node.args[0]
    return tuple(reversed(steps))


def _operand(nodes: Sequence[Node], at: int, start: int) -> Step | None:
    """A line as data; `None` where it depends on the array, or is a literal."""
    node = nodes[at]
    operands = [_operand(nodes, argument, start) for argument in node.args]
    if at == start or None in operands or node.op not in OPERATIONS:
        return None
    return Step(node.op, node.params, tuple(filter(None, operands)))


def steps_by_lines(start: Handle, end: Handle) -> tuple[Step, ...] | None:
    """The steps from one line to another by indices that are lines; `None` where there are none."""
    builder, at = start.builder, end.at
    steps: list[Step] = []
    while at != start.at:
        node = builder.nodes[at]
        if not node.args or node.op not in _UNDO:
            return None
        operands = tuple([Handle(builder, operand) for operand in node.args[1:]])
        steps.append(Step(node.op, node.params, operands))
        at = node.args[0]
    return tuple(reversed(steps))


def _made(builder: Maker, step: Step | Handle, args: tuple[int, ...] = ()) -> int:
    if isinstance(step, Handle):
        if step.builder is not builder:
            raise UnsupportedError("a view by a counter is used outside of its loop")
        return step.at
    operands = [_made(builder, operand) for operand in step.operands]
    return builder.make(step.op, (*args, *operands), step.params)


def _undo_index(base: Handle, new: Handle, operands: Sequence[Handle], pattern: Any) -> Handle:
    return OPERATIONS["put"](base, new, *operands, params=(pattern,))


def _undo_reshape(base: Handle, new: Handle, _operands: Any, _shape: Any) -> Handle:
    return OPERATIONS["reshape"](new, params=(base.shape,))


def _undo_transpose(_base: Handle, new: Handle, _operands: Any, axes: Any) -> Handle:
    order = tuple(sorted(range(len(axes)), key=lambda axis: axes[axis]))
    return OPERATIONS["transpose"](new, params=(order,))


def _undo_real(base: Handle, new: Handle, _operands: Any) -> Handle:
    return complex_of_parts(new, imag(base))


def _undo_imag(base: Handle, new: Handle, _operands: Any) -> Handle:
    return complex_of_parts(real(base), new)


_UNDO: Mapping[str, Callable[..., Handle]] = {
    real.name: _undo_real,
    imag.name: _undo_imag,
    "index": _undo_index,
    "reshape": _undo_reshape,
    "transpose": _undo_transpose,
}


# --- layouts -----------------------------------------------------------------------------------


def sampled(length: Dimension) -> int:
    """A length; of a named one, a number in its place."""
    if isinstance(length, int):
        return length
    return evaluate(length, {name: _sample(name) for name in length.names})


def _sample(name: str) -> int:
    """A number in the place of a named dimension: a small one for that of a loop's step."""
    return 1 if name.startswith("_") else _SAMPLE


def sampled_item(item: Any) -> Any:
    """An item of an index without lines: what it takes is laid out alike."""
    if isinstance(item, slice):
        return slice(*map(sampled_item, (item.start, item.stop, item.step)))
    return 0 if isinstance(item, Handle) else sampled(item) if isinstance(item, Dim) else item


def _key(pattern: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """NumPy's index for a pattern without index arrays; of an element too it gives an array."""
    return (*[_item(*entry) for entry in pattern], ...)


def _item(kind: str, *rest: Any) -> Any:
    if kind == "new":
        return None
    if kind == "int":
        return sampled(rest[0])
    if kind != "slice":  # a number that is a line
        return 0
    start, length, step = map(sampled, rest)
    stop = start + length * step
    return slice(start, stop if stop >= 0 else None, step)

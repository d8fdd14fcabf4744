"""Stores: the arrays, or lists, in which the steps of a loop stack their results."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from symdiff.graph.nested import lengths_of
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.indexing import put
from symdiff.ops.loops import Layout
from symdiff.ops.operation import Loop, Part
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.plan import Plan
from symdiff.schedule.program import (
    APPEND,
    CHOICE,
    COPY,
    EMPTY,
    ROWS,
    STACKED,
    TURNED,
    Expr,
    Let,
    Number,
    Op,
    Ref,
    Update,
    at,
    element,
)


class Stores:
    """The stores of one loop, for those of its results that other lines need.

    Args:
        plan: around the loop.
        position: of the loop.
        layout: of the loop.

    Attributes:
        refs: by the number of a result, its store.
    """

    def __init__(self, plan: Plan, position: int, layout: Layout) -> None:
        self._plan, self._position, self._layout = plan, position, layout
        self._can_write = plan.style.in_place(put.name)
        self._span = plan.span_of(position)
        self.refs = dict(map(self._ref, self._wanted()))

    def _wanted(self) -> list[int]:
        """The results that other lines read."""
        lines, first = self._plan.graph.nodes, self._layout.carries
        parts = [line for line in lines if line.args == (self._position,) and is_part(line)]
        return sorted({line.params[0] for line in parts if line.params[0] >= first})

    def _ref(self, which: int) -> tuple[int, Ref]:
        layout = self._layout
        name = layout.graph.output_names[which]
        name = self._plan.style.fresh(name if name.endswith("_history") else f"{name}s")
        return which, Ref(name, layout.shape(which), layout.part(which).dtype)

    @property
    def _are_lists(self) -> bool:
        """Whether the length is not known, or no array can be written into."""
        return self._layout.test is not None or not self._can_write

    # --- before the loop ---------------------------------------------------------------------

    def state(self) -> None:
        """State what each store is at first: nothing, or a row of a larger one."""
        for which, ref in self.refs.items():
            start = self._rows.get(which) or self._empty(which, ref)
            self._plan.statements.append(Let(ref.name, start, self._span))

    @cached_property
    def _rows(self) -> Mapping[int, Expr]:
        """By number, the row of a larger array that a result is written into."""
        lines, rows = self._plan.graph.nodes, self._plan.rows
        if self._layout.test is not None:
            return {}
        own = [(lines[at], row) for at, row in rows.items() if lines[at].args == (self._position,)]
        return {line.params[0]: row for line, row in own}

    def _empty(self, which: int, ref: Ref) -> Expr:
        if self._are_lists:
            return Op(ROWS, (), (), ref.shape, ref.dtype)
        if self._is_slice(which):
            return Number(0.0, ref.shape, ref.dtype)
        return Op(EMPTY, (), (ref.shape, ref.dtype), ref.shape, ref.dtype)

    def _is_slice(self, which: int) -> bool:
        """Whether all that a step writes of its row is a slice, between zeros."""
        graph = self._layout.graph
        position = graph.outputs[which]
        node = graph[position]
        if self._are_lists or which in self._rows or node.op != put.name:
            return False
        start, _, *places = (graph[argument] for argument in node.args)
        is_zero = start.op == CONSTANT and constant_value(start) == 0.0
        is_alone = graph.uses()[position] == 1
        return is_zero and is_alone and not any(place.shape for place in places)

    # --- in a step ---------------------------------------------------------------------------

    def row_of(self, which: int, place: Expr) -> Op | None:
        """The row of a store that the line of a result is written into where it is computed.

        That is what an inner loop stacks, or a slice between zeros; `None` for what is none.
        """
        if self._is_slice(which):
            return element(self.refs[which], place)
        graph = self._layout.graph
        position = graph.outputs[which]
        node = graph[position]
        if self._are_lists or not is_part(node) or not OPERATIONS[node.op].is_own:
            return None
        is_alone = graph.uses()[position] == 1
        is_counted = Layout.of(graph[node.args[0]].params).test is None
        return element(self.refs[which], place) if is_alone and is_counted else None

    def stored(self, which: int, place: Expr, value: Expr, *, is_changed: bool) -> Update:
        """What a step writes at its place in a store, or behind what is there.

        Args:
            which: the number of the result.
            place: of the step.
            value: the result.
            is_changed: whether steps write into arrays.
        """
        ref = self.refs[which]
        if self._are_lists:
            is_shared = value.shape and is_changed
            row = Op(COPY, (value,), (), value.shape, value.dtype) if is_shared else value
            made = Op(APPEND, (ref, row), (), ref.shape, ref.dtype)
        else:
            made = Op(put.name, (ref, value, place), at(ref), ref.shape, ref.dtype)
        return Update(ref.name, made, self._span)

    # --- behind the loop ---------------------------------------------------------------------

    def close(self) -> None:
        """Make arrays of lists, where more than the steps of other loops read them."""
        for which, ref in self.refs.items():
            is_list = self._layout.test is not None and self._can_write
            if self._are_lists and not (is_list and self._is_read_by_steps(which)):
                self._state_stacked(ref)

    def _state_stacked(self, rows: Ref) -> None:
        """Make the array of a list, whose rows steps backwards have put in the other order."""
        plan, shape, dtype = self._plan, rows.shape, rows.dtype
        is_turned = self._layout.direction < 0
        found: Expr = Op(TURNED, (rows,), (), shape, dtype) if is_turned else rows
        if not plan.style.is_itself(STACKED):
            found = Op(STACKED, (found,), (shape, dtype), shape, dtype)
        if found is not rows:
            plan.statements.append(Let(rows.name, found, self._span))

    def _is_read_by_steps(self, which: int) -> bool:
        """Whether loops alone read a result, slice by slice: a list does for that."""
        graph, loop = self._plan.graph, (self._position,)
        lines = enumerate(graph.nodes)
        parts = {at for at, x in lines if x.args == loop and is_part(x) and x.params[0] == which}
        if not parts.isdisjoint(graph.outputs):
            return False
        firsts = [
            line.args[: Layout.of(line.params).first_slice] if is_loop(line) else line.args
            for line in graph.nodes
        ]
        return all(parts.isdisjoint(args) for args in firsts)

    @property
    def is_length_read(self) -> bool:
        """Whether another line has the number of steps of the loop."""
        lines = self._plan.graph.nodes
        others = [line for at, line in enumerate(lines) if at != self._position]
        own = str(self._layout.length)
        return any(own in n.names for line in others for n in lengths_of(line))


def is_part(node: Node) -> bool:
    """Whether a line is a result of a loop."""
    return _is(Part, node)


def is_loop(node: Node) -> bool:
    """Whether a line is a loop."""
    return _is(Loop, node)


def _is(kind: type, node: Node) -> bool:
    is_plain = node.op in (INPUT, CONSTANT, CHOICE)
    return not is_plain and isinstance(OPERATIONS[node.op].derivative, kind)

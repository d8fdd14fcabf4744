"""Progressions: whole numbers that grow by the same amount from step to step of a loop.

A counter is one, and so is what is made of it by sums, differences and products with what is the
same in each step: the places that `a[i - 1]` or `a[n - 1 - i]` name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symdiff.graph.node import CONSTANT, INT, Node, constant_value
from symdiff.graph.shape import SCALAR, Dimension
from symdiff.ops.arithmetic import add, multiply, negate, subtract
from symdiff.ops.creation import arange_, as_int64, length_
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.loops import Layout
from symdiff.ops.reduction import broadcast


class Progression(NamedTuple):
    """The numbers `start + step*k` for the steps k = 0, 1, ... of a loop."""

    start: Dimension
    step: Dimension

    def last(self, length: Dimension) -> Dimension:
        """The number of the last of so many steps."""
        return (length - 1) * self.step + self.start


_COUNTER = Progression(0, 1)
_ARITHMETIC = frozenset(x.name for x in (add, subtract, multiply, negate, as_int64, broadcast))


def counting(builder: Maker, start: int, length: Dimension) -> Handle:
    """The numbers from one on, an array of so many."""
    numbers = Handle(builder, builder.make(arange_.name, (), (length,)))
    return add(numbers, Handle(builder, builder.full(start, (length,), INT))) if start else numbers


def progression(
    nodes: Sequence[Node], position: int, known: Mapping[int, Progression] | None = None
) -> Progression | None:
    """What a line is from step to step; of an array of one axis, from element to element.

    Args:
        nodes: the lines.
        position: of the line.
        known: what is known of other lines.

    Returns:
        `None` for what is no progression, or is not known to be one.
    """
    found: dict[int, Progression | None] = {**(known or {})}
    stack = [position]
    while stack:
        at = stack[-1]
        node = nodes[at]
        if at in found:
            stack.pop()
        elif node.op not in _ARITHMETIC or node.dtype != INT:
            found[at] = _leaf(node)
        elif missing := [argument for argument in node.args if argument not in found]:
            stack += missing
        else:
            args = [found[argument] for argument in node.args]
            found[at] = None if None in args else _combined(node.op, [x for x in args if x])
    return found[position]


def leading_to(nodes: Sequence[Node], position: int) -> list[int]:
    """The lines of which a line is made by the arithmetic of progressions."""
    found: set[int] = set()
    pending = [position]
    while pending:
        at = pending.pop()
        if at not in found:
            found.add(at)
            pending += nodes[at].args if nodes[at].op in _ARITHMETIC else ()
    return sorted(found)


def _leaf(node: Node) -> Progression | None:
    if node.op == CONSTANT and node.dtype == INT:
        return Progression(int(constant_value(node)), 0)
    if node.op == length_.name:
        return Progression(node.params[0], 0)
    return _COUNTER if node.op == arange_.name else None


def _combined(op: str, args: Sequence[Progression]) -> Progression | None:
    """What an operation makes of progressions."""
    first, *others = args
    if not others:
        return Progression(-first.start, -first.step) if op == negate.name else first
    (second,) = others
    if op == multiply.name:
        if first.step != 0:
            first, second = second, first
        same = first.step == 0
        return Progression(first.start * second.start, first.start * second.step) if same else None
    sign = 1 if op == add.name else -1
    return Progression(second.start * sign + first.start, second.step * sign + first.step)


def counters(layout: Layout, nodes: Sequence[Node], args: Sequence[int]) -> dict[int, Progression]:
    """The slices of a loop that are progressions, by their lines in its body.

    Args:
        layout: of the loop.
        nodes: the lines around it.
        args: its arguments among them.
    """
    found = {}
    for number in range(layout.first_slice, len(args)):
        at = layout.graph.inputs[number]
        if layout.graph[at].shape == SCALAR and layout.graph[at].dtype == INT:
            known = progression(nodes, args[number])
            if known is not None:
                found[at] = known
    return found

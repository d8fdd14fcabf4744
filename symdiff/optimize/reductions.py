"""Reductions that are the same but for the axes that they keep: one of them is the other's shape.

A sum that is needed with axes of length 1 and without them is computed once. One that is needed
with them alone keeps them itself.
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.ops.reduction import kept_axes
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Scaled, Sums, with_numbers, without_numbers


class Key(NamedTuple):
    """What a reduction computes, whatever its shape."""

    op: str
    args: tuple[int, ...]
    axes: tuple[int, ...]


class Plan(NamedTuple):
    """A reduction that a line stands for, and lines that scale it, outermost first."""

    key: Key
    scalings: list[int]


_PARAMS = ("axes", "keepdims")


def share_reductions(graph: Graph) -> Graph:
    """Compute each reduction once, whichever of its shapes are needed."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        (op, args, axes), scalings = plans[position]
        builder, moved = rebuilder.builder, rebuilder.moved
        given = tuple(moved[argument] for argument in args)
        if node.op != "reshape":
            return builder.make("reshape", (builder.make(op, given, (axes, False)),), (node.shape,))
        line = builder.make(op, given, (axes, True))
        for scaling in reversed(scalings):
            line = with_numbers(rebuilder, scaling, line)
        return line

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By position, the reduction that a line becomes another shape of, or keeps its axes by itself.

    A line is either a reduction that keeps axes, beside one that does not, or a reshape that puts
    the axes of a reduction back which nothing needs without them.
    """
    plain: dict[int, Key] = {}
    keeping: dict[int, Key] = {}
    ops = graph.by_op.keys() - {INPUT, CONSTANT}
    reducing = [graph.by_op[op] for op in ops if OPERATIONS[op].params == _PARAMS]
    for position in sorted(chain(*reducing)):
        op, args, (axes, keepdims), _, _ = graph[position]
        (keeping if keepdims else plain)[position] = Key(op, args, axes)
    if not plain:
        return {}
    sums = Sums(graph)
    restored = _restored(sums, plain)
    uses = list(sums.uses)
    for found in restored.values():
        uses[found.at] -= 1
    needed = {key for at, key in plain.items() if uses[at] or at in graph.hints}
    plans = {position: Plan(key, []) for position, key in keeping.items() if key in needed}
    for position, found in restored.items():
        key = plain[found.at]
        if key not in needed:
            plans[position] = Plan(key, found.scalings)
    return plans


def _restored(sums: Sums, plain: dict[int, Key]) -> dict[int, Scaled]:
    """The reshapes that give reductions the axes back that they have reduced."""
    found = {}
    for position in sums.graph.by_op.get("reshape", ()):
        node = sums.graph[position]
        scaled = without_numbers(sums, node.args[0], lambda at: at in plain)
        if scaled is None:
            continue
        _, args, axes = plain[scaled.at]
        if node.shape == kept_axes(sums.graph[args[0]].shape, axes):
            found[position] = scaled
    return found

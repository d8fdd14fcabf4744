"""Lines near the origins of lengths: what each is there, and a small step away.

A function of one length is smooth where it has no slope at the origin of that, for whatever all
else is: it is looked at in many digits, for a few samples of all else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from symdiff.derive.even import applied, context, number, sampled
from symdiff.graph.node import CONSTANT, Node, constant_value
from symdiff.ops.builder import Builder
from symdiff.ops.creation import CONVERSIONS
from symdiff.ops.operation import Flat, Selected
from symdiff.ops.registry import OPERATIONS

_MOST = 5000  # lines that are looked at near an origin: each takes a tenth of a millisecond
_DEEPEST = 60  # how far from its length a function is looked at
_STEP = 1e-25  # from the origin: a slope is seen, a curvature is not
_SAMPLES = (0, 1)


class Near(NamedTuple):
    """What a line is near the origin of a length.

    Attributes:
        length: the line of the length.
        values: by sample of all else, the value at the origin and a small step from it.
        depth: how many lines it is away from the length.
        is_alone: whether it depends on nothing else.
    """

    length: int
    values: tuple[tuple[Any, Any], ...]
    depth: int
    is_alone: bool = True

    def is_flat(self) -> bool:
        """Whether it has no slope at the origin of its length: then it has no kink there."""
        return all(
            abs(after - before) <= 1e-20 * _STEP * (1 + abs(before))
            for before, after in self.values
        )


class Origins:
    """What lines are near the origins of lengths.

    Attributes:
        near: by position, what a line is there.
        looked: how many lines have been looked at.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.near: dict[int, Near] = {}
        self.looked = 0

    def start(self, line: int) -> None:
        """Let a line be a length, which is 0 at its origin."""
        step = context().mpf(_STEP)
        self.near[line] = Near(line, ((context().mpf(0), step),) * len(_SAMPLES), 0)

    def of(self, node: Node) -> Near | None:
        """What an elementwise line is near the origin of the one length that it depends on."""
        record = OPERATIONS[node.op]
        known = [self.near[argument] for argument in node.args if argument in self.near]
        if not record.is_elementwise or not known or not record.exact or record in CONVERSIONS:
            return None
        depth = 1 + max(near.depth for near in known)
        is_alone = all(
            self.near[a].is_alone if a in self.near else a in self.builder.constants
            for a in node.args
        )
        if not is_alone and _has_pieces(self.builder, node):
            return None  # which piece counts, a few samples of all else do not show
        if node.op == "where" and not any(argument in self.near for argument in node.args[1:]):
            return None
        if len({near.length for near in known}) > 1 or depth > _DEEPEST:
            return None
        self.looked += 1
        if self.looked > _MOST:
            return None
        values = []
        for sample in _SAMPLES:
            pair = []
            for place in (0, 1):
                given = [self._value(argument, sample, place) for argument in node.args]
                pair.append(applied(node.op, node.params, given))
            if None in pair:
                return None
            values.append((pair[0], pair[1]))
        return Near(known[0].length, tuple(values), depth, is_alone)

    def _value(self, argument: int, sample: int, place: int) -> Any:
        near = self.near.get(argument)
        if near is not None:
            return near.values[sample][place]
        node = self.builder.nodes[argument]
        if node.op == CONSTANT:
            return number(constant_value(node), node.dtype)
        return sampled(argument, sample, node.dtype)


def _has_pieces(b: Builder, node: Node) -> bool:
    """Whether an operation has pieces, so that a slope somewhere is no slope elsewhere."""
    is_power = node.op == "power" and node.args[1] not in b.constants
    return is_power or isinstance(OPERATIONS[node.op].derivative, Selected | Flat)

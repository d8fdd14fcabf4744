"""Bounds of lines: which are finite for all arguments that are, short of overflow.

A line is finite here where it is made of sums, products and quotients by numbers that stay away
from zero, of few factors, of maxima of such lines, and of functions between two numbers.
"""

from __future__ import annotations

import math
from collections.abc import Container

from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, Node, constant_value
from symdiff.ops.arithmetic import divide
from symdiff.ops.builder import Builder
from symdiff.ops.control import equal, greater, less, share
from symdiff.ops.creation import length_
from symdiff.ops.exponential import sqrt
from symdiff.ops.kinks import absolute, maximum, minimum, sign
from symdiff.ops.operation import Linear, Multilinear
from symdiff.ops.reduction import broadcast
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.rules.signs import lower_bound
from symdiff.ops.trigonometric import cos, sin, tanh

HIGHEST = 8  # of degrees: a line overflows for no arguments below 1e38
FLOOR = 1e-30  # what divides is not below it

# what grows no faster than the fastest of its arguments, and what does not grow
_NO_FASTER = {x.name for x in (sqrt, absolute, maximum, minimum, share)}
_BOUNDED = {x.name for x in (sign, sin, cos, tanh, less, greater, equal)}


class Growth:
    """How fast lines grow with the arguments at most.

    Attributes:
        degrees: by position, 2 for a line that is at most a number times the square of the
            largest argument; `None` where that is open.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = Builder(EXACT, graph)
        self.degrees: list[int | None] = []
        for node in graph.nodes:
            is_asked = node.dtype in (FLOAT, BOOL)  # a comparison is as sure as what it compares
            self.degrees.append(self._degree(node) if is_asked else None)

    def _degree(self, node: Node) -> int | None:
        if node.op == INPUT:
            return 1
        if node.op == CONSTANT:
            return 0 if math.isfinite(constant_value(node)) else None
        args = [self.degrees[argument] for argument in node.args]
        known = [degree for degree in args if degree is not None]
        if node.op == divide.name and args[0] is not None:
            least = self.floor(node.args[1])
            total = args[0] + (least < 1.0) if least > FLOOR else None
        elif len(known) < len(args):
            total = None
        elif node.op in _NO_FASTER:
            total = max(known)
        elif node.op in _BOUNDED:
            total = 0
        else:
            match OPERATIONS[node.op].derivative:
                case Linear(_, None):
                    total = max(known, default=None)
                case Multilinear():
                    total = sum(known)
                case _:
                    total = None
        return total if total is not None and total <= HIGHEST else None

    def floor(self, position: int) -> float:
        """What a line is not below, where there are elements at all; 0 where that is open."""
        return 1.0 if self._is_length(position) else lower_bound(self.builder, position)

    def _is_length(self, position: int) -> bool:
        node = self.graph[position]
        if node.op == broadcast.name:
            node = self.graph[node.args[0]]
        return node.op == length_.name

    def is_finite(self, position: int, compared: Container[int]) -> bool:
        """Whether a line is finite, for finite arguments, wherever a comparison holds.

        Args:
            position: a line.
            compared: lines that are no NaN there.
        """
        if self.degrees[position] is None:
            return self._is_length(position)
        pending = [position]
        while pending:
            at = pending.pop()
            node = self.graph[at]
            if at in compared or node.op == CONSTANT or self._is_length(at):
                continue
            if not hands_on(node) or node.op == sqrt.name:
                return False
            pending.extend(node.args)
        return True


def hands_on(node: Node) -> bool:
    """Whether an element is NaN where one at its place of an argument is: where it is repeated."""
    if node.op in (broadcast.name, divide.name, sqrt.name):
        return True
    if node.op == INPUT or not OPERATIONS[node.op].is_elementwise:
        return False
    match OPERATIONS[node.op].derivative:
        case Linear(_, None) | Multilinear():
            return True
        case _:
            return False

"""Guards: a function in a branch that is not taken sees a point inside its domain.

`where(x > 0, log(x), 0)` computes both branches on arrays, and log(-1) would warn, or raise for
floats. With the argument replaced by `where(x > 0, x, 1)` it cannot. The branch's value there is
not used, so nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules.signs import is_positive
from symdiff.optimize.rebuild import Rebuilder, rebuild

# conditions that all hold wherever a line is needed: (position, whether it holds or fails)
Demand = frozenset[tuple[int, bool]]
# by condition, and by whether it holds or fails: what holds there
Implied = dict[tuple[int, bool], Demand]

_ABOVE_0 = frozenset(("divide", "log", "log2", "log10", "sqrt"))  # defined, and by far in range
_ON_TRUTHS = ("where", "logical_not")
_LARGEST_DEMAND = 6  # fewer conditions guard less sharply, and still rightly


def guard_branches(graph: Graph) -> Graph:
    """Keep the arguments of functions with a domain inside it where a branch is not taken."""
    if "where" not in graph.by_op:
        return graph
    implied = _implied(graph)
    demands = demands_of(graph)

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        demand = demands[position]
        record = OPERATIONS[node.op]
        if not demand or not record.safe:
            return None
        builder, condition = rebuilder.builder, _condition(rebuilder, demand, implied)
        guarded = [
            argument
            if safe is None or _is_inside(builder, node.op, argument)
            else builder.make("where", (condition, argument, builder.constant(safe, argument)))
            for argument, safe in zip(node.args, record.safe, strict=True)
        ]
        return builder.make(node.op, tuple(guarded), node.params)

    return rebuild(graph, replace, [*_order(graph, demands)])


def _is_inside(builder: Builder, op: str, argument: int) -> bool:
    """Whether an argument needs no guard: it is a number, or above 0 where that is the domain."""
    return argument in builder.constants or (op in _ABOVE_0 and is_positive(builder, argument))


def demands_of(graph: Graph) -> list[Demand | None]:
    """By position, what holds wherever the line is needed; `None` where it never is."""
    implied = _implied(graph)
    always: Demand = frozenset()
    demands: list[Demand | None] = [None] * len(graph)
    for output in graph.outputs:
        demands[output] = always
    for position in range(len(graph) - 1, -1, -1):
        demand, node = demands[position], graph.nodes[position]
        if demand is None:
            continue
        # what has another shape may be needed anywhere
        passed = demand if not node.args or _is_elementwise(node) else always
        for index, argument in enumerate(node.args):
            asked = passed
            if node.op == "where" and index > 0 and len(passed) < _LARGEST_DEMAND:
                asked = passed | implied[node.args[0], index == 1]
            before = demands[argument]
            demands[argument] = asked if before is None else before & asked
    return demands


def _is_elementwise(node: Node) -> bool:
    return OPERATIONS[node.op].is_elementwise


def _implied(graph: Graph) -> Implied:
    """What holds where a condition holds, or fails: both sides of an `and`, what sides share."""
    implied: dict[tuple[int, bool], Demand] = {}
    conditions = {node.args[0] for node in graph.nodes if node.op in _ON_TRUTHS}  # numbers too
    for position, node in enumerate(graph.nodes):
        if node.dtype != BOOL and position not in conditions:
            continue
        for truth in (True, False):
            itself: Demand = frozenset([(position, truth)])
            sides = [implied.get((argument, truth), itself) for argument in node.args]
            if node.op == "logical_not":
                found = implied[node.args[0], not truth]
            elif node.op == ("logical_and" if truth else "logical_or"):
                found = sides[0] | sides[1]
            elif node.op in ("logical_and", "logical_or"):
                found = sides[0] & sides[1] | itself
            else:
                found = itself
            implied[position, truth] = found if len(found) <= _LARGEST_DEMAND else itself
    return implied


def _condition(rebuilder: Rebuilder, demand: Demand, implied: Implied) -> int:
    builder, condition = rebuilder.builder, None
    for said in sorted(demand):  # what another one says is not said again
        demand = demand - (implied[said] - {said})
    # in the order of the new list, which a second run finds again
    asked = [(rebuilder.moved[position], holds) for position, holds in demand]
    for line, holds in sorted(asked, key=lambda one: (rebuilder.builder.place[one[0]], one[1])):
        if not holds:
            line = builder.make("logical_not", (line,))
        condition = line if condition is None else builder.make("logical_and", (condition, line))
    assert condition is not None  # callers have a demand
    return condition


def _order(graph: Graph, demands: list[Demand | None]) -> Iterator[int]:
    """Positions, every line after its arguments and after the conditions that guard it.

    A condition cannot need the line that it guards: that line would then be needed wherever the
    condition is, and the condition would not be among its demands.
    """
    done = bytearray(len(graph))
    for start in (*graph.inputs, *range(len(graph))):
        pending = [start]
        while pending:
            position = pending[-1]
            if done[position]:
                pending.pop()
                continue
            node = graph.nodes[position]
            needs = list(node.args)
            if node.op not in ("input", CONSTANT) and OPERATIONS[node.op].safe:
                needs.extend(condition for condition, _ in sorted(demands[position] or ()))
            missing = [need for need in needs if not done[need]]
            if missing:
                pending.extend(reversed(missing))
            else:
                done[position] = 1
                pending.pop()
                yield position

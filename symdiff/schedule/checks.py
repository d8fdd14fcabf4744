"""Checks: statements that raise, before the work that they guard."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.graph.node import CONSTANT, Node
from symdiff.ops.checks import checked
from symdiff.ops.loops import Layout
from symdiff.schedule.plan import Plan
from symdiff.schedule.program import Check


def state_check(plan: Plan, position: int, node: Node) -> None:
    """State that an error is raised where a condition holds; formulas state none."""
    if plan.style.is_missing(node.op):
        return
    condition, *values = node.args
    for value in values:
        plan.name(value)  # what stands in a text is a name
    if values and not plan.style.keeps_names:
        plan.name(condition)  # a body for arrays too looks for the first element that it holds for
    error, message = node.params
    said = tuple([plan.lines.exprs[value] for value in values])
    asked = plan.branching.condition_of(plan, position) if plan.branching else None
    found = Check(
        asked or plan.lines.exprs[condition], error, message, said, plan.span_of(position)
    )
    plan.statements.append(found)


def kept_by_steps(layout: Layout, args: Sequence[Node]) -> set[int]:
    """The numbers that a loop carries and no step changes: they say that none has raised.

    Args:
        layout: of the loop.
        args: the lines that it is given.
    """
    graph, found = layout.graph, set[int]()
    for n, start in enumerate(args[layout.first_carry : layout.first_slice]):
        line = graph[graph.outputs[n]]
        while line.op == checked.name:
            line = graph[line.args[0]]
        if line.op == CONSTANT and not line.shape and line == start:
            found.add(n)
    return found

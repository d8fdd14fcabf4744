"""Programs of graphs: the plan with all that it may meet, and the results at its end."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.operation import Loop, Part, Raises
from symdiff.schedule.checks import state_check
from symdiff.schedule.expressions import Expressions, without_names
from symdiff.schedule.loops import result_of_loop, state_loop
from symdiff.schedule.memory import copied
from symdiff.schedule.plan import Plan, Region, setting_of
from symdiff.schedule.program import COPY, Expr, Op, Program, Return
from symdiff.schedule.style import Style

_REGIONS: Mapping[type, Region] = {Loop: state_loop, Part: result_of_loop, Raises: state_check}


def scheduled(
    graph: Graph,
    style: Style,
    parameters: Mapping[str, str],
    known: Mapping[Node, str] | None = None,
) -> Program:
    """The program of a graph.

    Args:
        graph: the lines; every one is needed by an output.
        style: what the target says of itself.
        parameters: the name of each input.
        known: lines that are defined outside of the program, with the names that they have there.
    """
    given, setting = setting_of(graph, style, parameters, known or {}, _REGIONS)
    plan = Plan(graph, given, setting)
    results = plan.run()
    if style.copies_results:
        pairs = zip(results, copied(graph, setting.known, plan.own), strict=True)
        results = [_copy(expr) if is_shared else expr for expr, is_shared in pairs]
    return Program((*plan.statements, Return(tuple(results))))


def inlined(
    graph: Graph, style: Style, parameters: Mapping[str, str], longest: int
) -> list[Expr | None]:
    """An expression for each output without named values; `None` where it would be too long."""
    given, setting = setting_of(graph, style, parameters, {}, _REGIONS)
    return without_names(Expressions(graph, style, given, setting.known), longest)


def _copy(expr: Expr) -> Op:
    return Op(COPY, (expr,), (), expr.shape, expr.dtype)

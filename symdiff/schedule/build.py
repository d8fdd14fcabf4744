"""Programs of graphs: the plan with all that it may meet, and the results at its end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from symdiff.graph.graph import Graph
from symdiff.graph.node import Node
from symdiff.ops.operation import Binds, Loop, Part, Raises
from symdiff.schedule.checks import state_check
from symdiff.schedule.choices import branching
from symdiff.schedule.expressions import Expressions, without_names
from symdiff.schedule.loops import result_of_loop, state_extent, state_loop
from symdiff.schedule.memory import copied
from symdiff.schedule.naming import letter_beside
from symdiff.schedule.plan import Plan
from symdiff.schedule.program import COPY, Expr, Op, Program, Ref, Return, indentation
from symdiff.schedule.setting import Region, Setting
from symdiff.schedule.style import Style
from symdiff.schedule.updates import state_write
from symdiff.schedule.writes import InPlace

_DEEPEST = 20  # blocks inside of blocks: Python's own limit is 100, a reader's is lower
_LONGEST = 400  # ways of one chain of choices: Python's compiler is recursive in them

_REGIONS: Mapping[type, Region[Plan]] = {
    Binds: state_extent,
    Loop: state_loop,
    Part: result_of_loop,
    Raises: state_check,
}


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
    found = _scheduled(graph, style, parameters, known or {}, style.longest)
    if not style.decides or indentation(found.body) <= _DEEPEST:
        return found
    return _scheduled(graph, style, parameters, known or {}, _DEEPEST)


def _scheduled(
    graph: Graph,
    style: Style,
    parameters: Mapping[str, str],
    known: Mapping[Node, str],
    deepest: int,
) -> Program:
    """With no more branches around a line than that."""
    given, setting = _setting_of(graph, style, parameters, known, deepest)
    plan = Plan(graph, given, setting)
    results = plan.run()
    if style.copies_results:
        pairs = zip(results, copied(plan.graph, setting.known, plan.own), strict=True)
        results = [_copy(expr) if is_shared else expr for expr, is_shared in pairs]
    drafts = [plan.lines.drafts[at] for at in plan.graph.outputs] if plan.are_drafts else []
    return Program((*plan.statements, Return(tuple(results), drafts=tuple(drafts))))


def decides(graph: Graph) -> bool:
    """Whether one way of a branch alone computes something, so that there is work to be saved."""
    found = branching(graph, InPlace(lambda _: False), _LONGEST)
    return found is not None and found.branches.has_work


def inlined(
    graph: Graph, style: Style, parameters: Mapping[str, str], longest: int
) -> list[Expr | None]:
    """An expression for each output without named values; `None` where it would be too long."""
    given, setting = _setting_of(graph, style, parameters, {}, deepest=0)
    return without_names(Expressions(graph, style, given, setting.known), longest)


def _copy(expr: Expr) -> Op:
    return Op(COPY, (expr,), (), expr.shape, expr.dtype)


def _setting_of(
    graph: Graph,
    style: Style,
    parameters: Mapping[str, str],
    known: Mapping[Node, str],
    deepest: int,
) -> tuple[dict[str, Expr], Setting[Plan]]:
    """What stands for each input, and what the plans of a function share."""
    given: dict[str, Expr] = {}
    for at in graph.inputs:
        node = graph[at]
        name = node.params[0]
        given[name] = Ref(parameters[name], node.shape, node.dtype)
    names = {node: Ref(name, node.shape, node.dtype) for node, name in known.items()}
    letter = letter_beside(list(parameters.values()))
    branches = partial(branching, deepest=deepest)
    return given, Setting(style, names, _REGIONS, state_write, letter, branches)

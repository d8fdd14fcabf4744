"""Statements that write into arrays, and whether the array that they change is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.arithmetic import negate
from symdiff.ops.control import where
from symdiff.ops.indexing import index, put
from symdiff.ops.loops import scan_final
from symdiff.ops.reduction import broadcast
from symdiff.ops.structural import Pattern
from symdiff.schedule import memory, program
from symdiff.schedule.conditions import as_decision, negated
from symdiff.schedule.plan import Plan
from symdiff.schedule.program import COPY, Expr, If, Let, Op, Ref, Statement, Update


def state_write(plan: Plan, position: int, node: Node) -> None:
    """Write into the array that a line changes, into a copy where something else needs it."""
    base, lines = node.args[0], plan.lines
    if position in plan.rows:
        _write_slice(plan, position, node, plan.rows[position])
        return
    array, is_taken = lines.whole(base), takes(plan, base, position)
    if not array.shape:
        lines.compute(position, *node)
        return
    if not is_taken:
        array = Op(COPY, (array,), (), array.shape, array.dtype)
    if not isinstance(array, Ref):
        array = plan.state(plan.style.fresh(plan.wish(position)), array, position)
    new, *places = node.args[1:]
    written = _assigned(plan, new)
    if is_taken and _may_overlap(plan.graph, node):
        written = Op(COPY, (written,), (), written.shape, written.dtype)
    args = (array, written, *map(lines.whole, places))
    value = Op(node.op, args, node.params, node.shape, node.dtype)
    plan.statements.append(_update(plan, array.name, value, position))
    lines.call(position, array)


def _may_overlap(graph: Graph, write: Node) -> bool:
    """Whether a line writes a part of an array into another part, along an axis with other strides.

    NumPy copies what overlaps, but not along one axis: there it asks which part begins first, and
    reads what it has written where the strides have one sign but differ.
    """
    start, new, *_ = write.args
    if write.op != put.name or len(graph[new].shape) != 1:
        return False
    if memory.base(graph, new) != memory.base(graph, start):
        return False
    view, found = graph[new], write.params[0]
    is_alike = view.op == index.name and view.args[0] == start
    return not (is_alike and _strides(view.params[0]) == _strides(found))


def _strides(pattern: Pattern) -> list[tuple[int, Any]]:
    """The axes that a pattern keeps, with the steps along them."""
    axes = [entry for entry in pattern if entry[0] != "new"]
    return [(axis, entry[3]) for axis, entry in enumerate(axes) if entry[0] == "slice"]


def _update(plan: Plan, name: str, value: Op, position: int) -> Statement:
    """The write, on one way of a branch where the other one would write what is there."""
    span, (array, new, *places) = plan.span_of(position), value.args
    found = _on_one_way(plan, position, new) if plan.style.decides else None
    if found is None:
        return Update(name, value, span)
    condition, new = found
    then = Update(name, value._replace(args=(array, new, *places)), span)
    return If(as_decision(condition), (then,), (), span)


def _on_one_way(plan: Plan, write: int, new: Expr) -> tuple[Expr, Expr] | None:
    """The condition, one truth, under which a line writes something else than is there, and what.

    Args:
        plan: has the expressions.
        write: the line.
        new: the expression of what it writes.
    """
    nodes, line = plan.graph.nodes, plan.graph.nodes[write].args[1]
    if nodes[line].op == negate.name and isinstance(new, Op):
        (inner,) = new.args
        found = _chosen_anew(plan, write, nodes[line].args[0], inner)
        return found and (found[0], new._replace(args=(found[1],)))
    return _chosen_anew(plan, write, line, new)


def _chosen_anew(plan: Plan, write: int, line: int, expr: Expr) -> tuple[Expr, Expr] | None:
    nodes = plan.graph.nodes
    match expr:
        case Op(where.name | program.CHOICE, (condition, *ways)) if not condition.shape:
            values = nodes[line].args[-2:]
            kept = [_is_kept(nodes, nodes[write], value) for value in values]
            if any(kept):
                asked = negated(as_decision(condition)) if kept[0] else condition
                return asked, ways[kept[0]]
    return None


def _is_kept(nodes: Sequence[Node], write: Node, value: int) -> bool:
    """Whether a value is what a line leaves as it is: what is there, of a sum zero."""
    base, _, *places = write.args
    found = nodes[value]
    if write.op == put.name:
        return (found.op, found.args, found.params) == (index.name, (base, *places), write.params)
    return found.op == CONSTANT and constant_value(found) == 0.0


def _write_slice(plan: Plan, position: int, node: Node, row: Op) -> None:
    """Write into a row of a larger array, where the line has zeros around what it writes."""
    (store, number), ((first, *_),) = row.args, row.params
    _, new, *places = node.args
    args = (store, _assigned(plan, new), number, *map(plan.lines.whole, places))
    entries = [("array", e[1] + 1) if e[0] == "array" else e for e in node.params[0]]
    assert isinstance(store, Ref)  # see `element`
    value = Op(put.name, args, ((first, *entries),), store.shape, store.dtype)
    plan.statements.append(Update(store.name, value, plan.span_of(position)))
    plan.lines.exprs[position], plan.lines.drafts[position] = row, plan.lines.draft(row)


def takes(plan: Plan, base: int, position: int) -> bool:
    """Whether a line may change another one's memory, once what reads it has been stated.

    Args:
        plan: has stated what stands before.
        base: the line whose memory it is.
        position: the line that changes it.
    """
    if plan.graph.nodes[base].op == CONSTANT:  # made anew for it
        return True
    if not _is_own(plan, base):
        return False
    if plan.uses[base] <= 1:
        return True
    exprs = plan.lines.exprs
    if plan.branching is not None:
        found = plan.branching.pending(plan, base, position)
    else:
        found = plan.readers.pending(base, position, lambda at: type(exprs[at]) is not Op)
    if found is None:
        return False
    for line in found.reads:
        plan.name(line)
    for line in found.views:
        plan.name(line)
        _copy(plan, line, exprs[base])
    return True


def _copy(plan: Plan, line: int, base: Expr) -> None:
    """Let a view be a copy: from the start where it has a name of its own.

    What a loop leaves is copied behind it: the statement of its name is that of its start.
    """
    view = plan.lines.exprs[line]
    found = named_at(plan, line) if view != base else None
    if found is not None:
        statements, k, let = found
        copy = Op(COPY, (let.value,), (), view.shape, view.dtype)
        statements[k] = Let(let.name, copy, let.span)
        return
    copy = Op(COPY, (view,), (), view.shape, view.dtype)
    wish = view.name if isinstance(view, Ref) else plan.wish(line)
    plan.lines.call(line, plan.state(plan.style.fresh(wish), copy, line))


def named_at(plan: Plan, line: int) -> tuple[list[Statement], int, Let] | None:
    """The statement that gives a line its name, and where it stands; `None` for a loop's result."""
    expr, is_result = plan.lines.exprs[line], plan.graph.nodes[line].op == scan_final.name
    if is_result:
        return None
    stated = [plan.statements] if plan.branching is None else plan.branching.stated()
    for statements in stated:
        for k in range(len(statements) - 1, -1, -1):
            match statements[k]:
                case Let(name, value) as let if Ref(name, value.shape, value.dtype) == expr:
                    return statements, k, let
    return None


def _is_own(plan: Plan, position: int) -> bool:
    """Whether a line's memory is no input's, and no part of another line's."""
    expr = plan.lines.exprs[position]
    if plan.graph.nodes[position].op == INPUT:
        return isinstance(expr, Ref) and expr.name in plan.around.own
    return position in plan.own or memory.is_fresh(plan.graph, position)


def _assigned(plan: Plan, position: int) -> Expr:
    """A line that is written into an array: a number need not be repeated for that."""
    node = plan.graph.nodes[position]
    expr = plan.lines.exprs[position]
    if node.op == broadcast.name and not isinstance(expr, Ref):
        (number,) = node.args
        if not plan.graph.nodes[number].shape:
            return plan.lines.exprs[number]
    return expr

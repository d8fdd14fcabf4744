"""Forward mode: one walk along the Wengert list.

The method is Wengert's (1964): the tangent of a line is the sum, over its arguments, of its partial
derivative by them times their tangents. The graph grows, so the tangents share every value.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import or_
from typing import Any

from symdiff.derive.even import even_jvp
from symdiff.derive.loops import loop_jvp
from symdiff.derive.own_rules import own_jvp
from symdiff.derive.shifts import cancelled
from symdiff.derive.tangents import Active, Moving, Tangent, counting, selected
from symdiff.derive.twins import twins_of
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, CONTINUOUS, FLOAT, INPUT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import of_kind
from symdiff.ops.control import where
from symdiff.ops.handle import Handle, Masked
from symdiff.ops.loops import parts_of
from symdiff.ops.operation import (
    Even,
    Flat,
    Linear,
    Loop,
    Multilinear,
    Operation,
    Own,
    Pair,
    Part,
    Partials,
    Raises,
    Selected,
    Unknown,
)
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC


def tangent_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """What the tangents are called: `x_dot`, or `x_dot2`, `x_dot3`, ... where that is taken."""
    used, found = set(taken), []
    for name in names:
        wanted = tangent = f"{name}_dot"
        number = 2
        while tangent in used:
            tangent, number = f"{wanted}{number}", number + 1
        used.add(tangent)
        found.append(tangent)
    return found


def jvp(graph: Graph, wrt: Sequence[str]) -> Graph:
    """The graph of the outputs and of their tangents.

    Args:
        graph: a function.
        wrt: names of the inputs that have tangents.

    Returns:
        A graph with an input more for each of `wrt`, of its shape and after the others, and the
        outputs `(*outputs, *tangents)`, each tangent of the shape of its output. The names are
        those of `tangent_names`. The outputs' lines are those of `graph`, unchanged.

    Raises:
        UnsupportedError: where an operation on the way has no derivative, or an input of `wrt` is
            not of real numbers.
    """
    builder = Builder(ALGEBRAIC, graph)
    positions = dict(zip(graph.input_names, graph.inputs, strict=True))
    seeds = {}
    for name, tangent in zip(wrt, tangent_names(wrt, graph.input_names), strict=True):
        node = graph[positions[name]]
        if node.dtype != FLOAT:
            raise UnsupportedError(f"'{name}' holds no real numbers, so it has no tangent")
        seeds[positions[name]] = builder.handle(builder.input(tangent, node.shape))
    twins = twins_of(builder, graph)
    differentiated = [twins[at] for at in graph.outputs]
    tangents = push_forward(builder, seeds, differentiated)
    carried = [_or_zero(builder, tangents[at], at) for at in differentiated]
    return builder.graph(
        (*graph.inputs, *[seed.at for seed in seeds.values()]),
        (*graph.outputs, *[tangent.at for tangent in carried]),
        (*graph.output_names, *tangent_names(graph.output_names, graph.output_names)),
        primal=graph.primal,
    )


def push_forward(
    builder: Builder, seeds: Mapping[int, Handle], targets: Iterable[int] | None = None
) -> list[Tangent]:
    """Append the lines that carry tangents of some lines forward to others.

    Args:
        builder: holds the lines to differentiate; the new ones are appended.
        seeds: tangents of the lines to start from, by position.
        targets: positions of the lines whose tangents are wanted, all if not given.

    Returns:
        By position of the lines that were there before, their tangents. `None` is zero, and also
        stands for lines that no target needs.

    Raises:
        UnsupportedError: where an operation on the way has no derivative.
    """
    nodes, count = builder.nodes, len(builder.nodes)
    wanted = list(range(count) if targets is None else targets)
    needed, fixed = _needed(nodes, wanted), cancelled(nodes, wanted)
    tangents: list[Moving] = [None] * count
    of_parts: dict[int, Mapping[int, Handle]] = {}
    parts = parts_of(nodes[:count])
    for position in range(min(seeds, default=count), count):
        node = nodes[position]
        if position in seeds:
            tangents[position] = seeds[position]
            continue
        if not needed[position] or node.dtype not in CONTINUOUS or node.op in (INPUT, CONSTANT):
            continue  # whole numbers and truths have no derivative
        if position in fixed:
            continue
        arriving = [tangents[argument] for argument in node.args]
        builder.span = builder.spans.get(position)
        match OPERATIONS[node.op].derivative:
            case Part():
                tangent: Moving = of_parts.get(node.args[0], {}).get(node.params[0])
            case _ if all(part is None for part in arriving):
                continue
            case Loop():
                args = [Handle(builder, argument) for argument in node.args]
                whole = Handle(builder, position)
                given = [selected(part) for part in arriving]
                of_parts[position] = loop_jvp(given, whole, args, parts[position], pushed)
                continue
            case _:
                tangent = _moving(builder, position, arriving)
        tangents[position] = tangent
        if isinstance(tangent, Handle):
            _name(builder, position, tangent, count)
    builder.span = None
    for position in wanted:
        tangents[position] = selected(tangents[position])
        _name(builder, position, tangents[position], count)
    return [None if isinstance(part, Active) else part for part in tangents]


def _name(builder: Builder, position: int, tangent: Moving, count: int) -> None:
    """Call the tangent of a line that has a name after it."""
    name = builder.name_of(position)
    if name and isinstance(tangent, Handle) and tangent.at >= count:
        builder.derived.setdefault(tangent.at, f"{name}_dot")


def push_each(
    builder: Builder, sources: Sequence[int], targets: Sequence[int]
) -> list[dict[int, Handle]]:
    """The derivatives of some lines by some numbers, each alone, in one walk.

    Args:
        builder: holds the lines to differentiate, all of them numbers; new ones are appended.
        sources: positions of the lines to differentiate by.
        targets: positions of the lines whose derivatives are wanted.

    Returns:
        For each target, by index of a source, the derivative where it is not zero by structure.
    """
    nodes, count = builder.nodes, len(builder.nodes)
    needed = _needed(nodes, targets)
    one = builder.handle(builder.constant(1.0))
    found: list[dict[int, Moving]] = [{} for _ in range(count)]
    for index, position in enumerate(sources):
        found[position] = {index: one}
    for position in range(count):
        node = nodes[position]
        if not node.args or not needed[position] or node.dtype not in CONTINUOUS:
            continue
        parts = [found[argument] for argument in node.args]
        builder.span = builder.spans.get(position)
        for index in sorted(set().union(*parts)):
            tangent = _moving(builder, position, [part.get(index) for part in parts])
            raw = tangent.raw if isinstance(tangent, Active) else tangent
            if raw is not None and builder.constants.get(raw.at) != 0.0:
                found[position][index] = tangent
    builder.span = None
    return [
        {index: t for index, part in found[target].items() if (t := selected(part)) is not None}
        for target in targets
    ]


def pushed(graph: Graph, inputs: Sequence[int], outputs: Sequence[int]) -> Graph:
    """The graph that carries tangents of some inputs forward to some outputs.

    Args:
        graph: a function.
        inputs: numbers of those that have tangents.
        outputs: numbers of those whose tangents are wanted.

    Returns:
        A graph with the inputs of the function and the tangents of the inputs, in their order.
        Its outputs are the tangents of the outputs.
    """
    builder = Builder(ALGEBRAIC, graph)
    names = [graph.input_names[number] for number in inputs]
    seeds = {}
    for number, name in zip(inputs, tangent_names(names, graph.input_names), strict=True):
        at = graph.inputs[number]
        seeds[at] = builder.handle(builder.input(name, graph[at].shape, graph[at].dtype))
    twins = twins_of(builder, graph)
    wanted = [twins[graph.outputs[number]] for number in outputs]
    tangents = push_forward(builder, seeds, wanted)
    return builder.graph(
        (*graph.inputs, *[seed.at for seed in seeds.values()]),
        [of_kind(_or_zero(builder, tangents[at], at), builder.nodes[at].dtype).at for at in wanted],
        [f"{graph.output_names[number]}_dot" for number in outputs],
        primal=0,
    )


def _needed(nodes: Sequence[Node], targets: Iterable[int]) -> bytearray:
    """By position, 1 where a line is a target or needed by one."""
    needed = bytearray(len(nodes))
    for target in targets:
        needed[target] = 1
    for position in range(len(nodes) - 1, -1, -1):
        if needed[position]:
            for argument in nodes[position].args:
                needed[argument] = 1
    return needed


def _moving(builder: Builder, position: int, arriving: Sequence[Moving]) -> Moving:
    """A line's tangent, with the condition under which it counts.

    A condition is applied behind the rule, not before: zero times an infinite derivative is no
    number, and a branch that was not taken has none.
    """
    node = builder.nodes[position]
    record = OPERATIONS[node.op]
    if isinstance(record.derivative, Selected):
        args = [Handle(builder, argument) for argument in node.args]
        return _of_branches(record.derivative.rule, Handle(builder, position), args, arriving)
    conditions = {part.condition.at: part.condition for part in arriving if type(part) is Active}
    if not conditions or not record.is_elementwise:
        return _tangent(builder, position, [selected(part) for part in arriving])
    is_linear, found = isinstance(record.derivative, Linear), list[Moving]()
    for condition in (None, *conditions.values()):
        own = [counting(part, condition) for part in arriving]
        if not any(own):
            continue
        tangent = _tangent(builder, position, [None if part is None else part[0] for part in own])
        if tangent is None or condition is None:
            found.append(tangent)
        else:
            is_zero = is_linear and all(part is None or part[1] for part in own)
            found.append(Active(tangent, condition, is_zero))
    found = [part for part in found if part is not None]
    if len(found) < 2:
        return found[0] if found else None
    total = _sum([selected(part) for part in found])
    if total is None or not all(isinstance(part, Active) for part in found):
        return total
    return Active(total, functools.reduce(or_, conditions.values()), is_selected=True)


def _tangent(builder: Builder, position: int, arriving: Sequence[Tangent]) -> Tangent:
    """What a line's tangent is made of. One case for each kind of rule."""
    node = builder.nodes[position]
    record = OPERATIONS[node.op]
    y = Handle(builder, position)
    args = [Handle(builder, argument) for argument in node.args]
    match record.derivative:
        case Linear(_, count):
            given = [_or_zero(builder, t, at) for t, at in zip(arriving, node.args, strict=True)]
            if count is not None:
                given[count:] = args[count:]
            if all(part is None for part in arriving[:count]):
                return None
            return record(*given, params=node.params)
        case Multilinear():
            return _product_rule(record, args, arriving, node.params)
        case Partials(rule):
            factors = rule(y, *args)
            return _sum([_times(builder, t, f) for t, f in zip(arriving, factors, strict=True)])
        case Pair(rule, _):
            params = dict(zip(record.params, node.params, strict=True))
            found: Tangent = rule(tuple(arriving), y, *args, **params)
            return found
        case Own():
            return own_jvp(builder, arriving, y, args)
        case Even():
            return even_jvp(arriving, y, args, push_forward)
        case Flat() | Raises():
            return None
        case _:
            raise UnsupportedError(f"'{node.op}' has no derivative", span=builder.span)


def _or_zero(builder: Builder, t: Tangent, like: int) -> Handle:
    return t if t is not None else Handle(builder, builder.constant(0.0, like))


def _product_rule(
    record: Operation, args: Sequence[Handle], arriving: Sequence[Tangent], params: tuple[Any, ...]
) -> Tangent:
    """Each argument in turn exchanged for its tangent."""
    parts = []
    for index, t in enumerate(arriving):
        if t is not None:
            parts.append(record(*args[:index], t, *args[index + 1 :], params=params))
    return _sum(parts)


def _times(builder: Builder, t: Tangent, factor: Handle | float | Unknown | None) -> Tangent:
    if t is None or factor is None:
        return None
    if isinstance(factor, Unknown):
        raise UnsupportedError(factor.reason, span=builder.span)
    return t * factor


def _of_branches(
    rule: Any, y: Handle, args: Sequence[Handle], arriving: Sequence[Moving]
) -> Moving:
    """The arguments' tangents where they count, zero elsewhere: selection is its own transpose.

    An argument that is not taken may have NaN as its tangent, so it is not multiplied by zero.
    """
    parts: list[Masked] = []
    conditions: list[Handle] = []  # where each counts, and its argument's tangent does
    for index, given in enumerate(arriving):
        raw, own = given[:2] if isinstance(given, Active) else (given, None)
        part = rule(raw, y, *args)[index] if raw is not None else None
        if part is not None:
            parts.append(part)
            conditions.append(part.condition if own is None else part.condition & own)
    if len(parts) == 2 and (~parts[0].condition).at == parts[1].condition.at:
        whole = where(parts[0].condition, parts[0].cotangent, parts[1].cotangent)
        is_whole = not any(isinstance(given, Active) for given in arriving)
        return whole if is_whole else Active(whole, conditions[0] | conditions[1])
    if len(parts) == 1:
        return Active(parts[0].cotangent, conditions[0])
    pairs = zip(conditions, parts, strict=True)
    total = _sum([where(condition, part.cotangent, 0.0) for condition, part in pairs])
    if total is None or not any(isinstance(given, Active) for given in arriving):
        return total
    return Active(total, functools.reduce(or_, conditions), is_selected=True)


def _sum(parts: Sequence[Tangent]) -> Tangent:
    total: Tangent = None
    for part in parts:
        if part is not None:
            total = part if total is None else total + part
    return total

"""Reverse mode: one walk backwards over the Wengert list.

The method is Linnainmaa's (1970) and Speelpenning's (1980): the cotangent of a line is the sum,
over the lines that use it, of their cotangent times their partial derivative. What comes out is a
larger graph, so the gradient shares every value of the function and can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from symdiff.derive.conditions import cover_everything
from symdiff.derive.cotangents import Cotangent, active_of, handed_on, one_truth, total_of
from symdiff.derive.even import even_vjp
from symdiff.derive.forward import push_forward
from symdiff.derive.loops import loop_vjp
from symdiff.derive.own_rules import is_elementwise, own_vjp
from symdiff.derive.shifts import cancelled
from symdiff.derive.templates import template_of
from symdiff.derive.twins import twins_of
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.node import COMPLEX, CONTINUOUS, FLOAT, INPUT, Node
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import of_kind, real
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    Even,
    Flat,
    Linear,
    Loop,
    Multilinear,
    Own,
    Pair,
    Part,
    Partials,
    Raises,
    Selected,
    Unknown,
)
from symdiff.ops.reduction import broadcast_to
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC
from symdiff.progress import counted

_COTANGENT = tuple.__new__  # for each argument of each line: its own takes twice as long


def gradient(graph: Graph, wrt: Sequence[str]) -> Graph:
    """The graph of the value and of its gradient.

    Args:
        graph: a function with one output.
        wrt: names of inputs.

    Returns:
        A graph with the outputs `(value, *gradient)`, the gradient in the order of `wrt`, each
        entry of the shape of its input. The value's lines are those of `graph`, unchanged.

    Raises:
        UnsupportedError: where an operation on the way has no derivative.
    """
    builder = Builder(ALGEBRAIC, graph)
    positions = dict(zip(graph.input_names, graph.inputs, strict=True))
    targets = [positions[name] for name in wrt]
    (output,) = graph.outputs
    differentiated = twins_of(builder, graph)[output]
    seed = Cotangent(builder.handle(builder.constant(1.0, output)))
    cotangents = pull_back(builder, {differentiated: seed}, targets)
    found = [cotangent.selected().at for cotangent in cotangents]
    for name, at in zip(wrt, found, strict=True):
        if at >= len(graph) and builder.nodes[at].args:
            builder.derived.setdefault(at, cotangent_name(name))
    return builder.graph(
        graph.inputs,
        (output, *found),
        (*graph.output_names, *[derivative_name(graph.output_names[0], name) for name in wrt]),
        primal=1,
    )


def derivative_name(output: str, name: str) -> str:
    """What the derivative of an output by an input is called."""
    return f"d{output}_d{name}"


def cotangent_name(name: str) -> str:
    """What the cotangent of an output is called."""
    return f"{name}_bar"


def vjp(graph: Graph, wrt: Sequence[str]) -> Graph:
    """The graph of the outputs and of the product of cotangents of theirs with the Jacobian.

    Args:
        graph: a function.
        wrt: names of inputs.

    Returns:
        A graph with an input more for each output, its cotangent, of its shape, and the outputs
        `(*outputs, *cotangents)`, a cotangent for each of `wrt`, of its shape.

    Raises:
        UnsupportedError: where an operation on the way has no derivative.
    """
    builder = Builder(ALGEBRAIC, graph)
    positions = dict(zip(graph.input_names, graph.inputs, strict=True))
    taken = set(graph.input_names)
    twins = twins_of(builder, graph)
    given: list[Handle] = []
    seeds: dict[int, Cotangent] = {}
    for name, output in zip(graph.output_names, graph.outputs, strict=True):
        fresh = unused(cotangent_name(name), taken)
        taken.add(fresh)
        given.append(builder.handle(builder.input(fresh, graph[output].shape)))
        twin = twins[output]
        seeds[twin] = Cotangent(seeds[twin].raw + given[-1] if twin in seeds else given[-1])
    cotangents = pull_back(builder, seeds, [positions[name] for name in wrt])
    names = (cotangent_name(name) for name in wrt)
    return builder.graph(
        (*graph.inputs, *[seed.at for seed in given]),
        (*graph.outputs, *[cotangent.selected().at for cotangent in cotangents]),
        (*graph.output_names, *names),
        primal=graph.primal,
    )


def unused(name: str, taken: Collection[str]) -> str:
    """The name, numbered where it is taken."""
    fresh, count = name, 1
    while fresh in taken:
        count += 1
        fresh = f"{name}{count}"
    return fresh


def pull_back(
    builder: Builder, seeds: dict[int, Cotangent], targets: Sequence[int]
) -> list[Cotangent]:
    """Append the lines that carry cotangents of some lines back to others.

    Args:
        builder: holds the lines to differentiate; the new ones are appended.
        seeds: cotangents of the lines to start from, by position.
        targets: positions of the lines whose cotangents are wanted.

    Returns:
        The cotangents of the targets; a constant zero where nothing depends on one.
    """
    nodes = builder.nodes
    start = max(seeds)
    varied = _varied(nodes, start, targets, cancelled(nodes, seeds))
    arriving: list[list[Cotangent] | None] = [None] * (start + 1)
    for position, seed in seeds.items():
        arriving[position] = [seed]
    spans, names = dict(builder.spans), {**builder.derived, **builder.hints}
    wanted = set(targets)
    found: dict[int, Cotangent] = {}
    of_parts: dict[int, dict[int, Cotangent]] = {}
    contributions: Sequence[Cotangent | Unknown | None]
    for position in counted("differentiating", range(start, -1, -1)):
        parts = arriving[position]
        if parts is None or not varied[position]:
            continue
        arriving[position] = None
        builder.span = spans.get(position)
        total = parts[0] if len(parts) == 1 else total_of(parts)
        node = nodes[position]
        if position in names or position in wanted:
            total = _signed(builder, total)  # as a line, which has a name
        if position in names and total.raw.at > start:
            builder.derived.setdefault(total.raw.at, f"{names[position]}_bar")
        if position in wanted:
            found[position] = total
        if node[0] == INPUT:
            continue
        if _replay(builder, position, total, varied, arriving):
            continue
        total = _signed(builder, total)
        match OPERATIONS[node.op].derivative if node.args else None:
            case Part():  # it waits at the loop for those of the other parts
                of_parts.setdefault(node.args[0], {})[node.params[0]] = total
                arriving[node.args[0]] = [total]
                continue
            case Loop():
                needed = [bool(varied[argument]) for argument in node.args]
                contributions = _of_loop(builder, position, of_parts.pop(position), needed)
            case _:
                contributions = _contributions(builder, position, total)
        for argument, part in zip(node[1], contributions, strict=True):
            if part is not None and varied[argument]:
                if isinstance(part, Unknown):
                    raise UnsupportedError(part.reason, span=builder.span)
                if nodes[argument].dtype == FLOAT and part.raw.dtype == COMPLEX:
                    part = part._replace(raw=real(part.raw))
                entry = arriving[argument]
                if entry is None:
                    arriving[argument] = [part]
                else:
                    entry.append(part)
    builder.span = None
    return [
        found[target]
        if target in found
        else Cotangent(builder.handle(builder.constant(0.0, target)))
        for target in targets
    ]


def _signed(builder: Builder, total: Cotangent) -> Cotangent:
    """A cotangent with its sign as a line, which comes from where the rest of it does."""
    if not total.is_negative:
        return total
    here, builder.span = builder.span, builder.spans.get(total.raw.at)
    made = total.signed()
    builder.span = here
    return made


def _varied(
    nodes: Sequence[Node], start: int, targets: Sequence[int], fixed: Collection[int]
) -> bytearray:
    """By position, 1 where a line depends on a target, other than through lines held fixed."""
    varied = bytearray(start + 1)
    for target in targets:
        if target <= start:
            varied[target] = 1
    for position in range(start + 1):
        node = nodes[position]
        if (
            node.dtype not in CONTINUOUS or position in fixed
        ):  # whole numbers and truths vary by jumps
            continue
        for argument in node.args:
            if varied[argument]:
                varied[position] = 1
                break
    return varied


def _replay(
    builder: Builder,
    position: int,
    total: Cotangent,
    varied: bytearray,
    arriving: list[list[Cotangent] | None],
) -> bool:
    """Hand what a line of numbers gives to its arguments on; false where its rule is to be run."""
    op, args, _, _, _ = builder.nodes[position]
    raw, active, is_selected, is_negative = total
    given = (raw.at, position, *args)
    if not builder.are_numbers(given):
        return False
    template = template_of(op, len(args))
    if template is None:
        template = template_of(op, len(args), tuple([at in builder.constants for at in args]))
    if template is None:
        return False
    is_zero = is_selected and template.is_linear
    slots = template.replay(builder, given)
    for argument, result in zip(args, template.results, strict=True):
        if result is not None and varied[argument]:
            slot, sign = result
            raw, sign = Handle(builder, slots[slot]), sign != is_negative
            if sign and active is not None:  # where it is selected it has its sign
                raw, sign = -raw, False
            part = _COTANGENT(Cotangent, (raw, active, is_zero, sign))
            entry = arriving[argument]
            if entry is None:
                arriving[argument] = [part]
            else:
                entry.append(part)
    return True


def _contributions(
    builder: Builder, position: int, total: Cotangent
) -> Sequence[Cotangent | Unknown | None]:
    """What a line's cotangent gives to each of its arguments. One case for each kind of rule."""
    node = builder.nodes[position]
    record = OPERATIONS[node.op]
    y = Handle(builder, position)
    args = [Handle(builder, argument) for argument in node.args]
    t, active, truth = total.raw, total.active, None
    if not (
        record.is_elementwise or is_elementwise(node)
    ):  # the condition has the shape of the result
        t, active, truth = total.selected(), None, one_truth(active)
    params = dict(zip(record.params, node.params, strict=True))
    match record.derivative:
        case Linear(transpose) | Multilinear(transpose):
            parts: Sequence[Any] = transpose(t, *args, **params)
        case Partials(rule):
            parts = [_times(t, factor) for factor in rule(y, *args)]
        case Pair(_, vjp):
            parts = vjp(t, y, *args, **params)
        case Selected(rule):
            return [handed_on(part, active) for part in rule(t, y, *args)]
        case Own():
            parts = own_vjp(builder, t, y, args)
        case Even():
            parts = even_vjp(t, y, args, push_forward)
        case Flat() | Raises():
            return [None] * len(args)
        case _:
            raise UnsupportedError(f"'{node.op}' has no derivative", span=builder.span)
    # a sum, a sign or another shape of zeros is zeros; a product with infinity is not
    is_zero = isinstance(record.derivative, Linear) and (total.is_selected or truth is not None)
    return [
        Cotangent(part, active_of(part, active, truth), is_zero)
        if isinstance(part, Handle)
        else part
        for part in parts
    ]


def _of_loop(
    builder: Builder, position: int, cotangents: dict[int, Cotangent], wanted: Sequence[bool]
) -> list[Cotangent | None]:
    """What the cotangents of a loop's parts give to each of its arguments.

    Where none of them counts, nothing of it does: the steps multiply zeros by what may be infinite.
    """
    args = [Handle(builder, argument) for argument in builder.nodes[position].args]
    given = {number: part.selected() for number, part in cotangents.items()}
    found = loop_vjp(given, Handle(builder, position), args, wanted, pulled)
    truths = [one_truth(part.active) for part in cotangents.values()]
    known = {truth.at: truth for truth in truths if truth is not None}
    is_open = any(truth is None for truth in truths)
    if is_open or cover_everything(builder.nodes, list(known)):
        return [None if part is None else Cotangent(part) for part in found]
    active, *others = known.values()
    for other in others:
        active = active | other
    return [
        None if part is None else Cotangent(part, broadcast_to(active, part.shape))
        for part in found
    ]


def pulled(graph: Graph, outputs: Sequence[int], inputs: Sequence[int]) -> Graph:
    """The graph that carries cotangents of some outputs back to some inputs.

    Args:
        graph: a function.
        outputs: numbers of those that have cotangents.
        inputs: numbers of those whose cotangents are wanted.

    Returns:
        A graph with the inputs of the function and the cotangents of the outputs, in their order.
        Its outputs are the cotangents of the inputs.
    """
    builder = Builder(ALGEBRAIC, graph)
    taken = set(graph.input_names)
    twins = twins_of(builder, graph)
    seeds: dict[int, Cotangent] = {}
    given = []
    for number in outputs:
        name = f"{graph.output_names[number]}_bar"
        while name in taken:
            name += "_"
        taken.add(name)
        at = graph.outputs[number]
        bar = builder.handle(builder.input(name, graph[at].shape, graph[at].dtype))
        given.append(bar.at)
        before = seeds.get(twins[at])
        seeds[twins[at]] = Cotangent(bar if before is None else before.raw + bar)
    targets = [graph.inputs[number] for number in inputs]
    found = [
        of_kind(cotangent.selected(), graph[at].dtype).at
        for at, cotangent in zip(targets, pull_back(builder, seeds, targets), strict=True)
    ]
    names = [f"{graph.input_names[number]}_bar" for number in inputs]
    return builder.graph((*graph.inputs, *given), found, names, primal=0)


def _times(t: Handle, factor: Handle | float | Unknown | None) -> Handle | Unknown | None:
    return factor if factor is None or isinstance(factor, Unknown) else t * factor

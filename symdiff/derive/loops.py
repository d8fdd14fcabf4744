"""The derivatives and the batch rule of loops: each is a loop again.

The tangents of what a loop carries are carried by a second loop, which reads what the first one
carried before each step. Their cotangents are carried by a loop that runs the other way and reads
the same history. So both share every value of the loop, and can be differentiated again. What
differentiates the body is handed in: it calls these rules itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, FLOAT, constant_value
from symdiff.graph.shape import Dimension
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.identities import ALGEBRAIC
from symdiff.ops.loops import Layout, loop, part
from symdiff.ops.structural import lifted, transposed

# (graph, numbers of inputs that have tangents, numbers of outputs): the graph of the outputs'
# tangents, whose inputs are those of the graph and then the tangents
Push = Callable[[Graph, Sequence[int], Sequence[int]], Graph]
# (graph, numbers of outputs that have cotangents, numbers of inputs): the graph of the inputs'
# cotangents, whose inputs are those of the graph and then the cotangents
Pull = Callable[[Graph, Sequence[int], Sequence[int]], Graph]
# (graph, numbers of inputs with a leading axis, its length): the graph with it, and which outputs
# have it
Stack = Callable[[Graph, Sequence[int], Dimension], tuple[Graph, Sequence[bool]]]

Tangents = Sequence[Handle | None]


def loop_jvp(tangents: Tangents, whole: Handle, args: Sequence[Handle], push: Push) -> Tangents:
    """The tangents of all parts of a loop, from those of its arguments."""
    layout = Layout.of(whole.params)
    graph, builder = layout.graph, whole.builder
    moves, moved = _varied(layout, [t is not None for t in tangents])
    carries = [n for n in range(layout.carries) if moved[n]]
    results = [n for n in range(layout.carries, len(graph.outputs)) if moved[n]]
    if not carries and not results:
        return [None] * layout.parts
    by = [n for n, is_moved in enumerate(moves) if is_moved]
    made = push(graph, by, [*carries, *results])
    count = len(graph.inputs)
    dotted = dict(zip(by, made.inputs[count:], strict=True))
    of_constants = [n for n in by if n < layout.first_carry]
    of_carries = [n for n in by if layout.first_carry <= n < layout.first_slice]
    of_slices = [n for n in by if n >= layout.first_slice]
    inputs = made.inputs
    ordered = [
        *inputs[: layout.constants],
        *[dotted[n] for n in (*of_constants, *of_carries)],
        *inputs[layout.constants : count],
        *[dotted[n] for n in of_slices],
    ]
    given = [
        *args[: layout.constants],
        *[tangents[n] for n in of_constants],
        *[tangents[n] or _zeros(args[n]) for n in of_carries],
        *_histories(whole, layout),
        *args[layout.first_slice :],
        *[tangents[n] for n in of_slices],
    ]
    forward = loop(
        builder,
        replace(made, inputs=tuple(ordered)),
        [t for t in given if t is not None],
        length=layout.length,
        constants=layout.constants + len(of_constants),
        carries=len(of_carries),
        direction=layout.direction,
    )
    found: list[Handle | None] = [None] * layout.parts
    for number, which in enumerate([*carries, *results]):
        found[which] = part(forward, number)
    for number, carry in enumerate(carries):
        found[layout.history(carry)] = part(forward, Layout.of(forward.params).history(number))
    return found


def loop_vjp(
    cotangents: Mapping[int, Handle],
    whole: Handle,
    args: Sequence[Handle],
    wanted: Sequence[bool],
    pull: Pull,
) -> Tangents:
    """The cotangents of a loop's arguments, from those of its parts: a loop the other way.

    The cotangent of a constant is summed up over the steps.
    """
    layout = Layout.of(whole.params)
    graph, builder = layout.graph, whole.builder
    moves, moved = _varied(layout, wanted)
    carries = _useful(layout, cotangents, moved)
    results = [n for n in cotangents if layout.carries <= n < len(graph.outputs) and moved[n]]
    if not carries and not results:
        return [None] * len(args)
    constants = [n for n in range(layout.constants) if moves[n]]
    slices = [n for n in range(layout.first_slice, len(graph.inputs)) if moves[n]]
    into = [layout.first_carry + n for n in carries]
    made = pull(graph, [*carries, *results], [*into, *constants, *slices])
    constants, slices, made = _without_zeros(made, len(carries), constants, slices)
    made, added = _summed(made, layout, cotangents, carries, constants)
    # the inputs are those of the body, cotangents of what is carried, those of results, sums,
    # and what comes from histories
    count, carried = len(graph.inputs), len(carries)
    bars = made.inputs[count:]
    ordered = [
        *made.inputs[: layout.constants],
        *bars[:carried],
        *bars[carried + len(results) : carried + len(results) + len(constants)],
        *made.inputs[layout.constants : count],
        *bars[carried : carried + len(results)],
        *bars[carried + len(results) + len(constants) :],
    ]
    given = [
        *args[: layout.constants],
        *[cotangents[n] if n in cotangents else _zeros(args[layout.constants + n])
          for n in carries],
        *[_zeros(args[n]) for n in constants],
        *_histories(whole, layout),
        *args[layout.first_slice :],
        *[cotangents[n] for n in results],
        *[cotangents[layout.history(n)] for n in added],
    ]  # fmt: skip
    backward = loop(
        builder,
        replace(made, inputs=tuple(ordered)),
        given,
        length=layout.length,
        constants=layout.constants,
        carries=carried + len(constants),
        direction=-layout.direction,
    )
    found: list[Handle | None] = [None] * len(args)
    targets = [*[layout.first_carry + n for n in carries], *constants, *slices]
    for number, argument in enumerate(targets):
        found[argument] = part(backward, number)
    return found


def loop_batch(
    params: tuple[Any, ...],
    args: Sequence[Handle],
    batched: Sequence[bool],
    length: Dimension,
    stack: Stack,
) -> Handle:
    """The loop on arguments of which some have gained a leading axis."""
    layout = Layout.of(params)
    has_axis = list(batched)
    while True:  # what is carried has the axis from the start where a step gives it one
        chosen = [n for n, has in enumerate(has_axis) if has]
        made, outputs = stack(layout.graph, chosen, length)
        gained = [layout.first_carry + n for n in range(layout.carries) if outputs[n]]
        if all(has_axis[n] for n in gained):
            break
        for n in gained:
            has_axis[n] = True
    given = []
    for number, x in enumerate(args):
        if has_axis[number] and not batched[number]:
            (x,) = lifted([x], [False], length)
        if number >= layout.first_slice and batched[number]:
            x = transposed(x, (1, 0, *range(2, x.ndim)))
        given.append(x)
    return loop(
        given[0].builder,
        made,
        given,
        length=layout.length,
        constants=layout.constants,
        carries=layout.carries,
        direction=layout.direction,
    )


def part_batch(whole: Handle, which: int, shape: tuple[Dimension, ...]) -> tuple[Handle, bool]:
    """A part of a loop that has gained a leading axis, and whether the part has it too."""
    found = part(whole, which)
    if found.shape == shape:
        return found, False
    if which < Layout.of(whole.params).carries:
        return found, True
    return transposed(found, (1, 0, *range(2, found.ndim))), True


# --- what depends on what ----------------------------------------------------------------------


def _varied(layout: Layout, given: Sequence[bool]) -> tuple[list[bool], list[bool]]:
    """Which inputs of the body vary, and which outputs, where some arguments do."""
    graph = layout.graph
    moves = [
        is_moved and graph[at].dtype == FLOAT
        for is_moved, at in zip(given, graph.inputs, strict=True)
    ]
    while True:  # each round, one more carried value at least
        varied = bytearray(len(graph))
        for at, is_moved in zip(graph.inputs, moves, strict=True):
            varied[at] = is_moved
        for position, node in enumerate(graph.nodes):
            if node.dtype == FLOAT and any([varied[argument] for argument in node.args]):
                varied[position] = 1
        outputs = [bool(varied[at]) for at in graph.outputs]
        before = list(moves)
        for carry in range(layout.carries):
            moves[layout.first_carry + carry] |= outputs[carry]
        if moves == before:
            carried = moves[layout.first_carry : layout.first_slice]
            return moves, [*carried, *outputs[layout.carries :]]


def _useful(layout: Layout, cotangents: Mapping[int, Handle], moved: Sequence[bool]) -> list[int]:
    """The carried values that vary and on which something with a cotangent depends."""
    graph = layout.graph
    outputs = {n for n in cotangents if n < len(graph.outputs)}
    carried = {n for n in range(layout.carries) if layout.history(n) in cotangents}
    while True:
        needed = graph.ancestors([graph.outputs[n] for n in outputs | carried])
        found = {
            n for n in range(layout.carries) if needed[graph.inputs[layout.first_carry + n]]
        } | {n for n in outputs if n < layout.carries}
        if found <= carried:
            return [n for n in sorted(carried) if moved[n]]
        carried |= found


def _histories(whole: Handle, layout: Layout) -> list[Handle]:
    return [part(whole, layout.history(carry)) for carry in range(layout.carries)]


def _zeros(like: Handle) -> Handle:
    return Handle(like.builder, like.builder.full(0.0, like.shape))


def _without_zeros(
    made: Graph, carried: int, constants: Sequence[int], slices: Sequence[int]
) -> tuple[list[int], list[int], Graph]:
    """Without the cotangents of constants and slices that are zero in each step."""
    is_zero = [
        made[at].op == CONSTANT and constant_value(made[at]) == 0.0 for at in made.outputs
    ]
    rest = [n for n in range(len(made.outputs)) if n < carried or not is_zero[n]]
    after = carried + len(constants)
    return (
        [argument for n, argument in enumerate(constants, carried) if not is_zero[n]],
        [argument for n, argument in enumerate(slices, after) if not is_zero[n]],
        made.select(rest),
    )


def _summed(
    made: Graph,
    layout: Layout,
    cotangents: Mapping[int, Handle],
    carries: Sequence[int],
    constants: Sequence[int],
) -> tuple[Graph, list[int]]:
    """With sums over the steps for constants, and with the cotangents that histories bring.

    Returns:
        The graph, and the numbers of the carried values whose histories have cotangents.
    """
    builder = Builder(ALGEBRAIC, made)
    taken = set(made.input_names)
    outputs = list(made.outputs)
    inputs = list(made.inputs)

    def plus(output: int, name: str) -> None:
        line = made[outputs[output]]
        while name in taken:
            name += "_"
        taken.add(name)
        inputs.append(builder.input(name, line.shape))
        outputs[output] = builder.make("add", (inputs[-1], outputs[output]))
        builder.hints.setdefault(outputs[output], name)

    names = layout.graph.input_names
    for number, argument in enumerate(constants, len(carries)):
        plus(number, f"{names[argument]}_bar")
    added = [n for n in carries if layout.history(n) in cotangents]
    for n in added:
        plus(carries.index(n), f"{names[layout.first_carry + n]}_bar")
    return builder.graph(inputs, outputs, made.output_names, primal=0), added

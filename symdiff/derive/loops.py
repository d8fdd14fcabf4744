"""The derivatives and the batch rule of loops: each is a loop again.

The tangents of what a loop carries are carried by a second loop, which reads what the first one
carried before each step. Their cotangents are carried by a loop that runs the other way and reads
the same history. So both share every value of the loop, and can be differentiated again. What
differentiates the body is handed in: it calls these rules itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from symdiff.derive.accumulation import Product, product_of_all_steps, products, summed
from symdiff.derive.inline import inlined
from symdiff.derive.padded import padded, rows_of_constant, spans_of
from symdiff.derive.residuals import (
    Read,
    in_terms_of_body,
    uneven_in_steps,
    varies_in_steps,
    with_read,
)
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import needed_by, pruned
from symdiff.graph.node import CONSTANT, CONTINUOUS, constant_value
from symdiff.graph.shape import Dimension
from symdiff.ops.arithmetic import add
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import of_kind
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import lifted, repeated
from symdiff.ops.loops import Layout, loop, part
from symdiff.ops.progressions import counters
from symdiff.ops.reduction import total
from symdiff.ops.rules import ALGEBRAIC, EXACT
from symdiff.ops.structural import transposed

# (graph, numbers of inputs that have tangents, numbers of outputs): the graph of the outputs'
# tangents, whose inputs are those of the graph and then the tangents
Push = Callable[[Graph, Sequence[int], Sequence[int]], Graph]
# (graph, numbers of outputs that have cotangents, numbers of inputs): the graph of the inputs'
# cotangents, whose inputs are those of the graph and then the cotangents
Pull = Callable[[Graph, Sequence[int], Sequence[int]], Graph]
# (graph, numbers of inputs with a leading axis, its length): the graph with it, and which outputs
# have it
Stack = Callable[[Graph, Sequence[int], Dimension], tuple[Graph, Sequence[bool]]]

Tangents = Sequence[Handle | None]  # None is zero


def loop_jvp(
    tangents: Tangents, whole: Handle, args: Sequence[Handle], wanted: Sequence[int], push: Push
) -> Mapping[int, Handle]:
    """The tangents of the parts of a loop that are wanted, from those of its arguments.

    Parts that do not vary are left out.
    """
    layout = Layout.of(whole.params)
    results = [which for which in wanted if which >= layout.carries]
    graph = layout.with_results(results)
    moves, moved = _varied(layout, graph, [t is not None for t in tangents])
    outputs = [n for n, is_moved in enumerate(moved) if is_moved]
    by = [n for n, is_moved in enumerate(moves) if is_moved]
    if not outputs:
        return {}
    made = in_terms_of_body(push(graph, by, outputs), len(graph))
    lines = {at: n for n, at in enumerate(graph.inputs)}
    dots = dict(zip(made.inputs[len(lines) :], by, strict=True))
    read = with_read(made, whole)
    made = read.graph
    first, middle = layout.first_carry, layout.first_slice
    roles = _Roles(made)
    for at, n in lines.items():
        if n < first:
            roles.constants.append((at, args[n]))
        elif n >= middle:
            roles.slices.append((at, args[n]))
    for at, n in dots.items():
        t = tangents[n]
        tangent = _zeros(args[n]) if t is None else of_kind(t, args[n].dtype)
        kind = roles.constants if n < first else roles.slices if n >= middle else roles.carries
        kind.append((at, tangent))
    roles.read(read, whole, args)
    forward = roles.loop(whole, layout, layout.direction)
    found = {}
    for number, n in enumerate(outputs):
        found[n if n < layout.carries else results[n - layout.carries]] = part(forward, number)
    return found


def loop_vjp(
    cotangents: Mapping[int, Handle],
    whole: Handle,
    args: Sequence[Handle],
    wanted: Sequence[bool],
    pull: Pull,
) -> Sequence[Handle | None]:
    """The cotangents of a loop's arguments, from those of its parts: a loop the other way.

    The cotangent of a constant is summed up over the steps.
    """
    layout = Layout.of(whole.params)
    results = [which for which in sorted(cotangents) if which >= layout.carries]
    graph = layout.with_results(results)
    moves, moved = _varied(layout, graph, wanted)
    finals = {which for which in cotangents if which < layout.carries}
    seeded = [n for n in range(layout.carries, len(graph.outputs)) if moved[n]]
    carries = [n for n in _useful(layout, graph, finals, seeded) if moved[n]]
    if not carries and not seeded:
        return [None] * len(args)
    into = [layout.first_carry + n for n in carries]
    constants = [n for n in range(layout.constants) if moves[n]]
    slices = [n for n in range(layout.first_slice, len(graph.inputs)) if moves[n]]
    made = pull(graph, [*carries, *seeded], [*into, *constants, *slices])
    made = in_terms_of_body(made, len(graph))
    bars = made.inputs[len(graph.inputs) :]
    constants, slices, made = _without_zeros(made, len(carries), constants, slices)
    bar_of = dict(zip([*constants, *slices], made.outputs[len(carries) :], strict=True))
    is_known = _known_behind(made, layout)
    numbers = counters(layout, whole.builder.nodes, [x.at for x in args])
    late = _products(made, {n: bar_of[n] for n in constants}, is_known)
    others = {n: bar_of[n] for n in constants if n not in late}
    in_slices = padded(made, others, spans_of(layout, numbers), is_known)
    made, late = in_slices.graph, {**late, **in_slices.products}
    bar_of |= in_slices.rest
    lines = sorted({at for n in late for product in late[n] for at in product[:2]})
    known = len(layout.graph)
    extra = [at for at in lines if at >= known]
    stored = {n: bar_of[n] for n in constants if n not in late and bar_of[n] in extra}
    early = [n for n in constants if n in in_slices.rest or n not in {*late, *stored}]
    outputs = [*made.outputs[: len(carries)], *[bar_of[n] for n in (*early, *slices)], *extra]
    names = [f"{graph.input_names[n]}_bar" for n in (*into, *early, *slices)]
    names += [made.name_of(at, "bar") for at in extra]
    made = replace(made, outputs=tuple(outputs), output_names=tuple(names))
    made, sums = summed(made, len(carries), names[len(into) :][: len(early)])
    read = with_read(made, whole)
    made = read.graph
    roles = _Roles(made)
    for n in range(layout.constants):
        roles.constants.append((graph.inputs[n], args[n]))
    for n in range(layout.first_slice, len(graph.inputs)):
        roles.slices.append((graph.inputs[n], args[n]))
    for at, n in zip(bars, carries, strict=False):
        like = args[layout.first_carry + n]
        start = of_kind(cotangents[n], like.dtype) if n in cotangents else _zeros(like)
        roles.carries.append((at, start))
    for at, n in zip(sums, early, strict=True):
        roles.carries.append((at, _zeros(args[n])))
    for at, n in zip(bars[len(carries) :], seeded, strict=True):
        bar = cotangents[results[n - layout.carries]]
        roles.slices.append((at, of_kind(bar, made[at].dtype)))
    roles.read(read, whole, args)
    backward = roles.loop(whole, layout, -layout.direction)
    found: list[Handle | None] = [None] * len(args)
    targets = [*into, *early, *slices]
    for number, argument in enumerate(targets):
        found[argument] = part(backward, number)

    def stacked(line: int) -> tuple[Handle, bool]:
        if line in graph.inputs and not layout.is_carry(graph.inputs.index(line)):
            number = graph.inputs.index(line)
            return args[number], number >= layout.first_slice
        if line < known:
            rows = rows_of_constant(layout, numbers, args, line)
            return _history(whole, layout, line) if rows is None else rows, True
        return part(backward, len(targets) + extra.index(line)), True

    for argument, line in stored.items():
        found[argument] = total(stacked(line)[0], [0])
    for argument, terms in late.items():
        behind = [product_of_all_steps(term, stacked) for term in terms]
        in_steps = found[argument]
        found[argument] = reduce(add, behind if in_steps is None else [in_steps, *behind])
    return found


def _known_behind(made: Graph, layout: Layout) -> Callable[[Product], bool]:
    """Whether the factors of a product are known after a loop, and one of them differs by step."""
    varies, known = varies_in_steps(layout), len(layout.graph)
    uneven = uneven_in_steps(layout, made)

    def is_known(product: Product) -> bool:
        own = [line for line in product[:2] if line < len(made)]
        return (
            not any(uneven[line] for line in own)
            and all(line >= known or varies[line] or not made[line].args for line in own)
            and any(line >= known or varies[line] for line in product[:2])
        )

    return is_known


def _products(
    made: Graph, bars: Mapping[int, int], is_known: Callable[[Product], bool]
) -> dict[int, list[Product]]:
    """The cotangents of constants that are sums of products of what is known after the loop."""
    found = {argument: products(made, position) for argument, position in bars.items()}
    return {n: terms for n, terms in found.items() if terms and all(map(is_known, terms))}


class _Roles:
    """The inputs of a body, each with the argument of the loop, as they come up.

    Attributes:
        graph: the body; its inputs are to be put in the order of a loop's arguments.
        constants, carries, slices: positions of inputs with the arguments that they are for.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.constants: list[tuple[int, Handle]] = []
        self.carries: list[tuple[int, Handle]] = []
        self.slices: list[tuple[int, Handle]] = []

    def read(self, read: Read, whole: Handle, args: Sequence[Handle]) -> None:
        """What is read of the loop itself: its histories, and arrays at its ends."""
        first = Layout.of(whole.params).first_carry
        self.slices += [(at, part(whole, which)) for at, which in read.saved.items()]
        self.constants += [(at, args[first + carry]) for at, carry in read.before.items()]
        self.constants += [(at, part(whole, carry)) for at, carry in read.behind.items()]

    def loop(self, whole: Handle, layout: Layout, direction: int) -> Handle:
        """The loop of as many steps as another one."""
        every = [*self.constants, *self.carries, *self.slices]
        graph = replace(self.graph, inputs=tuple(at for at, _ in every))
        args = [argument for _, argument in every]
        numbers = {n: x.number for n, x in enumerate(args[: len(self.constants)]) if not x.shape}
        known = {n: number for n, number in numbers.items() if number is not None}
        return loop(
            whole.builder,
            _with_numbers(graph, known),
            [x for n, x in enumerate(args) if n not in known],
            length=layout.length,
            constants=len(self.constants) - len(known),
            carries=len(self.carries),
            direction=direction,
        )


def _with_numbers(graph: Graph, known: Mapping[int, float]) -> Graph:
    """The graph with numbers in the place of some inputs, as those of a seed are."""
    if not known:
        return graph
    graph, builder = pruned(graph), Builder(ALGEBRAIC)
    given = [
        Handle(
            builder,
            builder.full(known[n], (), graph[at].dtype)
            if n in known
            else builder.input(graph[at].params[0], graph[at].shape, graph[at].dtype),
        )
        for n, at in enumerate(graph.inputs)
    ]
    outputs = inlined(graph, builder, given)
    inputs = [x.at for n, x in enumerate(given) if n not in known]
    return builder.graph(inputs, [y.at for y in outputs], graph.output_names, graph.primal)


def loop_batch(
    params: tuple[Any, ...],
    args: Sequence[Handle],
    batched: Sequence[bool],
    length: Dimension,
    stack: Stack,
) -> Handle:
    """The loop on arguments of which some have gained a leading axis.

    Raises:
        UnsupportedError: where the number of steps depends on the values.
    """
    layout = Layout.of(params)
    if layout.test is not None:
        raise UnsupportedError(
            "a batch of a loop that goes on as long as a condition holds is not supported",
            suggestion="call the function for one after the other",
        )
    has_axis = list(batched)
    while True:  # what is carried has the axis from the start where a step gives it one
        chosen = [n for n, has in enumerate(has_axis) if has]
        made, outputs = stack(layout.graph, chosen, length)
        gained = [layout.first_carry + n for n in range(layout.carries) if outputs[n]]
        if all(has_axis[n] for n in gained):
            break
        for n in gained:
            has_axis[n] = True
    made = _repeating(
        made,
        [has_axis[layout.first_carry + n] and not outputs[n] for n in range(layout.carries)],
        length,
    )
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


def _repeating(graph: Graph, lacking: Sequence[bool], length: Dimension) -> Graph:
    """With the leading axis for carried values that start with it and are made anew without."""
    builder = Builder(EXACT, graph)
    outputs = list(graph.outputs)
    for number, lacks in enumerate(lacking):
        if lacks:
            outputs[number] = repeated(Handle(builder, outputs[number]), length).at
    return builder.graph(graph.inputs, outputs, graph.output_names, graph.primal)


def part_batch(whole: Handle, which: int, shape: tuple[Dimension, ...]) -> tuple[Handle, bool]:
    """A part of a loop that has gained a leading axis, and whether the part has it too."""
    found = part(whole, which)
    if found.shape == shape:
        return found, False
    if which < Layout.of(whole.params).carries:
        return found, True
    return transposed(found, (1, 0, *range(2, found.ndim))), True


# --- what depends on what ----------------------------------------------------------------------


def _varied(layout: Layout, graph: Graph, given: Sequence[bool]) -> tuple[list[bool], list[bool]]:
    """Which inputs of a body vary, and which outputs, where some arguments do."""
    moves = [
        is_moved and graph[at].dtype in CONTINUOUS
        for is_moved, at in zip(given, graph.inputs, strict=True)
    ]
    while True:  # each round, one more carried value at least
        varied = bytearray(len(graph))
        for at, is_moved in zip(graph.inputs, moves, strict=True):
            varied[at] = is_moved
        for position, node in enumerate(graph.nodes):
            if node.dtype in CONTINUOUS and any([varied[argument] for argument in node.args]):
                varied[position] = 1
        outputs = [bool(varied[at]) for at in graph.outputs]
        before = list(moves)
        for carry in range(layout.carries):
            is_float = graph[graph.outputs[carry]].dtype in CONTINUOUS
            moves[layout.first_carry + carry] |= outputs[carry] and is_float
        if moves == before:
            carried = moves[layout.first_carry : layout.first_slice]
            return moves, [*carried, *outputs[layout.carries :]]


def _useful(layout: Layout, graph: Graph, finals: set[int], seeded: Sequence[int]) -> Sequence[int]:
    """The carried values on which something with a cotangent depends."""
    carried = set(finals)
    while True:
        needed = needed_by(graph, [graph.outputs[n] for n in [*carried, *seeded]])
        found = {n for n in range(layout.carries) if needed[graph.inputs[layout.first_carry + n]]}
        if found <= carried:
            return sorted(carried)
        carried |= found


def _history(whole: Handle, layout: Layout, line: int) -> Handle:
    return part(whole, layout.history(line))


def _zeros(like: Handle) -> Handle:
    return of_kind(Handle(like.builder, like.builder.full(0.0, like.shape)), like.dtype)


def _without_zeros(
    made: Graph, carried: int, constants: Sequence[int], slices: Sequence[int]
) -> tuple[list[int], list[int], Graph]:
    """Without the cotangents of constants and slices that are zero in each step."""
    is_zero = [made[at].op == CONSTANT and constant_value(made[at]) == 0.0 for at in made.outputs]
    rest = [n for n in range(len(made.outputs)) if n < carried or not is_zero[n]]
    after = carried + len(constants)
    return (
        [argument for n, argument in enumerate(constants, carried) if not is_zero[n]],
        [argument for n, argument in enumerate(slices, after) if not is_zero[n]],
        made.select(rest),
    )

"""Random graphs for the property tests.

A run tries the same graphs each time; `--nightly` draws new ones, and more of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from symdiff.errors import ShapeError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, constant_value
from symdiff.graph.shape import size
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import LETTERS, contracted
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import indexed, slice_of
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import broadcast_to, broadcast_together, total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.rules.table import Rules
from symdiff.ops.structural import reshaped, transposed
from symdiff.optimize.simplify import drop_dead
from tests.ops.array_rows import literal

UNARY = "negate sin cos tanh exp sqrt log arctan absolute relu sigmoid softplus log1p".split()
BINARY = "add subtract multiply divide maximum minimum hypot logaddexp add multiply".split()
COMPARISONS = "less less_equal greater greater_equal equal not_equal".split()
# powers of two, so that products and quotients of them are exact however they are associated
CONSTANTS = (-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0)
EXPONENTS = (-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 8.0, 2.5)
KINDS = ("unary", "binary", "binary", "constant", "power", "where", "where")

COORDINATES = st.floats(-3.0, 3.0).map(lambda x: round(x, 3))


def examples(count: int) -> settings:
    """As many examples for a property: three tenths of them in a plain run, five times nightly."""
    return settings(max_examples=count * settings().max_examples // 100)


class _Alone(Rules):
    """Chosen rows, without arithmetic on numbers."""

    def fold(self, op: str, values: list[float]) -> float | None:
        return None


ALONE = _Alone  # ALONE() has no rows: lines stay as they are made


def replayed(graph: Graph, rules: Rules) -> Graph:
    """The lines of a graph made anew with other identities."""
    builder, moved = Builder(rules), []
    for node in graph.nodes:
        if node.op == INPUT:
            moved.append(builder.append(node))
        elif node.op == CONSTANT:
            moved.append(builder.full(constant_value(node), node.shape, node.dtype))
        else:
            args = tuple(moved[argument] for argument in node.args)
            moved.append(builder.make(node.op, args, node.params))
    inputs, outputs = ([moved[at] for at in places] for places in (graph.inputs, graph.outputs))
    return builder.graph(inputs, outputs, graph.output_names, graph.primal)


def _condition(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    condition = OPERATIONS[draw(st.sampled_from(COMPARISONS))](draw(line), draw(line))
    if draw(st.integers(0, 3)) == 0:
        other = OPERATIONS[draw(st.sampled_from(COMPARISONS))](draw(line), draw(line))
        condition = condition & other if draw(st.booleans()) else condition | ~other
    return condition


@st.composite
def tapes(draw: Any, largest: int = 14, kinds: tuple[str, ...] = KINDS) -> Graph:
    """A function of a few inputs with one output, its lines shared at random and as drawn."""
    builder = Builder(ALONE())
    inputs = [builder.input(name) for name in "xyz"[: draw(st.integers(1, 3))]]
    lines = [builder.handle(position) for position in inputs]
    for _ in range(draw(st.integers(1, largest))):
        line = st.sampled_from(lines[-6:])
        match draw(st.sampled_from(kinds)):
            case "unary":
                made = OPERATIONS[draw(st.sampled_from(UNARY))](draw(line))
            case "binary":
                made = OPERATIONS[draw(st.sampled_from(BINARY))](draw(line), draw(line))
            case "constant":
                op, number = draw(st.sampled_from(BINARY)), draw(st.sampled_from(CONSTANTS))
                args = (draw(line), number)
                made = OPERATIONS[op](*(args if draw(st.booleans()) else args[::-1]))
            case "power":
                made = draw(line) ** draw(st.sampled_from(EXPONENTS))
            case _:
                branches = draw(line), draw(line)
                made = OPERATIONS["where"](_condition(draw, line), *branches)
        lines.append(made)
    return drop_dead(builder.graph(inputs, [lines[-1].at], ["f"], primal=1))


def graphs(largest: int = 14, kinds: tuple[str, ...] = KINDS) -> st.SearchStrategy[Graph]:
    """A tape after the exact identities."""
    return tapes(largest, kinds).map(lambda tape: drop_dead(replayed(tape, EXACT)))


def points(graph: Graph) -> st.SearchStrategy[dict[str, float]]:
    """A number for each input of a graph."""
    return st.fixed_dictionaries(dict.fromkeys(graph.input_names, COORDINATES))


# --- arrays ------------------------------------------------------------------------------------

SHAPES = ((), (3,), (4,), (3, 4), (4, 3))
MOST_ELEMENTS = 48
REDUCTIONS = "sum sum prod max min norm logsumexp".split()
CUMULATIVE = "cumsum cumprod sort".split()
SMOOTH = "negate sin cos tanh exp arctan absolute relu sigmoid softplus".split()


def _elementwise(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    x = draw(line)
    if draw(st.booleans()):
        return OPERATIONS[draw(st.sampled_from(SMOOTH))](x)
    op = OPERATIONS[draw(st.sampled_from(BINARY))]
    if draw(st.integers(0, 2)) == 0:
        number = draw(st.sampled_from(CONSTANTS))
        return op(*((x, number) if draw(st.booleans()) else (number, x)))
    y = draw(line)
    try:
        return op(*broadcast_together(x, y))
    except ShapeError:
        return op(x, x)


def _choice(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    x, y = draw(line), draw(line)
    compare = OPERATIONS[draw(st.sampled_from(COMPARISONS))]
    try:
        x, y = broadcast_together(x, y)
    except ShapeError:
        y = OPERATIONS["sin"](x)
    return OPERATIONS["where"](compare(x, y), draw(st.sampled_from([x, 0.5])), y)


def _slice(draw: Any, shape: tuple[int, ...]) -> Any:
    """A pattern with a slice, a number, or a new axis."""
    axis = draw(st.integers(0, len(shape) - 1))
    start = draw(st.integers(0, shape[axis] - 1))
    pattern = list(slice_of(shape, axis, 0, shape[axis]))
    match draw(st.integers(0, 3)):
        case 0:
            pattern[axis] = ("int", draw(st.sampled_from([start, start - shape[axis]])))
        case 1:
            pattern[axis] = ("slice", start, draw(st.integers(1, shape[axis] - start)), 1)
        case 2:
            step = draw(st.sampled_from([-1, -2]))
            pattern[axis] = ("slice", start, draw(st.integers(1, start // -step + 1)), step)
        case _:
            pattern.insert(axis, ("new",))
    return tuple(pattern)


def _gathered(draw: Any, x: Handle) -> tuple[Any, Handle]:
    """A pattern with an index array on one axis, and that array."""
    axis = draw(st.integers(0, x.ndim - 1))
    places = draw(st.lists(st.integers(0, x.shape[axis] - 1), min_size=1, max_size=4))
    pattern = list(slice_of(x.shape, axis, 0, x.shape[axis]))
    pattern[axis] = ("array", 0)
    made = x.builder.make("index_array", (), literal(places, "int64"))
    return tuple(pattern), Handle(x.builder, made)


def _structural(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    x = draw(line)
    if not x.ndim:
        return broadcast_to(x, draw(st.sampled_from(SHAPES)))
    match draw(st.integers(0, 6)):
        case 0:
            shapes = [(size(x.shape),), (*x.shape, 1), (1, *x.shape), x.shape[::-1]]
            return reshaped(x, draw(st.sampled_from(shapes)))
        case 1:
            return transposed(x, draw(st.permutations(range(x.ndim))))
        case 2:
            return indexed(x, _slice(draw, x.shape))
        case 3:
            others = [draw(line) for _ in range(2)]
            fitting = [x, *[y for y in others if y.ndim and y.shape[1:] == x.shape[1:]]]
            return concatenated(fitting, 0)
        case 4:
            pattern, places = _gathered(draw, x)
            return OPERATIONS["index"](x, places, params=(pattern,))
        case 5:
            pattern = _slice(draw, x.shape)
            value = OPERATIONS["sin"](indexed(x, pattern))
            op = draw(st.sampled_from(["put", "put_add"]))
            return OPERATIONS[op](x, value, params=(pattern,))
        case _:
            pattern, places = _gathered(draw, x)
            value = OPERATIONS["cos"](OPERATIONS["index"](x, places, params=(pattern,)))
            op = draw(st.sampled_from(["put", "put_add"]))
            return OPERATIONS[op](x, value, places, params=(pattern,))


def _reduced(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    x = draw(line)
    if not x.ndim:
        return x * x
    axes = sorted(draw(st.sets(st.integers(0, x.ndim - 1), min_size=1)))
    if draw(st.integers(0, 3)) == 0:
        return OPERATIONS[draw(st.sampled_from(CUMULATIVE))](x, params=(axes[0],))
    op = OPERATIONS[draw(st.sampled_from(REDUCTIONS))]
    return op(x, params=(tuple(axes), draw(st.booleans())))


def _contracted(draw: Any, line: st.SearchStrategy[Handle]) -> Handle:
    """Letters are shared where lengths agree, at random, and then kept or summed."""
    x, y = draw(line), draw(line)
    if not x.ndim or not y.ndim:
        return x if x.ndim else y
    first = LETTERS[: x.ndim]
    second, free = "", iter(LETTERS[x.ndim :])
    for length in y.shape:
        same = [s for s, n in zip(first, x.shape, strict=True) if n == length and s not in second]
        second += draw(st.sampled_from(same)) if same and draw(st.booleans()) else next(free)
    result = "".join(
        s
        for s in dict.fromkeys(first + second)
        if not (s in first and s in second) or draw(st.integers(0, 2)) == 0
    )
    return contracted(x, y, f"{first},{second}->{''.join(draw(st.permutations(result)))}")


ARRAY_KINDS = (_elementwise, _elementwise, _choice, _structural, _structural, _reduced, _contracted)


@st.composite
def array_tapes(draw: Any, largest: int = 10) -> Graph:
    """A function of two to four arrays with a number as its output, its lines as drawn."""
    builder = Builder(ALONE())
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=2, max_size=4))
    inputs = [builder.input(f"x{i}", shape) for i, shape in enumerate(shapes)]
    lines = [builder.handle(position) for position in inputs]
    for _ in range(draw(st.integers(1, largest))):
        made = draw(st.sampled_from(ARRAY_KINDS))(draw, st.sampled_from(lines[-6:]))
        if size(made.shape) <= MOST_ELEMENTS and made.ndim <= 3:
            lines.append(made)
    output = total(lines[-1]) + total(OPERATIONS["sin"](lines[-2]))
    return drop_dead(builder.graph(inputs, [output.at], ["f"], primal=1))


def array_graphs(largest: int = 10) -> st.SearchStrategy[Graph]:
    """A tape of arrays after the exact identities."""
    return array_tapes(largest).map(lambda tape: drop_dead(replayed(tape, EXACT)))


@st.composite
def array_points(draw: Any, graph: Graph) -> dict[str, np.ndarray]:
    """An array for each input of a graph."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return {
        name: np.asarray(rng.uniform(-2.0, 2.0, graph[at].shape).round(3))
        for name, at in zip(graph.input_names, graph.inputs, strict=True)
    }

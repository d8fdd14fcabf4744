"""Numbers whose slopes are what a verb computes, so that one check serves every verb.

A verb is of the derivative of an inner function: of the function itself, or of its gradient. A sum
of the inner function's outputs with weights has that derivative times the weights as its slopes:
this is what a product with cotangents gives, and what the rows of a matrix come to. For a product
with tangents and for a trace the inputs are moved by a step, by which the slope is computed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any  # NumPy's arrays, and what a call returns

from symdiff.derive.batch import with_leading_axis
from symdiff.derive.inline import inlined
from symdiff.derive.jacobian import units
from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.derive.reverse import unused
from symdiff.derive.second import gradient_alone
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import FLOAT, Node
from symdiff.graph.shape import Shape, evaluate, size
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total
from symdiff.ops.rules import EXACT
from symdiff.verbs import INPUTS, Verb
from symdiff.verify.points import Point, given_point

Call = Callable[..., Any]


@dataclass(frozen=True)
class Computed:
    """A derivative of a function, and what computes it.

    Attributes:
        verb: what is computed of `primal`.
        primal: the function.
        wrt: the inputs that it is differentiated by.
        tensor: where the outputs of `primal` are the entries of one array.
        vectors: the names of the inputs of a call behind those of `primal`.
        packing: how the result of a call is put together.
        call: takes the inputs in their order.
        raises: whether it may raise where IEEE has an infinity or no number.
    """

    verb: Verb
    primal: Graph
    wrt: tuple[str, ...]
    tensor: Tensor | None
    vectors: tuple[str, ...]
    packing: Nest | Tensor | Coordinates
    call: Call
    raises: bool = False

    @property
    def inner(self) -> Graph:
        """The function that the verb is of the derivative of."""
        return self.primal if self.verb.order == 1 else gradient_alone(self.primal, self.wrt)


@dataclass(frozen=True)
class Slopes:
    """A number, and what says what its slopes are.

    Attributes:
        graph: of the number. Its inputs are the function's, the vectors of a call, weights that no
            call takes, and the step.
        wrt: the inputs that the slopes are by.
        call: takes the inputs in their order; returns the number, `None` where the derivative comes
            without a value, and the slopes.
        vectors: of a call.
        weights: of the outputs, where these are no vectors.
        step: where the slope is by it, its name.
    """

    graph: Graph
    wrt: tuple[str, ...]
    call: Callable[..., tuple[Any, Any]]
    vectors: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    step: str = ""

    def whole(self, at: Mapping[str, Any], seed: int) -> Point:
        """A point of the inputs of a call, with random weights and the step beside it.

        Raises:
            SymdiffError: where the point lacks an input, or an array does not fit.
        """
        inputs = self.graph.named_inputs
        others = (*self.weights, self.step)
        own = {name: node for name, node in inputs.items() if name not in others}
        lengths, point = given_point(own, at)
        shapes = {
            name: tuple([evaluate(n, lengths) for n in inputs[name].shape]) for name in self.weights
        }
        return {**point, **_normal(shapes, seed), **self._start}

    def beside(self, seed: int) -> Callable[[Graph], Point]:
        """What draws what is no input of the function: nothing happens on the boundaries of that.

        One of the weights alone is not 0, so that every row of a matrix is on its own.
        """
        seeds = itertools.count(seed)

        def drawn(graph: Graph) -> Point:
            inputs, number = graph.named_inputs, next(seeds)
            shapes = {name: _lengths(inputs[name]) for name in (*self.vectors, *self.weights)}
            found = _normal(shapes, number)
            return {**found, **_one_of({n: shapes[n] for n in self.weights}, number), **self._start}

        return drawn

    @property
    def _start(self) -> Point:
        return {self.step: 0.0} if self.step else {}


def _normal(shapes: Mapping[str, tuple[int, ...]], seed: int) -> Point:
    import numpy as np

    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(size=shape) if shape else float(rng.normal())
        for name, shape in shapes.items()
    }


def _one_of(shapes: Mapping[str, tuple[int, ...]], seed: int) -> Point:
    """Zeros, and a 1 at a random place."""
    import numpy as np

    flat = np.zeros(sum(map(math.prod, shapes.values())))
    if flat.size:
        flat[np.random.default_rng(seed).integers(flat.size)] = 1.0
    parts = _apart(flat, list(shapes.values()))
    return {
        name: part if shape else float(part)
        for (name, shape), part in zip(shapes.items(), parts, strict=True)
    }


def _lengths(node: Node) -> tuple[int, ...]:
    return tuple([n for n in node.shape if isinstance(n, int)])  # all of them


def slopes_of(computed: Computed) -> Slopes:
    """The number that a derivative says the slopes of.

    Raises:
        UnsupportedError: where an operation has no derivative or no batch rule.
    """
    verb = computed.verb
    if not verb.result:
        return _of_trace(computed)
    return _of_weighted(computed) if INPUTS in verb.result else _along_tangents(computed)


class _Writing:
    """A graph on its way: the inputs of a function, and those behind them."""

    def __init__(self, primal: Graph) -> None:
        self.builder = Builder(EXACT)
        self.lines: dict[str, Handle] = {}
        for name, node in primal.named_inputs.items():
            self.add(name, node.shape, node.dtype)

    def add(self, name: str, shape: Shape, dtype: str = FLOAT) -> str:
        """The name of another input: this one, numbered where it is taken."""
        free = unused(name, self.lines)
        self.lines[free] = Handle(self.builder, self.builder.input(free, shape, dtype))
        return free

    def add_weights(self, inner: Graph, names: Sequence[str] = ()) -> tuple[str, ...]:
        """The names of an input for each output."""
        wishes = names or [f"{name}_weight" for name in inner.output_names]
        pairs = zip(wishes, inner.outputs, strict=True)
        return tuple([self.add(name, inner[at].shape) for name, at in pairs])

    def outputs(self, inner: Graph, moved: Mapping[str, Handle]) -> list[Handle]:
        """The outputs of a function of the inputs, some of which are moved."""
        lines = {**self.lines, **moved}
        return inlined(inner, self.builder, [lines[name] for name in inner.input_names])

    def weighted(self, inner: Graph, weights: Sequence[str], moved: Mapping[str, Handle]) -> Graph:
        """The sum of the outputs times weights."""
        pairs = zip(weights, self.outputs(inner, moved), strict=True)
        return self.graph([total(self.lines[weight] * output) for weight, output in pairs])

    def graph(self, terms: Sequence[Handle]) -> Graph:
        """The graph of a sum."""
        inputs = [line.at for line in self.lines.values()]
        return self.builder.graph(inputs, [reduce(add, terms).at], ["number"], primal=1)


# --- weights of the outputs ----------------------------------------------------------------------


def _of_weighted(computed: Computed) -> Slopes:
    """A sum with weights: those that a call takes, or others for the rows of a matrix."""
    inner, writing = computed.inner, _Writing(computed.primal)
    weights = writing.add_weights(inner, computed.vectors)
    graph = writing.weighted(inner, weights, {})
    if computed.verb.is_matrix:
        return Slopes(graph, computed.wrt, _of_rows(computed, len(weights)), weights=weights)

    def call(*values: Any) -> tuple[Any, Any]:
        found = computed.call(*values)
        if not computed.verb.returns_value:
            return None, found
        return _dot(values[-len(weights) :], found[0]), found[1]

    return Slopes(graph, computed.wrt, call, vectors=weights)


def _of_rows(computed: Computed, count: int) -> Call:
    """What multiplies a matrix with weights of its rows, and takes the product apart by input."""
    names = computed.primal.input_names

    def call(*values: Any) -> tuple[None, Any]:
        import numpy as np

        own, weights = values[:-count], values[-count:]
        shapes = [np.shape(own[names.index(name)]) for name in computed.wrt]
        matrix = _matrix(computed, computed.call(*own), [np.size(w) for w in weights], shapes)
        return None, _apart(_product(np.concatenate([*map(np.ravel, weights)]), matrix), shapes)

    return call


def _matrix(
    computed: Computed, found: Any, rows: Sequence[int], shapes: Sequence[tuple[int, ...]]
) -> Any:
    """The result of a call as one matrix: a row for each entry of the outputs."""
    import numpy as np

    columns = [math.prod(shape) for shape in shapes]
    match computed.packing:
        case Coordinates():
            values, places = found
            matrix = np.zeros((sum(rows), sum(columns)))
            np.add.at(matrix, tuple(places), values)
            return matrix
        case Tensor():
            matrix = np.reshape(found, (-1, len(columns)))
            base = computed.tensor if computed.verb.order == 1 else None
            return matrix[[k if base is None else base.place(k) for k in range(len(rows))]]
    blocks = _leaves(found)
    return np.block([[np.reshape(next(blocks), (r, c)) for c in columns] for r in rows])


def _leaves(found: Any) -> Iterator[Any]:
    """The blocks of nested tuples."""
    if isinstance(found, tuple):
        for part in found:
            yield from _leaves(part)
    else:
        yield found


def _apart(vector: Any, shapes: Sequence[tuple[int, ...]]) -> tuple[Any, ...]:
    """An array of each shape, out of a vector of all."""
    import numpy as np

    ends = list(itertools.accumulate(map(math.prod, shapes)))
    starts = [0, *ends]
    return tuple(
        [
            np.reshape(vector[start:end], shape)
            for start, end, shape in zip(starts, ends, shapes, strict=False)
        ]
    )


def _product(weights: Any, rows: Any) -> Any:
    """A vector times a matrix or a vector; what has no weight does not count, NaN neither."""
    import numpy as np

    counts = np.flatnonzero(weights)
    return weights[counts] @ rows[counts]


def _dot(weights: Sequence[Any], outputs: Any) -> float:
    """The sum of the products of all elements."""
    import numpy as np

    found = outputs if isinstance(outputs, tuple) else (outputs,)
    pairs = zip(weights, found, strict=True)
    return sum(float(_product(np.ravel(weight), np.ravel(output))) for weight, output in pairs)


# --- a step of the inputs ------------------------------------------------------------------------


def _along_tangents(computed: Computed) -> Slopes:
    """A sum with weights, where the inputs are moved along the tangents."""
    inner, writing = computed.inner, _Writing(computed.primal)
    lines, pairs = writing.lines, list(zip(computed.wrt, computed.vectors, strict=True))
    for name, vector in pairs:
        writing.add(vector, lines[name].shape)
    weights = writing.add_weights(inner)
    step = writing.add("tangent", ())
    moved = {name: lines[name] + lines[step] * lines[vector] for name, vector in pairs}
    graph = writing.weighted(inner, weights, moved)

    def call(*values: Any) -> tuple[Any, Any]:
        own, drawn = values[: -len(weights) - 1], values[-len(weights) - 1 : -1]
        value, tangent = computed.call(*own)
        return _dot(drawn, value), _dot(drawn, tangent)

    return Slopes(graph, (step,), call, computed.vectors, weights, step)


def _of_trace(computed: Computed) -> Slopes:
    """The sum of the inner function's entries, each where the same entry of the inputs is moved."""
    inner, writing = computed.inner, _Writing(computed.primal)
    step = writing.add(computed.verb.name, ())
    graph = writing.graph(
        [
            _diagonal(writing, inner.select([k]), name, writing.lines[step])
            for k, name in enumerate(computed.wrt)
        ]
    )

    def call(*values: Any) -> tuple[None, Any]:
        return None, computed.call(*values[:-1])

    return Slopes(graph, (step,), call, step=step)


def _diagonal(writing: _Writing, slope: Graph, name: str, step: Handle) -> Handle:
    """The sum of the entries of a function, each where the same entry of an input is moved."""
    line = writing.lines[name]
    if not line.shape:
        return writing.outputs(slope, {name: line + step})[0]
    slope = pruned(slope)
    at = slope.inputs[slope.input_names.index(name)]
    each = with_leading_axis(slope, [at], size(line.shape))
    unit = units(writing.builder, line.shape)
    return total(writing.outputs(each, {name: line + step * unit})[0] * unit)

"""Lowerings beside NumPy: one expression, computed by both.

An expression takes NumPy as its first argument, `lambda np, x: np.roll(x, 2)`. With `LOWERED(b)` in
its place it makes lines, which are computed by the module that is emitted for them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from symdiff.frontend.lowering import LOWERINGS, creation, indexing
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape, named
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total
from symdiff.ops.rules import EXACT
from tests.compiled import load, text_of

Expression = Callable[..., Any]
Lengths = Sequence[Sequence[int | str]]

KINDS = {"f": FLOAT, "i": INT, "b": BOOL}
STEP = 1e-2  # of differences; halved twice by Richardson


class Lowered:
    """What stands in NumPy's place: its functions make lines, its constants are NumPy's."""

    def __init__(self, b: Builder, prefix: str = "") -> None:
        self._b = b
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        lowering = LOWERINGS.get(self._prefix + name)
        if lowering is not None:
            found: Any = functools.partial(lowering, self._b)
            if f"{name}.accumulate" in LOWERINGS:
                found.accumulate = functools.partial(LOWERINGS[f"{name}.accumulate"], self._b)
            return found
        if name in ("linalg", "special"):
            return Lowered(self._b, f"{self._prefix}{name}.")
        return getattr(np, name)

    def read(self, x: Any, key: Any) -> Handle:
        """`x[key]`."""
        return indexing.read(self._b, x, key)

    def write(self, x: Any, key: Any, v: Any) -> Handle:
        """`x` after `x[key] = v`."""
        return indexing.write(self._b, x, key, v)

    def accumulate(self, x: Any, key: Any, v: Any) -> Handle:
        """`x` after `np.add.at(x, key, v)`."""
        return indexing.accumulate(self._b, x, key, v)


def _write(x: Any, key: Any, v: Any) -> Any:
    x = np.array(x)
    x[key] = v
    return x


def _accumulate(x: Any, key: Any, v: Any) -> Any:
    x = np.array(x)
    np.add.at(x, key, v)
    return x


class Plain(SimpleNamespace):
    """NumPy, with reads and writes as functions."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


PLAIN = Plain(read=lambda x, key: x[key], write=_write, accumulate=_accumulate)


class Lines(NamedTuple):
    """An expression as a graph, and the lines of its arguments and results."""

    builder: Builder
    args: list[Handle]
    results: list[Handle]

    def graph(self) -> Graph:
        """The graph of the results."""
        names = [f"f{k}" for k in range(len(self.results))]
        graph = self.builder.graph(
            [x.at for x in self.args], [x.at for x in self.results], names, len(names)
        )
        return graph.keep(graph.ancestors(graph.outputs))

    def weighted(self) -> Graph:
        """The graph of the sum of the results that are floats times weights, which are inputs."""
        terms, inputs = [], [x.at for x in self.args]
        for k, result in enumerate(self.results):
            if result.dtype == FLOAT:
                given, w = _weight(self.builder, f"w{k}", result.shape)
                inputs.append(given.at)
                terms.append(total(w * result))
        found = functools.reduce(lambda one, other: one + other, terms)
        graph = self.builder.graph(inputs, [found.at], ["f"], 1)
        return graph.keep(graph.ancestors(graph.outputs))


def _weight(b: Builder, name: str, shape: Shape) -> tuple[Handle, Handle]:
    """An input, and what is taken of it: a length such as N - 1 cannot be declared."""
    names = [f"{name}_{axis}" for axis in range(len(shape))]
    declared = [
        n if isinstance(n, int) or str(n).isidentifier() else named(own)
        for n, own in zip(shape, names, strict=True)
    ]
    given = w = b.handle(b.input(name, tuple(declared)))
    for axis, length in enumerate(shape):
        if length != declared[axis]:
            w = indexing.read(b, w, (*[slice(None)] * axis, creation.counter(b, length)))
    return given, w


def lines(expression: Expression, *args: Any, shapes: Lengths | None = None) -> Lines:
    """The lines that an expression makes.

    Args:
        expression: takes what stands for NumPy, and the arguments.
        args: arrays; only their kinds and shapes matter.
        shapes: the arguments' shapes, where they have named dimensions: `[("N", 3), ("N",)]`.
    """
    b = Builder(EXACT)
    given = [np.shape(x) for x in args] if shapes is None else shapes
    handles = [
        b.handle(b.input(f"x{k}", tuple(map(_length, shape)), KINDS[np.asarray(x).dtype.kind]))
        for k, (x, shape) in enumerate(zip(args, given, strict=True))
    ]
    found = expression(Lowered(b), *handles)
    results = list(found) if isinstance(found, (list, tuple)) else [found]
    return Lines(b, handles, results)


def _length(length: int | str) -> Dimension:
    return named(length) if isinstance(length, str) else length


def lowered(expression: Expression, *args: Any, shapes: Lengths | None = None) -> ModuleType:
    """The emitted module of an expression's value."""
    return load(lines(expression, *args, shapes=shapes).graph())


def text(expression: Expression, *args: Any, shapes: Lengths | None = None) -> str:
    """The emitted text of an expression's value."""
    return text_of(lines(expression, *args, shapes=shapes).graph())


def value(expression: Expression, *args: Any, shapes: Lengths | None = None) -> list[Any]:
    """What the emitted module computes for an expression, as a list of its results."""
    found = lowered(expression, *args, shapes=shapes).value(*args)
    return list(found) if isinstance(found, tuple) else [found]


def expected(expression: Expression, *args: Any) -> list[Any]:
    """What NumPy computes for an expression, as a list of its results."""
    found = expression(PLAIN, *[np.array(x) for x in args])
    return list(found) if isinstance(found, (list, tuple)) else [found]


def floats(args: Sequence[Any]) -> list[int]:
    """The numbers of the arguments that have derivatives."""
    return [k for k, x in enumerate(args) if np.asarray(x).dtype.kind == "f"]


def weights_of(results: Sequence[Any], seed: int = 1) -> list[Any]:
    """Small whole numbers, for each result that is of floats."""
    rng = np.random.default_rng(seed)
    kept = [x for x in results if np.asarray(x).dtype.kind == "f"]
    return [rng.integers(-4, 5, np.shape(x)).astype(float) for x in kept]


def value_and_gradient(
    expression: Expression, *args: Any, weights: Sequence[Any], shapes: Lengths | None = None
) -> tuple[float, list[Any]]:
    """The weighted sum of an expression's results, and its gradient by the float arguments."""
    graph = lines(expression, *args, shapes=shapes).weighted()
    module = load(graph, [f"x{k}" for k in floats(args)])
    found, gradient = module.value_and_grad(*args, *weights)
    return found, list(gradient) if len(floats(args)) > 1 else [gradient]


def weighted_sum(expression: Expression, args: Sequence[Any], weights: Sequence[Any]) -> float:
    """The same weighted sum in NumPy."""
    results = [x for x in expected(expression, *args) if np.asarray(x).dtype.kind == "f"]
    return sum(float(np.sum(w * x)) for w, x in zip(weights, results, strict=True))


def differences(
    expression: Expression, args: Sequence[Any], weights: Sequence[Any], step: float = 1.0
) -> list[Any]:
    """The gradient by central differences in NumPy; exact for linear functions of whole numbers."""
    found = []
    for k in floats(args):
        entries = np.zeros(np.shape(args[k]))
        for place in np.ndindex(entries.shape):
            ends = []
            for sign in (1.0, -1.0):
                moved = [np.array(x) for x in args]
                moved[k][place] += sign * step
                ends.append(weighted_sum(expression, moved, weights))
            entries[place] = (ends[0] - ends[1]) / (2 * step)
        found.append(entries)
    return found


def richardson(
    expression: Expression, args: Sequence[Any], weights: Sequence[Any], step: float = STEP
) -> list[Any]:
    """The gradient by central differences, extrapolated twice: off by the sixth power of `step`."""
    one, two, three = (differences(expression, args, weights, step / n) for n in (1, 2, 4))
    found = []
    for a, b, c in zip(one, two, three, strict=True):
        first, second = (4 * b - a) / 3, (4 * c - b) / 3
        found.append((16 * second - first) / 15)
    return found


def assert_value(
    expression: Expression, *args: Any, shapes: Lengths | None = None, rtol: float = 0.0
) -> None:
    """The emitted value is NumPy's: number of results, shapes, kinds and elements."""
    got, wanted = value(expression, *args, shapes=shapes), expected(expression, *args)
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype.kind == np.asarray(other).dtype.kind
        scale = np.max(np.abs(other), initial=0.0, where=np.isfinite(other)) if rtol else 0.0
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * scale)


def assert_linear(expression: Expression, *args: Any, shapes: Lengths | None = None) -> None:
    """Value and gradient are NumPy's to the bit, for a linear function of small whole numbers."""
    assert_value(expression, *args, shapes=shapes)
    weights = weights_of(expected(expression, *args))
    if not (floats(args) and weights):
        return
    found, gradient = value_and_gradient(expression, *args, weights=weights, shapes=shapes)
    assert found == weighted_sum(expression, args, weights)
    for one, other in zip(gradient, differences(expression, args, weights), strict=True):
        np.testing.assert_array_equal(one, other)


def assert_smooth(
    expression: Expression,
    *args: Any,
    shapes: Lengths | None = None,
    rtol: float = 1e-13,
    gradient_rtol: float = 1e-8,
    step: float = STEP,
) -> None:
    """Value and gradient are NumPy's, the gradient by Richardson's differences."""
    assert_value(expression, *args, shapes=shapes, rtol=rtol)
    weights = weights_of(expected(expression, *args))
    _, gradient = value_and_gradient(expression, *args, weights=weights, shapes=shapes)
    for one, other in zip(gradient, richardson(expression, args, weights, step), strict=True):
        scale = np.max(np.abs(other), initial=1.0)
        np.testing.assert_allclose(one, other, rtol=gradient_rtol, atol=gradient_rtol * scale)


def whole_numbers(*shapes: tuple[int, ...], seed: int = 0) -> list[Any]:
    """Arrays of small whole numbers, as floats."""
    rng = np.random.default_rng(seed)
    return [rng.integers(-9, 10, shape).astype(float) for shape in shapes]

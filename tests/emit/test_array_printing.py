"""What the bodies of functions of arrays say: constants, broadcasts, and writes in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.dialect import ARRAYS
from symdiff.emit.names import Names
from symdiff.emit.printed import print_graph
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, INT
from symdiff.graph.shape import named
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.control import equal, where
from symdiff.ops.creation import as_float32, stop
from symdiff.ops.exponential import exp
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import put, put_add, slice_of, sliced
from symdiff.ops.joining import concatenated
from symdiff.ops.kinks import maximum
from symdiff.ops.reduction import broadcast_to, broadcast_together, total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshaped, transposed
from tests.compiled import load
from tests.evaluate import array_outputs

N = named("N")


def graph(function: Callable[..., Any], **shapes: Any) -> Graph:
    """A function of handles; several outputs where it gives a tuple."""
    b = Builder(EXACT)
    inputs = [b.handle(b.input(name, shape)) for name, shape in shapes.items()]
    found = function(*inputs)
    outputs = found if isinstance(found, tuple) else (found,)
    names = [f"f{i}" for i in range(len(outputs))]
    made = b.graph([x.at for x in inputs], [y.at for y in outputs], names, primal=len(outputs))
    return made.keep(made.ancestors(made.outputs))


def printed(function: Callable[..., Any], **shapes: Any) -> list[str]:
    """The statements and the results."""
    made = graph(function, **shapes)
    parameters = {name: name for name in made.input_names}
    found = print_graph(made, ARRAYS, parameters, Names(parameters))
    return [*found.lines, *found.results]


def full(x: Handle, value: float, shape: Any, kind: str = "float64") -> Handle:
    """A constant array."""
    return x.builder.handle(x.builder.full(value, shape, kind))  # type: ignore[attr-defined]


# --- constants ---------------------------------------------------------------------------------

CONSTANTS = [
    (0.0, (3,), "float64", "np.zeros(3)"),
    (1.0, (2, 3), "float64", "np.ones((2, 3))"),
    (-0.0, (3,), "float64", "np.full(3, -0.0)"),
    (2.5, (3,), "float64", "np.full(3, 2.5)"),
    (float("-inf"), (3,), "float64", "np.full(3, -np.inf)"),
    (0.0, (3,), INT, "np.zeros(3, int)"),
    (-7.0, (3,), INT, "np.full(3, -7, int)"),
    (1.0, (3,), BOOL, "np.ones(3, bool)"),
    (0.0, (), "float64", "0.0"),
    (3.0, (), INT, "3"),
    (1.0, (), BOOL, "True"),
]


@pytest.mark.parametrize(("value", "shape", "kind", "text"), CONSTANTS)
def test_constant(value: float, shape: Any, kind: str, text: str) -> None:
    assert printed(lambda x: full(x, value, shape, kind), x=(3,)) == [text]
    made = np.asarray(load(graph(lambda x: full(x, value, shape, kind), x=(3,))).value(np.ones(3)))
    assert (made.shape, made.dtype) == (shape, kind)
    assert np.array_equal(made, np.full(shape, value).astype(kind))


def test_function_of_numbers_alone_keeps_its_shape() -> None:
    """The logarithm of 0 is not folded: it is no finite number."""
    function = graph(lambda x: x * OPERATIONS["log"](full(x, 0.0, (3,))), x=(3,))
    assert np.array_equal(load(function).value(np.ones(3)), np.full(3, -np.inf))
    alone = graph(lambda x: OPERATIONS["log"](full(x, 0.0, (3,))), x=(3,))
    assert np.array_equal(load(alone).value(np.ones(3)), np.full(3, -np.inf))
    summed = graph(lambda x: total(OPERATIONS["log"](full(x, 0.0, (3,)))), x=(3,))
    assert load(summed).value(np.ones(3)) == -np.inf


# --- broadcasts --------------------------------------------------------------------------------


def scaled(x: Handle, s: Handle) -> Handle:
    return x * broadcast_to(s, x.shape)


BROADCASTS: list[tuple[Callable[..., Any], dict[str, Any], list[str]]] = [
    (scaled, {"x": (3,), "s": ()}, ["x * s"]),
    (scaled, {"x": (2, 3), "s": (3,)}, ["x * s"]),
    (
        lambda x, y: exp(reshaped(broadcast_to(y, x.shape), (6,))),
        {"x": (2, 3), "y": (3,)},
        ["np.exp(np.broadcast_to(y, (2, 3)).reshape(-1))"],
    ),
    (
        lambda x, s: (scaled(x, s), broadcast_to(s, x.shape)),
        {"x": (3,), "s": ()},
        ["broadcast_s = np.broadcast_to(s, (3,))", "x * broadcast_s", "broadcast_s.copy()"],
    ),
]


def sum_of(x: Handle, y: Handle) -> Handle:
    a, b = broadcast_together(x, y)
    return a + b


@pytest.mark.parametrize(("function", "shapes", "lines"), BROADCASTS)
def test_broadcast_is_written_where_it_is_needed(
    function: Callable[..., Any], shapes: dict[str, Any], lines: list[str]
) -> None:
    assert printed(function, **shapes) == lines


def test_broadcast_of_both_arguments_is_silent_where_they_span_the_shape() -> None:
    assert printed(sum_of, x=(4, 1), y=(1, 3)) == ["x + y"]
    made = graph(lambda x, y: total(sum_of(x, y), 0), x=(4, 1), y=(1, 3))
    x, y = np.arange(4.0).reshape(4, 1), np.arange(3.0).reshape(1, 3)
    assert np.array_equal(load(made).value(x, y), (x + y).sum(0))


SHAPES_KEPT: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (lambda x, s: total(exp(broadcast_to(s, x.shape)) + 0.0 * x, 1), {"x": (3, 4), "s": ()}),
    (lambda x, s: total(where(equal(broadcast_to(s, x.shape), 1.0), 1.0, 2.0)), {"x": (3,), "s": ()}),  # noqa: E501
    (lambda x, s: transposed(as_float32(broadcast_to(s, x.shape))), {"x": (3, 4), "s": (4,)}),
    (lambda x, s: concatenated([x, broadcast_to(s, x.shape)], 0), {"x": (3,), "s": ()}),
    (lambda x, s: maximum(broadcast_to(s, x.shape), 0.5) * x, {"x": (2, 3), "s": (3,)}),
    (lambda x, s: contracted(x, broadcast_to(s, x.shape), "ij,ij->i"), {"x": (2, 3), "s": (3,)}),
    (lambda x, s: total(broadcast_to(stop(s), x.shape)), {"x": (2, 3), "s": ()}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "shapes"), SHAPES_KEPT)
def test_results_have_the_shape_of_their_line(
    function: Callable[..., Any], shapes: dict[str, Any]
) -> None:
    made = graph(function, **shapes)
    rng = np.random.default_rng(0)
    point = {name: np.asarray(rng.normal(size=shape)) for name, shape in shapes.items()}
    got, (wanted,) = load(made).value(*point.values()), array_outputs(made, point)
    assert np.shape(got) == wanted.shape
    assert np.allclose(got, wanted)


# --- writes in place ---------------------------------------------------------------------------

FIRST_TWO, LAST_TWO = slice_of((4,), 0, 0, 2), slice_of((4,), 0, 2, 2)


def chain(x: Handle, a: Handle) -> Handle:
    """Two writes one after the other, nothing else reads what stands between."""
    first = put(exp(x), a, params=(FIRST_TWO,))
    return put_add(first, a, params=(LAST_TWO,))


def read_between(x: Handle, a: Handle) -> Handle:
    """What stands between is read later: it must be kept."""
    first = put(exp(x), a, params=(FIRST_TWO,))
    return put(first, a * a, params=(LAST_TWO,)) * first


def into_input(x: Handle, a: Handle) -> Handle:
    return put(x, a, params=(FIRST_TWO,))


def into_view(x: Handle, a: Handle) -> Handle:
    return put(sliced(x, 0, 0, 4, 1) if x.shape != (4,) else reshaped(x, (4,)), a,
               params=(FIRST_TWO,))  # fmt: skip


def into_view_of_a_line(x: Handle, a: Handle) -> Handle:
    """A view of a line that is used again."""
    y = exp(x)
    return total(put(transposed(reshaped(y, (2, 2))), reshaped(a, (1, 2)),
                     params=((("slice", 0, 1, 1), ("slice", 0, 2, 1)),))) * total(y)  # fmt: skip


def reads_itself(x: Handle, a: Handle) -> Handle:
    y = exp(x)
    return put(y, sliced(y, 0, 2, 2) + a, params=(FIRST_TWO,))


def twice_from_zeros(x: Handle, a: Handle) -> Handle:
    """Two arrays that both begin as zeros."""
    zeros = full(x, 0.0, (4,))
    return put(zeros, a, params=(FIRST_TWO,)) + put(zeros, a, params=(LAST_TWO,)) * x


def both_out(x: Handle, a: Handle) -> tuple[Handle, Handle]:
    """The array before and after a write."""
    y = exp(x)
    return y, put(y, a, params=(FIRST_TWO,))


WRITES = [
    chain, read_between, into_input, into_view, into_view_of_a_line, reads_itself,
    twice_from_zeros, both_out,
]  # fmt: skip


@pytest.mark.parametrize("function", WRITES, ids=lambda f: f.__name__)
def test_writes_change_nothing_else(function: Callable[..., Any]) -> None:
    made = graph(function, x=(4,), a=(2,))
    module = load(made)
    point = {"x": np.array([0.5, -1.0, 2.0, 0.25]), "a": np.array([3.0, -4.0])}
    wanted = array_outputs(made, point)
    for _ in range(2):
        got = module.value(*[x.copy() for x in point.values()])
        got = got if isinstance(got, tuple) else (got,)
        for one, right in zip(got, wanted, strict=True):
            assert np.allclose(one, right)
    args = [x.copy() for x in point.values()]
    module.value(*args)
    assert all(np.array_equal(x, y) for x, y in zip(args, point.values(), strict=True))


def test_a_chain_of_writes_is_written_in_place() -> None:
    lines = printed(chain, x=(4,), a=(2,))
    assert lines == ["v = np.exp(x)", "v[:2] = a", "v[2:] += a", "v"]


def test_a_write_into_an_input_is_into_a_copy() -> None:
    assert printed(into_input, x=(4,), a=(2,)) == ["v = x.copy()", "v[:2] = a", "v"]


def test_writes_at_index_arrays() -> None:
    def scatter(x: Handle, v: Handle) -> Handle:
        b = x.builder
        i = Handle(b, b.make("arange", (), (2,)))
        return put_add(exp(x), v, i, params=((("array", 0),),))

    made = graph(scatter, x=(4,), v=(2,))
    point = {"x": np.zeros(4), "v": np.array([1.0, 2.0])}
    assert np.array_equal(load(made).value(*point.values()), [2.0, 3.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda y: np.array([y[1], -y[0]]), "np.array([y[1], -y[0]])"),
        (lambda y: np.array([[y[1], 2.0], [0.0, y[0]]]), "np.array([[y[1], 2.0], [0.0, y[0]]])"),
        (lambda y: np.array([y[1:], y[:2]]), "np.array([y[1:], y[:2]])"),
        (lambda y: np.stack((y[1:], y[:2])), "np.array([y[1:], y[:2]])"),
        (lambda y: np.stack((y[1:], y[:2]), axis=1), "np.stack((y[1:], y[:2]), 1)"),
    ],
)
def test_array_literals_stay_literals(function: Callable[..., Any], text: str) -> None:
    made = sd.function(function, shapes={"y": (3,)})
    assert f"return {text}\n" in made.emit()
    y = np.array([0.5, -2.0, 3.0])
    assert np.array_equal(made(y), function(y))
    by_y = made.jacobian()(y)
    step = 1e-30j * np.eye(3)
    assert np.allclose(by_y, np.stack([function(y + e).imag / 1e-30 for e in step], -1))


def test_named_lengths() -> None:
    def function(x: Handle) -> Handle:
        zeros = full(x, 0.0, (N,))
        tail = sliced(x, 0, 1, N - 1)
        return put(zeros, tail, params=(slice_of((N,), 0, 0, N - 1),))

    module = load(graph(function, x=(N,)))
    for n in (1, 2, 5):
        x = np.arange(1.0, n + 1.0)
        assert np.array_equal(module.value(x), [*x[1:], 0.0])


def test_arrays_that_are_known_stand_outside_of_the_bodies() -> None:
    """A body would make them anew at each call. A result is a copy: the module keeps its own."""
    weights, places = np.arange(24.0).reshape(4, 6) ** 2 / 7.0, np.array([3, 1, 3])

    def f(x):
        return (weights @ x)[places].sum() + x[places].sum()

    made = sd.function(f, shapes={"x": (6,)}).grad()
    text = made.emit()
    assert text.count("0.0, 0.14") == 1
    assert text.count("np.array([3, 1, 3])") == 1
    assert max(map(len, text.splitlines())) <= 100
    x = np.linspace(-1.0, 1.0, 6)
    by_hand = weights[places].sum(axis=0) + np.bincount(places, minlength=6)
    assert made(x) == pytest.approx(by_hand, rel=1e-14)

    constant = sd.function(lambda x: (x.sum(), weights), shapes={"x": (6,)}).load()
    first = constant.value(x)[1]
    first[:] = -1.0
    assert (constant.value(x)[1] == weights).all()

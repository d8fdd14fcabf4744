"""Loops that a test ends: what a legal one is, and what it computes."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.errors import ShapeError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import found_lengths
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dimension, named
from symdiff.ops.builder import Builder
from symdiff.ops.control import (
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
)
from symdiff.ops.handle import Handle
from symdiff.ops.loops import Layout, loop
from symdiff.ops.rules import EXACT
from symdiff.ops.steps import most_steps
from tests.while_loops import CASES, Lines, made, number, repeated, traced


@pytest.mark.parametrize("name", CASES)
def test_value_is_that_of_the_loop(name: str) -> None:
    case, value = CASES[name], made(name)
    for point in case.points:
        np.testing.assert_allclose(value(*point), case.twin(*map(np.asarray, point)), rtol=1e-14)


def _step() -> Graph:
    return traced(lambda a, x: x * a, {"a": ((), FLOAT), "x": ((), FLOAT)}, ["x"])


def _test(lines: Lines, names: tuple[str, ...] = ("a", "x")) -> Graph:
    return traced(lines, dict.fromkeys(names, ((), FLOAT)), ["goes_on"])


def _is_small(*args: Handle) -> Handle:
    return less(args[-1], number(args[-1], 2.0))


@pytest.mark.parametrize(
    ("test", "length", "reason"),
    [
        (_test(lambda a, x: x), named("n"), "no truth"),
        (_test(_is_small, ("x",)), named("n"), "argument"),
        (_test(_is_small), 3, "named length"),
        (_test(_is_small), named("n") + 1, "named length"),
    ],
)
def test_loop_that_is_none_is_refused(test: Graph, length: Dimension, reason: str) -> None:
    builder = Builder(EXACT)
    args = [builder.handle(builder.input(name)) for name in "ax"]
    with pytest.raises((ShapeError, ValueError), match=reason):
        loop(builder, _step(), args, length=length, constants=1, carries=1, test=test)


def test_constant_that_the_test_alone_reads_is_kept() -> None:
    builder = Builder(EXACT)
    args = [builder.handle(builder.input(name)) for name in "abcx"]
    kinds = dict.fromkeys("abcx", ((), FLOAT))
    whole = loop(
        builder,
        traced(lambda a, b, c, x: x * a, kinds, ["x"]),
        args,
        length=named("n"),
        constants=3,
        carries=1,
        test=traced(lambda a, b, c, x: less(x, c), kinds, ["goes_on"]),
    )
    layout = Layout.of(whole.params)
    assert layout.test is not None
    assert layout.graph.input_names == layout.test.input_names == ("a", "c", "x")
    assert found_lengths(builder.graph([], [], [], primal=0)) == ["n"]


def _counted(test: Lines, by: float, start: float, *, is_down: bool = False) -> int | None:
    """The bound of a loop that counts, and stops besides where x is large."""

    def lines(x: Handle) -> Handle:
        def step(x: Handle, k: Handle) -> tuple[Handle, Handle]:
            return x * 1.5, k - by if is_down else k + by

        return repeated(step, test, {}, {"x": x, "k": number(x, start)})[0]

    graph = traced(lines, {"x": ((), FLOAT)}, ["y"])
    (node,) = [node for node in graph.nodes if node.op == "scan"]
    return most_steps(Layout.of(node.params), [graph[at] for at in node.args])


def _both(k: Handle, x: Handle) -> Handle:
    return logical_and(k, less(x, number(x, 1e9)))


@pytest.mark.parametrize(
    ("test", "by", "start", "most"),
    [
        (lambda x, k: _both(less(k, number(k, 50.0)), x), 1.0, 0.0, 50),
        (lambda x, k: _both(less_equal(k, number(k, 50.0)), x), 1.0, 1.0, 50),
        (lambda x, k: _both(greater(number(k, 9.5), k), x), 2.0, 0.0, 5),
        (lambda x, k: logical_not(greater_equal(k, number(k, 7.0))), 1.0, 0.0, 7),
        (lambda x, k: less(k, number(k, 50.0)), 1.0, 60.0, 0),
        (lambda x, k: less(k, number(k, 50.0)), -1.0, 0.0, None),
        (lambda x, k: less(k, number(k, 1.0)), 0.1, 0.0, None),  # sums of 0.1 are rounded
        (lambda x, k: less(k, x), 1.0, 0.0, None),
        (lambda x, k: logical_not(_both(less(k, number(k, 50.0)), x)), 1.0, 0.0, None),
    ],
)
def test_bound_on_steps(test: Lines, by: float, start: float, most: int | None) -> None:
    assert _counted(test, by, start) == most


def test_bound_on_steps_down() -> None:
    test: Lines = lambda x, k: greater(k, number(k, 0.0))  # noqa: E731
    assert _counted(test, 2.0, 9.0, is_down=True) == 5


def test_test_counts_as_work() -> None:
    assert made("newton").ops == 3 + 5 + 1  # of a step, before it, and what is left

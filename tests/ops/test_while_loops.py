"""Loops that a test ends: what a legal one is, and what it computes."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.errors import ShapeError
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dimension, named
from symdiff.ops.builder import Builder
from symdiff.ops.control import less
from symdiff.ops.handle import Handle
from symdiff.ops.loops import Layout, bound_lengths, loop
from symdiff.ops.rules import EXACT
from tests.while_loops import CASES, Lines, made, number, traced


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
    assert bound_lengths(builder.graph([], [], [], primal=0)) == ["n"]

"""Linear inequalities between whole numbers, against a search through small ones."""

from __future__ import annotations

import itertools
import random

import pytest

from symdiff.graph.inequalities import is_impossible
from symdiff.graph.shape import Dimension, evaluate, named

N, M = named("n"), named("m")
P, Q = named("_i"), named("_j")  # may be 0


def test_what_has_no_solution() -> None:
    assert is_impossible([N - 1, -N])
    assert is_impossible([P - 1, -P])
    assert is_impossible([Q - P, P - Q - 1])
    assert is_impossible([P, N - P - 1, P - N])
    assert is_impossible([2 * P - 2 * Q - 1, 2 * Q - 2 * P + 1])  # an even number is no odd one
    assert is_impossible([-1])
    assert is_impossible([-(N * M)])


def test_what_has_one() -> None:
    assert not is_impossible([])
    assert not is_impossible([-P])
    assert not is_impossible([P - Q, Q - P])
    assert not is_impossible([P, N - P - 1])


@pytest.mark.parametrize("seed", range(200))
def test_nothing_that_has_a_solution_is_impossible(seed: int) -> None:
    generator = random.Random(seed)
    names = (N, P, Q)
    system: list[Dimension] = []
    for _ in range(generator.randint(1, 6)):
        expression: Dimension = generator.randint(-4, 4)
        for name in names:
            expression = name * generator.randint(-2, 2) + expression
        system.append(expression)
    values = itertools.product(range(1, 7), range(7), range(7))
    solved = any(
        all(evaluate(e, {"n": n, "_i": i, "_j": j}) >= 0 for e in system) for n, i, j in values
    )
    if solved:
        assert not is_impossible(system)

"""Bounds of lengths that steps of loops give their numbers."""

from __future__ import annotations

import itertools

import pytest

from symdiff.graph.shape import Dimension, evaluate, most_within, named

N, M, i, j = (named(name) for name in ("N", "M", "_i", "_j"))
RANGES = {"_i": (0, N - 1), "_j": (i + 1, N - 1)}
LENGTHS: list[Dimension] = [
    3,
    N - 2,
    i,
    N - 1 - i,
    j - i,
    N - j,
    i * (N - i),
    j * i - i + 2,
    N * M - N - i * M,
    i * -1 - 1,
]


@pytest.mark.parametrize("length", LENGTHS, ids=str)
def test_an_upper_bound_holds_for_all_numbers(length: Dimension) -> None:
    most = most_within(length, RANGES)
    for n, m in itertools.product(range(6), repeat=2):
        bound = evaluate(most, {"N": n, "M": m})
        assert bound >= 0
        for a in range(n):
            for b in range(a + 1, n):
                known = {"N": n, "M": m, "_i": a, "_j": b}
                assert evaluate(length, known) <= bound


def test_an_upper_bound_is_near() -> None:
    assert most_within(N - i, RANGES) == N
    assert most_within(j - i, RANGES) == N
    assert most_within(i - N, RANGES) == 0
    assert most_within(named("_k"), {"_k": (0, 2)}) == 2

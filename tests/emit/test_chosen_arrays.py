"""Arrays that a branch chooses, of which one is a number that is repeated, in compiled targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.emit.compilers import COMPILED_TARGETS


def exchanged(x: Any) -> Any:
    u, v = x.copy(), np.ones(3) * x[0]
    for element in x[:2]:
        if element > 0.5:
            u, v = v, u
    return np.sum(np.sin(v)) + u[2]


def filled(x: Any) -> Any:
    v = x * 2.0
    for element in x:
        if element > 0.3:
            v.fill(abs(element))
            v[x > 0.6] *= 0.5
    return np.sum(np.sin(v) * np.arange(3.0))


def repeated_row(x: Any) -> Any:
    table = np.outer(x, x)
    for element in x:
        if element > 0.3:
            table = np.zeros((3, 3)) + x * element
    return np.sum(np.cos(table) * np.arange(9.0).reshape(3, 3))


@pytest.mark.parametrize("target", COMPILED_TARGETS)
@pytest.mark.parametrize("loops", ["roll", "unroll"])
@pytest.mark.parametrize("program", [exchanged, filled, repeated_row], ids=lambda f: f.__name__)
def test_what_a_branch_chooses(program: Any, loops: Any, target: str) -> None:
    taken = sd.value_and_grad(program, loops=loops, target=target)
    for x in np.array([[0.1, 0.2, 0.7], [0.9, 0.2, 0.4], [0.2, 0.8, 0.1], [0.8, 0.9, 0.7]]):
        value, gradient = taken(x)
        assert value == pytest.approx(program(x), rel=1e-13)
        way = np.array([0.3, -0.5, 0.8]) * 1e-6
        slope = (program(x + way) - program(x - way)) / 2
        assert gradient @ way == pytest.approx(slope, rel=1e-6, abs=1e-14)

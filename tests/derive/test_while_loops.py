"""Derivatives of loops that a test ends: those of the steps that are done, as written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from symdiff.api import Function
from symdiff.derive.inline import inlined
from symdiff.errors import UnsupportedError
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from tests.while_loops import CASES, function, made, newton_twin

STEP = 1e-200  # of the imaginary part, which no test looks at
DIFFERENCE = 1e-7  # of gradients that are exact but for rounding


def _seeds(point: list[np.ndarray[Any, Any]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each element of each argument."""
    for number, x in enumerate(point):
        for place in np.ndindex(x.shape):
            yield number, place


def _moved(point: list[Any], at: tuple[int, tuple[int, ...]], by: complex) -> list[Any]:
    number, place = at
    moved = [np.array(x, complex) for x in point]
    moved[number][place] += by
    return [x[()] for x in moved]


def _gradient(twin: Any, point: list[Any]) -> list[Any]:
    """By the complex step, with the same number of steps."""
    found = [np.zeros(x.shape) for x in point]
    for at in _seeds(point):
        found[at[0]][at[1]] = twin(*_moved(point, at, STEP * 1j)).imag / STEP
    return found


def _slope_of_gradient(twin: Any, point: list[Any], direction: list[Any]) -> list[Any]:
    """The Hessian times a direction, by central differences of the complex step."""
    ends = []
    for sign in (1, -1):
        moved = [x + sign * DIFFERENCE * d for x, d in zip(point, direction, strict=True)]
        ends.append(_gradient(twin, moved))
    return [(a - b) / (2 * DIFFERENCE) for a, b in zip(*ends, strict=True)]


def _tuple(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


EVERY = [(name, k) for name, case in CASES.items() for k in range(len(case.points))]


@pytest.mark.parametrize(("name", "k"), EVERY)
def test_gradient_is_that_of_the_steps(name: str, k: int) -> None:
    case = CASES[name]
    point = [np.asarray(x, float) for x in case.points[k]]
    value, gradient = made(name).value_and_grad()(*point)
    np.testing.assert_allclose(value, case.twin(*point), rtol=1e-13)
    for found, expected in zip(_tuple(gradient), _gradient(case.twin, point), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("name", "k"), EVERY)
def test_forward_mode_agrees(name: str, k: int) -> None:
    case = CASES[name]
    point = [np.asarray(x, float) for x in case.points[k]]
    rng = np.random.default_rng(3)
    direction = [rng.normal(size=x.shape) for x in point]
    value, slope = made(name).jvp()(*point, *direction)
    expected = sum(
        np.sum(a * d) for a, d in zip(_gradient(case.twin, point), direction, strict=True)
    )
    np.testing.assert_allclose(value, case.twin(*point), rtol=1e-13)
    np.testing.assert_allclose(slope, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "k"), EVERY)
def test_second_derivatives(name: str, k: int) -> None:
    case = CASES[name]
    point = [np.asarray(x, float) for x in case.points[k]]
    rng = np.random.default_rng(4)
    direction = [rng.normal(size=x.shape) for x in point]
    function = made(name)
    found = _tuple(function.hvp()(*point, *direction))
    expected = _slope_of_gradient(case.twin, point, direction)
    scale = max([1.0, *[np.max(np.abs(e)) for e in expected]])
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7 * scale)


def test_functions_put_in_twice_keep_their_steps_apart() -> None:
    root = made("newton").primal

    def lines(x: Handle, y: Handle) -> Handle:
        builder = cast("Builder", x.builder)
        (a,), (b,) = inlined(root, builder, [x]), inlined(root, builder, [y])
        (c,) = inlined(root, builder, [a * b])
        (again,) = inlined(root, builder, [x])
        assert again.at == a.at
        return a + b * c

    def twin(x: Any, y: Any) -> Any:
        a, b = newton_twin(x), newton_twin(y)
        return a + b * newton_twin(a * b)

    value, gradient = function(lines, {"x": (), "y": ()}).value_and_grad()(2.0, 300.0)
    point = [np.asarray(2.0), np.asarray(300.0)]
    np.testing.assert_allclose(value, twin(*point), rtol=1e-14)
    np.testing.assert_allclose(gradient, _gradient(twin, point), rtol=1e-12)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_sparse_and_dense_hessian_agree(mode: str) -> None:
    case, one = CASES["fixed_point"], made("fixed_point")
    a, b = case.points[0]
    expected = np.stack(
        [
            _slope_of_gradient(case.twin, [a, b], [np.zeros_like(a), row])[1]
            for row in np.eye(len(b))
        ]
    )
    found = one.grad("b").jacobian("b", mode=mode)(a, b)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    entries, (rows, columns) = one.hessian("b", sparse=True)(a, b)
    np.testing.assert_allclose(entries, expected[rows, columns], rtol=1e-6, atol=1e-6)


def test_batch_is_refused() -> None:
    one = made("fixed_point")
    origin = replace(one.origin, batch=True)
    with pytest.raises(UnsupportedError, match="a batch of a loop that goes on"):
        Function(one.primal, origin, one.verb, one.wrt).emit()

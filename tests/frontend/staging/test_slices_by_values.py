"""Slices and ranges whose bounds are numbers of an array: their loops stay loops."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

N = 12
PROGRAMS: list[Callable[[Any, Any], Any]] = []
STARTS = {
    "rows": np.array([0, 2, 2, 3, 7, 10, 12]),
    "from the end, beyond it and backwards": np.array([0, -3, 5, 20, 1, -1, 9, -15, 3]),
    "of 32 bits": np.array([1, 4, 5, 9, 12], np.int32),
}


def program(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    PROGRAMS.append(function)
    return function


@program
def sparse_product(x: Any, starts: Any) -> Any:
    y = np.zeros(starts.size - 1)
    for i in range(starts.size - 1):
        part = slice(starts[i], starts[i + 1])
        y[i] = x[part] @ np.cos(x)[part]
    return np.sum(y**2)


@program
def squares_of_sums(x: Any, starts: Any) -> Any:
    total = 0.0
    for first, last in zip(starts[:-1], starts[1:], strict=True):  # noqa: RUF007  by slices
        total = total + np.exp(x[first:last]).sum() ** 2
    return total


@program
def written(x: Any, starts: Any) -> Any:
    y = np.zeros(x.size)
    for i in range(starts.size - 1):
        y[starts[i] : starts[i + 1]] += x[starts[i] : starts[i + 1]] ** 2 * (i + 1)
    return np.sum(y * np.arange(x.size))


@program
def doubled_in_a_while(x: Any, starts: Any) -> Any:
    x, i = x.copy(), 0
    while i < starts.size - 1:
        x[starts[i] : starts[i + 1]] *= 2.0
        i += 1
    return np.sum(x**2)


@program
def of_a_matrix(x: Any, starts: Any) -> Any:
    a, total = np.outer(x, np.sin(x)), 0.0
    for i in range(starts.size - 1):
        part = a[i, starts[i] : starts[i + 1]]
        total = total + np.sum(part**2) * np.max(part, initial=-5.0) + a[starts[i] :, i].sum()
        total = total + a[None, ..., : starts[i]].mean(axis=1).sum()
    return total


@program
def window(x: Any, starts: Any) -> Any:
    total = 0.0 * starts[0]
    for i in range(x.size):
        total = total + np.mean(x[np.maximum(0, i - 2) : i + 3]) ** 2
    return total


@program
def by_a_difference(x: Any, starts: Any) -> Any:
    total = 0.0
    for i in range(starts.size - 1):
        n = starts[i + 1] - starts[i]
        total = total + np.sum(x[:n]) ** 2
    return total


@program
def elements_of_rows(x: Any, starts: Any) -> Any:
    total = 0.0
    for i in range(starts.size - 1):
        for j in range(starts[i], starts[i + 1]):
            total = total + x[j % x.size] ** 2 * x[i]
    return total


@program
def items_of_a_slice(x: Any, starts: Any) -> Any:
    total = 0.0
    for i in range(starts.size - 1):
        for item in x[starts[i] : starts[i + 1]]:
            total = total + item**3 * x[i]
    return total


def x_of(seed: int = 0) -> Any:
    return np.random.default_rng(seed).uniform(0.5, 1.5, N)


def differences(function: Callable[[Any, Any], Any], x: Any, starts: Any) -> Any:
    step = 1e-6 * np.eye(x.size)
    return np.array([(function(x + h, starts) - function(x - h, starts)) / 2e-6 for h in step])


@pytest.mark.parametrize("starts", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("function", PROGRAMS)
def test_gradient_is_that_of_differences(function: Any, starts: Any) -> None:
    x = x_of()
    value, gradient = sd.value_and_grad(function)(x, starts)
    assert value == pytest.approx(function(x, starts), rel=1e-12)
    np.testing.assert_allclose(gradient, differences(function, x, starts), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("function", PROGRAMS)
def test_second_derivative_is_that_of_differences(function: Any) -> None:
    x, starts, slopes = x_of(), STARTS["rows"], sd.grad(function)
    found = sd.hvp(function)(x, starts, np.ones(N))
    wanted = (slopes(x + 1e-6, starts) - slopes(x - 1e-6, starts)) / 2e-6
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_loop_reads_as_it_was_written() -> None:
    slopes = sd.value_and_grad(squares_of_sums)
    slopes(x_of(), STARTS["rows"])
    text = slopes.emit()
    value = text[text.index("def _value(") : text.index("def _value_and_grad")]
    assert "np.exp(x[start:stop]).sum()" in value
    assert re.search(r"start = min\(max\(.*, 0\), stop\)", value)


def test_another_call_has_other_bounds() -> None:
    slopes, x = sd.grad(squares_of_sums), x_of()
    slopes(x, STARTS["rows"])
    starts = np.array([1, 12, 3, 4, 4, 8, 9])
    np.testing.assert_allclose(
        slopes(x, starts), differences(squares_of_sums, x, starts), rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("function", [sparse_product, squares_of_sums, written, window])
def test_c_has_memory_for_the_longest(function: Any) -> None:
    x = x_of()
    slopes = sd.value_and_grad(function, target="c")
    for starts in (STARTS["rows"], np.array([0, -3, 5, 20, 1, -1, 9])):
        value, gradient = slopes(x, starts)
        assert value == pytest.approx(function(x, starts), rel=1e-12)
        np.testing.assert_allclose(gradient, sd.grad(function)(x, starts), rtol=1e-12)


# --- outside of loops ----------------------------------------------------------------------------


def of_one_slice(x: Any, starts: Any) -> Any:
    return np.mean(x[starts[0] : starts[4]] ** 2) + np.sum(np.sin(x[starts[3] :]))


def of_a_count(x: Any, starts: Any) -> Any:
    k = int(np.sum(x)) - starts[0] - 4
    return np.sum(x[:k] ** 3) * k


def of_a_way(x: Any, starts: Any) -> Any:
    k = starts[3] if x[0] > 0.9 else starts[2]
    return x[:k] @ x[:k]


def of_what_is_found(x: Any, starts: Any) -> Any:
    k = np.searchsorted(np.arange(1.0, 14.0), 4 * x[0]) + starts[0]
    y = x.copy()
    y[k:] *= 3.0
    return np.sum(y**2)


@pytest.mark.parametrize("function", [of_one_slice, of_a_count, of_a_way, of_what_is_found])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_bounds_outside_of_a_loop(function: Any, seed: int) -> None:
    x, starts = x_of(seed), STARTS["rows"]
    value, gradient = sd.value_and_grad(function)(x, starts)
    assert value == pytest.approx(function(x, starts), rel=1e-12)
    np.testing.assert_allclose(gradient, differences(function, x, starts), rtol=1e-6, atol=1e-6)


def test_place_beyond_a_slice_is_an_error_as_in_numpy() -> None:
    def fourth(x: Any, starts: Any) -> Any:
        return x[starts[0] : starts[1]][3] ** 2

    def last(x: Any, starts: Any) -> Any:
        return x[starts[0] : starts[1]][-1] ** 2

    assert sd.value_and_grad(last)(x_of(), np.array([2, 5]))[0] == x_of()[4] ** 2
    for function in (fourth, last):
        for starts in (np.array([5, 2]), np.array([0, 0])):
            with pytest.raises(IndexError):
                function(x_of(), starts)
            with pytest.raises(IndexError):
                sd.grad(function)(x_of(), starts)


def test_result_of_unknown_length_is_refused() -> None:
    with pytest.raises(sd.UnsupportedError, match="length that values decide"):
        sd.jacobian(lambda x, starts: x[: starts[0]] ** 2)(x_of(), STARTS["rows"])


def test_floats_are_no_bounds() -> None:
    with pytest.raises(TypeError, match="slice indices must be integers"):
        sd.grad(lambda x: np.sum(x[: x[0]]))(x_of())


# --- bounds that are computed of floats and of what a loop carries --------------------------------


class TooLargeError(Exception):
    """A class that no emitted module knows."""


def checked(x: Any) -> Any:
    k = int(np.floor(x[0] * 3))
    part = x[k : k + 2]
    if np.all(part > 9.0):
        raise ValueError(f"too large: {part[0]}")
    return np.sum(part**3)


def along_a_way(x: Any) -> Any:
    k = int(np.floor(x[0] * 3))
    part = x[k : k + 2]
    if np.all(part > 9.0):
        raise TooLargeError("too large")
    return np.sum(part**3) + np.linalg.norm(part) ** 2


def carried(x: Any) -> Any:
    total, k, count = 0.0, 0, 1
    for _ in range(300):
        total = total + np.sum(x[k : k + count] ** 2) * 0.01
        k, count = (k + count) % 7, (count * 5 + k) % 4
    return total


def read_by_a_test(x: Any) -> Any:
    total, k = 0.0, 0
    while np.sum(x[k : k + 3]) * total < 50.0:
        total = total + np.sum(x[1:4] ** 2) * 0.1
        k = (k + 5) % 7
    return total


@pytest.mark.filterwarnings("ignore:.*traced along the way")
@pytest.mark.parametrize("function", [checked, along_a_way, carried, read_by_a_test])
def test_bounds_that_are_computed(function: Any) -> None:
    x = np.linspace(0.4, 2.0, N)
    value, gradient = sd.value_and_grad(function)(x)
    assert value == pytest.approx(function(x), rel=1e-12)
    moved = np.eye(N) * 1e-6
    wanted = [(function(x + h) - function(x - h)) / 2e-6 for h in moved]
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("function", [checked, carried])
def test_a_check_and_an_explanation_know_them_at_a_point(function: Any) -> None:
    made = sd.function(function, shapes={"x": (N,)})
    x = np.linspace(0.4, 2.0, N)
    assert made.check(at={"x": x}).ok
    assert "Backward" in str(made.explain(at={"x": x}))

"""Arrays whose lengths a loop's counter decides, in targets that write loops: C and Numba."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.emit.compilers import COMPILED_TARGETS, compiled
from tests.emit.test_c import run_main
from tests.frontend.tracing.checks import difference


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDIFF_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("CFLAGS", "-O1")
        yield


def both_sides(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        total = total + np.sum(x[:i]) ** 2 + np.sum(np.sin(x[i + 1 :])) * x[i]
    return total


def backwards(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1, -1, -1):
        total = total * 0.5 + np.sum(x[i::-1] * x[: i + 1]) * x[i]
    return total


def loop_in_loop(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        for j in range(i, len(x)):
            for k in range(i, j + 1):
                total = total + x[i] * x[k] + np.sum(x[i:k]) * np.sum(x[k:j])
    return total


def outer_products(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        v = x[:i]
        total = total + np.sum(np.tanh(v[:, None] * v[None, :] + x[i]))
    return total


def elimination(x: Any) -> Any:
    n = len(x)
    a = np.outer(x, x) + np.eye(n) * (n + 2.0)
    for k in range(n):
        a[k + 1 :, k] = a[k + 1 :, k] / a[k, k]
        a[k + 1 :, k + 1 :] = a[k + 1 :, k + 1 :] - np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return np.sum(np.log(np.diag(a)))


def rectangles(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        v = np.outer(x[:i], x[i:]).reshape(-1)
        total = total + np.sum(v * np.abs(v)) * x[i]
    return total


def joined(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        total = total + np.sum(np.concatenate([x[:i] * x[i], x[i + 1 :]]) ** 3)
    return total


def branched(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0.0:
            total = total + np.sum(x[:i] ** 2)
        else:
            rest = x[i:]
            total = total - np.sum(rest * rest * rest)
    return total


def largest(x: Any) -> Any:
    total = 0.0
    for i in range(1, len(x)):
        total = total + np.max(x[:i]) * x[i] + np.argmin(x[i:]) * x[:i][0]
    return total


def largest_of_none(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        total = total + np.max(x[:i]) * x[i]
    return total


def every_second(x: Any) -> Any:
    total = 0.0
    for i in range(0, len(x), 2):
        total = total + np.sum(np.exp(x[:i])) * x[i]
    return total


PROGRAMS = (
    both_sides,
    backwards,
    loop_in_loop,
    outer_products,
    elimination,
    rectangles,
    joined,
    branched,
    largest,
)


def points(n: int) -> Any:
    return np.cos(1.7 * np.arange(n) + 0.3)


@pytest.mark.parametrize("target", COMPILED_TARGETS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_counter_decides_a_length(program: Callable[..., Any], target: str) -> None:
    function = sd.function(program, shapes={"x": ("N",)}, loops="roll")
    call = function.value_and_grad().load(target).value_and_grad
    for n in (0, 1, 2, 7):
        x = points(n)
        value, gradient = call(x)
        assert value == pytest.approx(program(x), rel=1e-12, abs=1e-12)
        wanted = difference(program, [x], 0)
        np.testing.assert_allclose(gradient, wanted, rtol=2e-6, atol=2e-6)


@compiled
@pytest.mark.parametrize("program", [*PROGRAMS, every_second])
def test_no_memory_is_exceeded(program: Callable[..., Any], tmp_path: Path) -> None:
    function = sd.function(program, shapes={"x": (12,)}, loops="roll")
    done = run_main(function.value_and_grad().emit("c"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@compiled
def test_a_macro_says_how_much_the_longest_takes() -> None:
    text = sd.function(outer_products, shapes={"x": ("N",)}, loops="roll").grad().emit("c")
    assert "#define OUTER_PRODUCTS_VALUE_WORK(N) ((N))\n" in text
    assert "#define OUTER_PRODUCTS_VALUE_AND_GRAD_WORK(N) (2 * (N) * (N) + 3 * (N))\n" in text


@pytest.mark.parametrize("target", COMPILED_TARGETS)
def test_no_numbers_have_no_largest_one(target: str) -> None:
    function = sd.function(largest_of_none, shapes={"x": ("N",)}, loops="roll")
    call = function.value_and_grad().load(target).value_and_grad
    assert call(points(0))[0] == 0.0
    for n in (1, 4):
        with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
            call(points(n))


@pytest.mark.parametrize("target", COMPILED_TARGETS)
@pytest.mark.parametrize(
    ("text", "least", "error"),
    [
        ("x: [N]; x[3] + x[0]", 4, IndexError),
        ("x: [N]; x[-2]", 2, IndexError),
        ("x: [N]; max(x)", 1, ValueError),
        ("x: [N]; argmax(x)*x[0]", 1, ValueError),
        ("x: [N]; logsumexp(x)", 1, ValueError),
        ("x: [N]; sum(x[2:]*x[:-2])", 2, ValueError),
        ("x: [N]; sum(x[1:]*x[:-1])", 0, ValueError),
    ],
)
def test_named_lengths_that_are_too_short_are_refused(
    text: str, least: int, error: type[Exception], target: str
) -> None:
    made = sd.function(text).grad()
    call, other = made.load(target).value_and_grad, made.load().value_and_grad
    for n in range(least):
        with pytest.raises(error):
            call(points(n))
    for n in (least, least + 1):
        for found, wanted in zip(call(points(n)), other(points(n)), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-14)


def far(x: Any) -> Any:
    total = 0.0
    for i in range(6):
        total = total + x[i] ** 2
    for i in range(0, 2 * x.shape[0] - 2, 2):
        total = total + x[i] ** 3
    return total


@pytest.mark.parametrize("target", COMPILED_TARGETS)
def test_a_counter_is_not_taken_for_another_one(target: str) -> None:
    derived = sd.value_and_grad(far, target=target, loops="roll")
    with pytest.raises(IndexError):
        derived(points(8))


def truths_first(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0.0:
            total = total + np.sin(x[i]) * np.sum(x**2)
    return total


@compiled
def test_workspaces_are_handed_over_in_their_order() -> None:
    made = sd.function(truths_first, shapes={"x": ("N",)}, loops="roll").value_and_grad()
    text = made.emit("c")
    assert "double *restrict work,\n    bool *restrict bool_work)" in text
    x = points(40)
    np.testing.assert_allclose(
        made.load("c").value_and_grad(x)[1], difference(truths_first, [x], 0), rtol=1e-6, atol=1e-6
    )

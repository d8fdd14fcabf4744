"""Loops of C and Numba that a test ends, and that store a value of each step."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.native.library import library_of
from tests.emit.compilers import NUMBA, compiled
from tests.emit.test_c import run_main
from tests.frontend.tracing.checks import difference


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMDIFF_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("CFLAGS", "-O1")
        yield


def root(a: float) -> Any:
    x = 0.5 * (1.0 + a)
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def far_away(x: float, y: float) -> Any:
    while x < 1000.0:
        x = x + 0.2 + 0.1 * np.sin(x * y)
    return x


def whole_array(x: Any) -> Any:
    v, count = x.copy(), 0
    while np.sum(v * v) > 1e-3:
        v = 0.9 * v - 0.01 * np.sin(v[::-1])
        count += 1
    return np.sum(v * x) * count


def loop_in_loop(x: Any) -> Any:
    total = 0.0
    for k in range(len(x)):
        t = x[k]
        while abs(t) > 1e-2:
            u = abs(t)
            while u < 1.0:
                u = 1.5 * u + 0.1
            t = 0.7 * t * np.cos(0.1 * u)
        total = total + t * x[k]
    return total


def written(x: Any) -> Any:
    v = x.copy()
    while np.sum(v * v) > 1e-2:
        for i in range(len(v)):
            v[i] = 0.5 * v[i] + 0.01 * np.sum(np.sin(v[:i]))
    return np.sum(v * x)


OF_ARRAYS = (whole_array, loop_in_loop, written)


def points(n: int) -> Any:
    return 2.0 * np.cos(np.arange(n) + 0.2)


@compiled
@pytest.mark.parametrize("program", OF_ARRAYS)
def test_a_test_ends_a_loop(program: Callable[..., Any]) -> None:
    function = sd.function(program, shapes={"x": ("N",)}, loops="roll")
    call = function.value_and_grad().load("c").value_and_grad
    for n in (0, 1, 4):
        x = points(n)
        value, gradient = call(x)
        assert value == pytest.approx(program(x), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(gradient, difference(program, [x], 0), rtol=1e-6, atol=1e-7)


@compiled
@pytest.mark.parametrize("program", [root, *OF_ARRAYS])
def test_no_memory_is_exceeded(program: Callable[..., Any], tmp_path: Path) -> None:
    shapes = {} if program is root else {"shapes": {"x": (4,)}}
    text = sd.function(program, loops="roll", **shapes).value_and_grad().emit("c")
    done = run_main(text + main_of(program.__name__, text), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert 4 < int(done.stdout) < 2000


def main_of(name: str, text: str) -> str:
    """A `main` that gives as much memory as macros say, for more and more steps."""
    function, macro = f"{name}_value_and_grad", f"{name}_value_and_grad_".upper()
    kinds = [("double", "WORK"), ("int64_t", "WHOLE_WORK"), ("bool", "BOOL_WORK")]
    used = [(kind, f"{macro}{end}") for kind, end in kinds if f"define {macro}{end}(" in text]
    given = "".join([f", memory_{kind}" for kind, _ in used])
    allocated = "".join(
        [f"{k} *memory_{k} = malloc((size_t){m}(most) * sizeof({k}));\n" for k, m in used]
    )
    freed = "".join([f"free(memory_{kind});" for kind, _ in used])
    x = "2.0" if name == "root" else "x"
    return f"""
#include <stdio.h>
#include <stdlib.h>
int main(void)
{{
    const double x[4] = {{1.9, -0.7, -1.8, 0.3}};
    double f, slope[4];
    int code = 1, most = 0;
    for (; code != 0; most++) {{
        {allocated}code = {function}({x}, &f, slope, most{given});
        {freed}
    }}
    printf("%d", most);
    (void)x;
    return 0;
}}
"""


@compiled
def test_the_caller_says_how_many_steps_there_may_be() -> None:
    text = sd.function(root, loops="roll").value_and_grad().emit("c")
    assert "#define ROOT_VALUE_AND_GRAD_WORK(most_steps) ((most_steps))\n" in text
    assert "1: MemoryError: a loop has more steps than the workspace is for" in text
    call = ctypes.CDLL(str(library_of("root", text))).root_value_and_grad
    call.argtypes = [ctypes.c_double, *[ctypes.c_void_p] * 2, ctypes.c_ssize_t, ctypes.c_void_p]
    value, slope = ctypes.c_double(-1.0), ctypes.c_double(-1.0)
    found = []
    for most in (0, 1, 3, 20):
        work = np.full(most + 1, 7.0)
        given = ctypes.addressof(value), ctypes.addressof(slope), most, work.ctypes.data
        found.append(call(2.0, *given))
        assert work[most] == 7.0
    assert found == [1, 1, 1, 0]
    assert (value.value, slope.value) == pytest.approx((2.0**0.5, 0.5 / 2.0**0.5), rel=1e-12)


@compiled
def test_more_memory_is_given_where_it_is_needed() -> None:
    made = sd.function(far_away, loops="roll").value_and_grad("x, y")
    call, other = made.load("c").value_and_grad, made.load().value_and_grad
    for x in (0.5, 2000.0, np.array([0.5, 999.0, 2.0])):
        found, wanted = call(x, 0.4), other(x, 0.4)
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-13)
        np.testing.assert_allclose(found[1], wanted[1], rtol=1e-9)


def many_steps(x: float, y: float) -> Any:
    for _ in range(300):
        x = x + 0.01 * np.sin(x * y)
    return x


def many_numbers(x: float) -> Any:
    powers = np.zeros(100)
    for k in range(100):
        powers[k] = 0.5 * (x + powers[k - 1])
    return powers[20] + np.sum(powers * powers)


@compiled
@pytest.mark.parametrize(("program", "others"), [(many_steps, (0.4,)), (many_numbers, ())])
def test_functions_of_numbers_are_given_memory(program: Any, others: tuple[float, ...]) -> None:
    made = sd.function(program, loops="roll").grad()
    module, other = made.load("c"), made.load()
    batch = [np.linspace(0.1, 1.0, 7)] * (program is many_steps)
    for x in (0.3, *batch):
        assert np.allclose(module.value(x, *others), other.value(x, *others), rtol=1e-13)
        found, wanted = module.value_and_grad(x, *others), other.value_and_grad(x, *others)
        for one, two in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-12)


def slow(x: Any) -> Any:
    v = x.copy()
    while np.sum(v * v) > 1e-3:
        v = 0.99 * v - 0.001 * np.sin(v[::-1])
    return np.sum(v * x)


@pytest.mark.parametrize("target", [NUMBA])
@pytest.mark.parametrize("program", [*OF_ARRAYS, slow])
def test_numba_finds_memory_itself(program: Callable[..., Any], target: str) -> None:
    function = sd.function(program, shapes={"x": ("N",)}, loops="roll")
    call = function.value_and_grad().load(target).value_and_grad
    for n in (0, 1, 4):
        x = points(n)
        value, gradient = call(x)
        assert value == pytest.approx(program(x), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(gradient, difference(program, [x], 0), rtol=1e-6, atol=1e-7)

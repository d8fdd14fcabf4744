"""Loops that become one, short axes that are written out, and arrays that become numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.emit.compilers import COMPILED_TARGETS

Arrays = dict[str, tuple[int | str, ...]]
_LENGTHS = {"N": 7, "M": 5}


def shifted(x: Any) -> Any:
    y = np.exp(x)
    z = y[1:] - y[:-1]
    return z * y[1:] + np.flip(y)[1:]


def overwritten(x: Any) -> Any:
    y = 2.0 * x
    before = y * x
    y[1:] = before[:-1]
    y[2] = y[0] + before[3]
    return y * before


def in_place_and_read_behind(x: Any) -> Any:
    y = np.sin(x)
    y[:-1] += y[1:]
    y *= y[::-1].copy()
    return np.cumsum(y) - y[0]


def gathered(x: Any) -> Any:
    y = x * x
    at = np.array([6, 0, 0, 3, 1, 2, 5])
    z = y[at] + y
    z[at] += y
    return z / (1.0 + y[at])


def rows_and_columns(a: Any) -> Any:
    b = np.exp(a - a.max(1)[:, None])
    c = b / b.sum(1)[:, None]
    d = c - c.mean(0)
    return (d * b).sum(0) + (d @ d.T).sum()


def transposed(a: Any) -> Any:
    b = np.tanh(a)
    c = b.T * 2.0
    return c[:, ::-1].T + b * c.T.sum(0)


def short(a: Any) -> Any:
    x, y, z = a[:, 0], a[:, 1], a[:, 2]
    normal = np.stack([y * z, z * x, x * y], -1)
    length = np.sqrt(np.sum(normal * normal, -1))[:, None]
    turned = np.cross(normal / length, a)
    return turned[:, ::-1] + normal[:, 0:1] * a


def short_and_written(a: Any) -> Any:
    b = a.copy()
    b[:, 0] = b[:, 1] * b[:, 2]
    b[:, 1:] = b[:, :2] + 1.0
    c = np.zeros_like(a)
    c[1:] = b[:-1]
    return b * c


def recurrence(a: Any) -> Any:
    h = np.zeros(a.shape[1])
    g = np.ones(a.shape[1])
    total = 0.0
    for row in a:
        gate = 1.0 / (1.0 + np.exp(-(row + g)))
        h = gate * h + (1.0 - gate) * np.roll(h, 1) + row
        g = np.where(h > 0.0, g * gate, h[::-1])
        total = total + (h * g).sum()
    return h + g * total


def kept_for_later_steps(a: Any) -> Any:
    last = np.zeros(a.shape[1])
    out = np.zeros(a.shape)
    for i in range(a.shape[0]):
        now = a[i] * a[i]
        if i > 0:
            out[i] = now - last
        last = now + 0.5 * last
    return out + last


def branched(a: Any) -> Any:
    b = np.where(a > 0.0, np.sqrt(np.abs(a)), a * a)
    c = b * 2.0
    c = c - b.mean() if c.sum() > 3.0 else c + b[0]
    return c * b


def sums_of_sums(a: Any) -> Any:
    s = (a * a).sum(1)
    t = (a[:, 1:] * a[:, :-1]).sum(1)
    return (s * t).sum() + np.prod(s) * (s - t).max() + a.max(0) * s.min()


def _length(n: int | str) -> int:
    return n if isinstance(n, int) else _LENGTHS[n]


def differences(a: Any) -> Any:
    b = a[:, None, :] - a[None, :, :]
    inner = np.exp(-(b * b).sum(2))
    shares = inner / inner.sum(0)
    return (shares[:, :, None] * b).sum(1) + (shares * np.abs(b).max(2)).sum() * a


_FUNCTIONS: tuple[tuple[Callable[..., Any], Arrays], ...] = (
    (shifted, {"x": (7,)}),
    (overwritten, {"x": (7,)}),
    (in_place_and_read_behind, {"x": (7,)}),
    (gathered, {"x": (7,)}),
    (rows_and_columns, {"a": (7, 12)}),
    (transposed, {"a": (7, 7)}),
    (short, {"a": (9, 3)}),
    (short_and_written, {"a": (9, 3)}),
    (recurrence, {"a": (6, 5)}),
    (kept_for_later_steps, {"a": (6, 3)}),
    (branched, {"a": (7, 2)}),
    (sums_of_sums, {"a": (7, 12)}),
    (differences, {"a": (7, 12)}),
)
CASES: dict[str, tuple[Callable[..., Any], Arrays]] = {
    **{made.__name__.replace("_", " "): (made, shapes) for made, shapes in _FUNCTIONS},
    "rows of named lengths": (rows_and_columns, {"a": ("N", "M")}),
    "short axes of named lengths": (short, {"a": ("N", 3)}),
    "in place, named": (in_place_and_read_behind, {"x": ("N",)}),
    "differences of named lengths": (differences, {"a": ("N", "M")}),
    "sums of named lengths": (sums_of_sums, {"a": ("N", "M")}),
}


@pytest.mark.parametrize("target", COMPILED_TARGETS)
@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys_and_products_those_of_differences(name: str, target: str) -> None:
    function, shapes = CASES[name]
    (shape,) = shapes.values()
    rng = np.random.default_rng(0)
    x = rng.normal(size=[_length(n) for n in shape])
    module = sd.function(function, shapes=shapes).vjp().load(target)
    wanted = function(x)
    np.testing.assert_allclose(module.value(x), wanted, rtol=1e-13, atol=1e-14)
    bar, step = rng.normal(size=np.shape(wanted)), 1e-6
    direction = rng.normal(size=x.shape)
    around = [np.sum(bar * function(x + h * direction)) for h in (-step, step)]
    slope = (around[1] - around[0]) / (2.0 * step)
    found = np.sum(module.vjp(x, bar)[1] * direction)
    np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-8)


def _loops(text: str) -> int:
    return len(re.findall(r"\bfor \(", text))


def test_elementwise_work_on_one_shape_is_one_loop() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        z = y * x
        return (y + z) * (y - z)

    text = sd.function(f, shapes={"x": ("N",)}).emit("c", lean=True)
    assert _loops(text) == 1
    assert "WORK" not in text  # what a step needs is a number


def test_what_a_loop_in_between_needs_keeps_loops_apart() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        return y / np.sum(y)

    text = sd.function(f, shapes={"x": ("N",)}).emit("c", lean=True)
    assert _loops(text) == 3  # sums wait for the step before: the function is found before


def test_arrays_of_repeated_inputs_are_made_again_where_they_are_read() -> None:
    text = sd.function(differences, shapes={"a": (70, 100)}).emit("c", lean=True)
    (size,) = re.findall(r"_WORK (\d+)", text)
    assert int(size) < 70 * 70 * 100  # the differences are not all in memory
    assert text.count("= a[j * 100 + k] - a[") + text.count("= a[i * 100 + k] - a[") > 1

"""Branches in steps that write into arrays: what is read before a write, and where that stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

X = np.array([0.3, -0.8, 1.4, 0.9, -0.2, 0.7, -1.1, 0.5, 1.2, -0.6])


def clipped_sum(x: Any) -> Any:
    w = np.zeros(10)
    for i in range(1, 10):
        if x[i] > 0:
            w[i] = np.sin(w[i - 1]) * x[i]
        else:
            w[i] = w[i - 1] + x[i] ** 2
    return np.sum(w)


def reads_before_it_writes(x: Any) -> Any:
    w, s = x * 1.0, 0.0
    for i in range(1, 10):
        old = w[i]
        w[i] = w[i - 1] * x[i]
        if w[i] > 0.1:
            s = s + old * w[i]
    return s + np.sum(w)


def reads_a_part_before_it_writes(x: Any) -> Any:
    w, s = x * 1.0, 0.0
    for i in range(8):
        part = w[i : i + 2]
        twice = part * 2.0
        w[i + 1] = w[i] * 0.5
        s = s + twice[1] * x[i] if w[i + 1] > 0.1 else s - twice[0]
    return s


def exchanges(x: Any) -> Any:
    w = np.sin(x)
    for i in range(9):
        if w[i] > w[i + 1]:
            w[i], w[i + 1] = w[i + 1], w[i] * 0.9
        w[i] = w[i] + x[i] * 0.1
    return np.sum(w * np.arange(10.0))


def decides_by_what_it_wrote(x: Any) -> Any:
    w = np.zeros(10)
    s = 0.0
    for i in range(9):
        before = w[i + 1] + x[i]
        w[i] = np.tanh(x[i])
        w[i + 1] += 0.5 * w[i]
        if w[i + 1] > 0:
            s = s + before * w[i]
        elif before > 0:
            s = s - w[i] ** 2
    return s


def writes_in_a_loop_in_a_loop(x: Any) -> Any:
    t = np.zeros((10, 10))
    for i in range(9, -1, -1):
        for j in range(i + 1, 10):
            t[i, j] = max(t[i, j - 1], t[i, j] + x[i])
            if i + 1 < 10:
                pair = t[i + 1, j - 1]
                if x[i] > x[j]:
                    pair = pair + x[i] * x[j]
                t[i, j] = max(t[i, j], pair)
    return t[0, 9] + np.sum(t) * 0.1


def goes_as_far_as_its_counter(x: Any) -> Any:
    w, s = np.zeros(10), 0.1
    for i in range(0, 10, 2):
        s = max(np.tanh(s + x[i]), x[i] * s)
        for j in range(i):
            if s > w[j]:
                w[j] = np.tanh(w[j] + x[j] * s)
            s = np.sin(s + w[j])
    return s + np.sum(w)


PROGRAMS = (
    goes_as_far_as_its_counter,
    clipped_sum,
    reads_before_it_writes,
    reads_a_part_before_it_writes,
    exchanges,
    decides_by_what_it_wrote,
    writes_in_a_loop_in_a_loop,
)


BY_C = {clipped_sum, reads_before_it_writes, exchanges, decides_by_what_it_wrote}  # no named length


@pytest.mark.parametrize(
    ("program", "target"),
    [*[(p, "numpy") for p in PROGRAMS], *[(p, "c") for p in PROGRAMS if p in BY_C]],
)
def test_the_gradient_is_that_of_the_program(program: Callable[[Any], Any], target: str) -> None:
    gradient = sd.grad(program, target=target, loops="roll")(X)
    steps = [(X + h, X - h) for h in 1e-6 * np.eye(10)]
    expected = [(program(a) - program(b)) / 2e-6 for a, b in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("program", PROGRAMS)
def test_numbers_are_chosen_by_branches(program: Callable[[Any], Any]) -> None:
    text = sd.function(program, shapes={"x": (10,)}, loops="roll").grad().emit(lean=True)
    body = text[text.index("def _value_and_grad(") : text.index("\ndef value(")]
    assert "np.where(" not in body
    assert " if " in body


def test_an_array_is_written_where_it_stands() -> None:
    text = sd.function(clipped_sum, shapes={"x": (10,)}).emit(lean=True)
    assert ".copy()" not in text[text.index("def _value(") : text.index("\ndef value(")]


def smaller(p: float, q: float) -> float:
    if q < -0.79 and p >= p + q:
        return p
    return q


def rows_in_one_way(x: Any) -> Any:
    w = np.outer(x, [1.0, 0.5, -0.3])
    for i in range(1, 10):
        if x[i] > 0:
            w[i] = np.sin(w[i - 1]) * x[i]
    return np.sum(w**2)


def rows_written_twice(x: Any) -> Any:
    w = np.outer(x, [1.0, 0.5, -0.3])
    for i in range(1, 10):
        w[i] = w[i - 1] * x[i]
        if i % 3 == 0:
            w[i] += np.cos(w[i - 1])
    return np.sum(w**2)


def rows_exchanged(x: Any) -> Any:
    w = np.outer(x, [1.0, 0.5, -0.3])
    for i in range(9):
        if w[i, 0] > w[i + 1, 0]:
            w[i], w[i + 1] = w[i + 1].copy(), 0.9 * w[i]
    return np.sum(w[:, 0] * np.arange(10.0) + w[:, 1] ** 2)


def views_that_see_writes(x: Any) -> Any:
    w, s = np.outer(x, [1.0, 0.5, -0.3]), 0.0
    for i in range(1, 9):
        row, before = w[i], w[i].copy()
        if x[i] > 0:
            w[i] = w[i - 1] * w[i + 1]
        s = s + row @ before
    return s


def rows_of_what_a_way_chose(x: Any) -> Any:
    w, z = np.outer(x, [1.0, 0.5, -0.3]), np.zeros(3)
    for i in range(1, 10):
        z = w[i - 1] * 2.0 if i % 2 == 0 else z + w[i]
        w[i] = w[i] * 0.5 + z
        z[1] = z[1] * x[i]
    return np.sum(w**2) + np.sum(z)


ROWS = (
    rows_in_one_way,
    rows_written_twice,
    rows_exchanged,
    views_that_see_writes,
    rows_of_what_a_way_chose,
)


@pytest.mark.parametrize("target", ["numpy", "numba", "c"])
@pytest.mark.parametrize("program", ROWS)
def test_rows_are_written_on_one_way(program: Callable[[Any], Any], target: str) -> None:
    if target != "numpy":
        pytest.importorskip({"numba": "numba", "c": "cffi"}[target])
    value, gradient = sd.value_and_grad(program, target=target, loops="roll")(X)
    assert value == pytest.approx(program(X), rel=1e-13)
    steps = [(X + h, X - h) for h in 1e-6 * np.eye(10)]
    expected = [(program(a) - program(b)) / 2e-6 for a, b in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("program", [rows_in_one_way, rows_written_twice])
def test_a_step_copies_rows_alone(program: Callable[[Any], Any]) -> None:
    text = sd.function(program, shapes={"x": (10,)}, loops="roll").grad().emit(lean=True)
    body = text[text.index("def _value_and_grad(") : text.index("\ndef value(")]
    assert "np.where(" not in body
    copies = [line for line in body.splitlines() if ".copy()" in line]
    assert all("].copy()" in line for line in copies), copies


def of_two(x: Any, c: Any, i: Any) -> Any:
    a, b = c
    a = a.copy()
    a[0] += 0.5 * x[1]
    t = a * 2.0
    return t, (t if i % 2 == 0 else b + 1.0)


def of_two_that_are_chosen(x: Any, c: Any, i: Any) -> Any:
    a, b = (part.copy() for part in c)
    a[0] += 0.5 * x[1]
    b[1] += 0.5 * x[2]
    t = a * 2.0
    return (t if i % 3 == 0 else b * 0.5), (t if i % 2 == 0 else b + 1.0)


def of_what_was_written(x: Any, c: Any, i: Any) -> Any:
    a, b = (part.copy() for part in c)
    b[1] += 0.5 * x[2]
    a[2] *= 0.9
    return (b if i % 3 == 0 else a), (a if i % 2 == 0 else b)


def of_an_argument(x: Any, c: Any, i: Any) -> Any:
    a, b = c[0].copy(), c[1]
    a[2] *= 0.9
    return (x if i % 3 == 0 else a + b), (x * 2.0 if i % 2 == 0 else b)


@pytest.mark.parametrize(
    "step", [of_two, of_two_that_are_chosen, of_what_was_written, of_an_argument]
)
def test_what_a_step_hands_on_is_under_one_name(step: Callable[..., Any]) -> None:
    """The next step may write into it: into nothing else, and into no argument."""

    def scanned(x: Any) -> Any:
        (a, b), _ = sd.scan(lambda c, i: (step(x, c, i), 0.0 * i), (x * 1.0, x * 2.0), np.arange(6))
        return np.sum(a * b) + np.sum(b)

    def plain(x: Any) -> Any:
        c = x * 1.0, x * 2.0
        for i in range(6):
            c = tuple([np.array(part) for part in step(x, c, i)])
        return np.sum(c[0] * c[1]) + np.sum(c[1])

    x = np.array([0.3, 0.5, 0.7])
    value, gradient = sd.value_and_grad(scanned)(x)
    assert x.tolist() == [0.3, 0.5, 0.7]
    assert value == pytest.approx(plain(x), rel=1e-14)
    steps = [(x + h, x - h) for h in 1e-6 * np.eye(3)]
    expected = [(plain(a) - plain(b)) / 2e-6 for a, b in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def handed_on_from_outside(x: Any) -> Any:
    a, b = np.zeros(10), np.zeros(10)
    for i in range(6):
        a[1] = a[1] + x[i % 3]
        a = x.copy() if i % 2 == 0 else a * 2.0
        b = b + a * a
    return np.sum(a * b)


def test_an_argument_that_a_step_hands_on_is_not_written() -> None:
    x = X.copy()
    value, gradient = sd.value_and_grad(handed_on_from_outside, loops="roll")(x)
    assert x.tolist() == X.tolist()
    assert value == pytest.approx(handed_on_from_outside(X), rel=1e-14)
    steps = [(X + h, X - h) for h in 1e-6 * np.eye(10)]
    expected = [(handed_on_from_outside(a) - handed_on_from_outside(b)) / 2e-6 for a, b in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)


def test_a_choice_that_becomes_an_expression_is_read_before_the_next_step_is_carried_on() -> None:
    def program(x: float, y: float, v: Any) -> Any:
        a, b, c = 2.0 * v[1] - 0.92, x, v[0]
        w = np.sin(v)
        n = 0
        while n < 4 and abs(a) > 0.1:
            n += 1
            b = v[0] + v[1] - 1.1
            c = smaller(a * x, a)
            a = 1.42 * a + x + v[1]
        for i in range(12):
            b = np.tanh(w[1] - v[1] - (a * -0.40))
            a = np.tanh(w[1])
            if any([w[0] * w[1] >= np.tanh(i * 0.1), v[0] - y >= v[1] - c]):
                continue
            c = np.sin(i * 0.1 * w[1])
        return a + b * c

    v = np.array([1.3, 0.2, -0.7])
    value, slope = sd.value_and_grad(program)(0.92, 1.63, v)
    assert value == pytest.approx(program(0.92, 1.63, v), rel=1e-13)
    ends = program(0.92 + 1e-6, 1.63, v), program(0.92 - 1e-6, 1.63, v)
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-7)


def test_a_loop_does_not_write_into_the_array_whose_rows_it_reads() -> None:
    def program(a: Any, x: Any) -> Any:
        b, u, w = a * 2.0, x.copy(), np.zeros(4)
        for i, row in enumerate(b[:-1].copy()):
            w = 0.5 * (row + w)
            u[0] *= x[2]
            b[-i] *= w * 0.5
        z = u if x[0] >= 0.0 else a[2] * 1.0  # beside a branch, other code decides what is copied
        return np.sum(w * z)

    draw = np.random.default_rng(0)
    a, x, along = draw.normal(size=(6, 4)), draw.normal(size=4), draw.normal(size=(6, 4))
    value, tangent = sd.jvp(program, loops="roll")(a, x, along)
    assert value == pytest.approx(program(a, x), rel=1e-13)
    ends = program(a + 1e-6 * along, x), program(a - 1e-6 * along, x)
    assert tangent == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


def test_a_copy_of_the_last_row_is_none_of_it() -> None:
    """Behind the loop one sees what is written into the array, and the other does not."""

    def program(x: Any) -> Any:
        w, copied = np.outer(x, [1.0, 0.5, -0.3]), x * 1.0
        for column in w.T:
            copied = column.copy()
            row, whole = column, column[:]
        w[1] = copied[:3] * 2.0
        return np.sum(np.sin(row)) + np.sum(whole**2) + np.sum(np.cos(copied))

    for loops in ("roll", "unroll"):
        value, gradient = sd.value_and_grad(program, loops=loops)(X)
        assert value == pytest.approx(program(X), rel=1e-14)
        steps = [(X + h, X - h) for h in 1e-6 * np.eye(10)]
        expected = [(program(a) - program(b)) / 2e-6 for a, b in steps]
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)


def test_a_repeated_part_has_no_copy_of_its_own() -> None:
    """What is repeated silently stands for the part: a write beside it copies that alone."""

    def program(a: Any) -> Any:
        out = np.zeros(8)
        out[..., :4] = a[..., 3:]
        out[..., 5:] = a[..., :3]
        p, q = out[..., 4:], out[..., :4]
        product = np.empty(4)
        product[..., 0] = p[..., 0] * q[..., 0]
        product[..., 1:] = p[..., 0, None] * q[..., 1:] + np.flip(p)[1:]
        out[..., 4:] = 0.5 * product
        return np.sum(out * np.sin(np.arange(8.0)))

    a = np.array([0.4, 0.5, 0.6, 0.8])
    value, gradient = sd.value_and_grad(program)(a)
    assert value == pytest.approx(program(a), rel=1e-14)
    expected = [(program(a + h) - program(a - h)) / 2e-6 for h in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)

"""Arrays that two variables hold, and loops that write into one of them or exchange them.

Each program is right, or refused: what Python and NumPy compute of it is the oracle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import difference, without_ways

Program = Callable[[Any], Any]
RIGHT: list[Program] = []
REFUSED: list[Program] = []


def is_right(function: Program) -> Program:
    RIGHT.append(function)
    return function


def is_refused(function: Program) -> Program:
    REFUSED.append(function)
    return function


# --- what a loop writes into, under another name --------------------------------------------------


@is_right
def a_name_for_what_is_written(x: Any) -> Any:
    u, z = np.zeros(3), np.ones(3) * x
    for _ in range(60):
        u[0] = np.tanh(u[0] + x)
        z = u
    z[1] = x * x
    return z[0] + u[1]


@is_right
def a_name_that_the_next_step_reads(x: Any) -> Any:
    u, z = np.zeros(3), np.ones(3) * x
    for i in range(60):
        u[0] = np.tanh(u[0] + x * i)
        u[1] = np.tanh(u[1] * x + z[0] * u[0])
        z = u
    return z[0] + u[1]


@is_right
def an_item_that_is_what_is_written(x: Any) -> Any:
    w, held, c = np.ones(3) * x, {"a": np.zeros(3)}, 0.0
    for i in range(60):
        w[1] = np.tanh(w[1] * x + i)
        c = np.tanh(c * x + held["a"][1])
        held["a"] = w
    w[2] = x * x
    return np.sum(held["a"]) + np.sum(w) + c


@is_right
def a_view_that_is_read_behind(x: Any) -> Any:
    u, z = np.zeros(60), 0.0
    for i in range(1, 60):
        u[i] = np.tanh(u[i - 1] + x)
        z = u[1:]
    u[:] = u * x
    return z[0] + u[1]


@is_right
def a_view_that_the_next_step_reads(x: Any) -> Any:
    w, c = np.ones(3) * x, x
    part = w[1:]
    for i in range(60):
        w[1] = np.tanh(w[1] * x + 0.01 * i)
        c = c * 0.3 + part[0]
        part = w[1:]
    return c


@is_right
def a_view_that_each_step_makes(x: Any) -> Any:
    w, c = np.ones((3, 4)) * x, x
    part = w.T[1:]
    for i in range(60):
        part = w.T[1:]
        part[0, 1] = np.tanh(part[1, 2] * x + 0.01 * i)
        c = c * 0.3 + w[1, 1]
    part[1] = c
    return np.sum(w * w) + c


@is_right
def a_view_at_a_counter(x: Any) -> Any:
    w, r = np.ones((3, 3)) * x, 0.0
    for i in range(3):
        for j in range(40):
            r = w[i]
            r[1] = np.tanh(r[1] * x + 0.01 * j)
    r[0] = x * x
    return np.sum(w) + np.sum(r)


@is_right
def a_view_before_the_first_step(x: Any) -> Any:
    w, c = np.ones(3) * x, x
    part = w[1:]
    for i in range(60):
        w[1] = np.tanh(w[1] * x + 0.01 * i)
        c = c * 0.3 + part[0]
        part = np.ones(2) * c
    return c


@is_right
def a_list_of_one_array(x: Any) -> Any:
    w, history = np.ones(3) * x, []
    for i in range(60):
        w[1] = np.tanh(w[1] * x + 0.01 * i)
        history.append(w)
    return np.sum(history[2]) + np.sum(w)


@is_right
def a_list_of_views(x: Any) -> Any:
    w, history = np.ones(3) * x, []
    for i in range(60):
        w[1] = np.tanh(w[1] * x + 0.01 * i)
        history.append(w[1:])
    return np.sum(history[2]) + np.sum(w)


@is_right
def a_loop_in_a_loop_writes_into_what_a_view_shows(x: Any) -> Any:
    w = np.array([0.4, -1.1, 0.8]) * x
    part = w[1:]
    c = x
    for _ in range(5):
        for i in range(9):
            c = np.tanh(np.sin(x) + i)
            w += np.sin(x)
    return c + np.sum(part * part)


@is_right
def a_loop_in_a_loop_writes_into_a_view(x: Any) -> Any:
    w = np.array([0.4, -1.1, 0.8]) * x
    part = w[1:]
    for _ in range(12):
        for e in np.sin(np.arange(5) * x):
            if e > -2:
                part += 0.1 * x
    return np.sum(w * w)


@is_right
def a_name_of_what_is_written_becomes_one_of_another(x: Any) -> Any:
    u, v = np.ones(4) * x, np.sin(x) * np.ones(4)
    for _ in range(30):
        u[1] *= 0.5
        v[1] = v[0] * 0.5 + u[1] * 0.3
        v = u
    return np.sum(u) + np.sum(u * v)


@is_right
def a_name_that_an_inner_loop_writes_under_becomes_one_of_another(x: Any) -> Any:
    u, v = np.ones(8) * x, np.sin(x) * np.ones(8)
    for i in range(5, 1, -1):
        u[1:-1] -= 0.5 * u[1:-1]
        for _ in range(i):
            o = v.copy()
            v[1:] = o[:-1] * 0.5 + u[1:] * 0.3
        for _ in range(2):
            v = u
    return np.sum(u * v)


@is_refused
def a_name_that_a_branch_lets_be_one_of_another(x: Any) -> Any:
    u, v = np.ones(4) * x, np.sin(x) * np.ones(4)
    for _ in range(30):
        u[1] *= 0.5
        v[1] = v[0] * 0.5 + u[1] * 0.3
        if u[1] > 0.1 * x:
            v = u
    return np.sum(u) + np.sum(u * v)


@is_right
def a_name_for_what_a_step_begins_with_and_another_array_follows(x: Any) -> Any:
    v, w, u = np.sin(x) * np.ones(4), np.zeros(4), np.zeros(4)
    for _ in range(60):
        u = w
        w[2] = 0.5 * v[1]
        w = v * 2
    return np.sum(u * v) + np.sum(np.sin(w))


@is_right
def a_name_that_a_branch_lets_be_a_new_array(x: Any) -> Any:
    v, s = np.ones(3) * x, x
    for _ in range(60):
        v[1] = v[0] * 0.5 + v[2]
        if s > 0.1:
            v = v * 0.9
        s = s * 0.7 + v[1] * 0.1
    return np.sum(v) + s


# --- arrays that a loop carries, and that are changed behind it -----------------------------------


@is_right
def an_array_from_outside(x: Any) -> Any:
    u, z, b = np.ones(3) * x, np.zeros(3), x
    for i in range(60):
        z = u
        b = np.tanh(b * x + 0.01 * i)
    u[1:] += b
    z[0] = b * b
    return np.sum(z) * x + np.sum(u)


@is_right
def what_was_before_the_last_step(x: Any) -> Any:
    a, z, old = np.ones(3) * x, np.zeros(3), np.zeros(3)
    for _ in range(60):
        old = a
        a = np.tanh(a * x)
        z = old + a
    a[1] = 7 * x
    return np.sum(z) + np.sum(a) * x + np.sum(old)


@is_right
def an_exchange_with_a_new_array(x: Any) -> Any:
    a, b, c = np.ones(3) * x, np.zeros(3) * x, 0.0
    for _ in range(60):
        a, b = b, a * 0.5 + 1
        c = np.tanh(c * x + np.sum(a) * 0.1)
    a[1] = 7 * x
    b[0] = c
    return np.sum(a) + np.sum(b)


@is_right
def an_exchange(x: Any) -> Any:
    a, b, c = np.ones(3) * x, np.zeros(3) + x * x, 0.0
    for i in range(61):
        a, b = b, a
        c = np.tanh(c * x + a[0] * 0.1 * i)
    a[1] = 7 * x
    return np.sum(a) + np.sum(b) * c


@is_right
def an_exchange_with_a_row(x: Any) -> Any:
    """In the next step z is a row, into which that step writes."""
    rows, z = np.ones((60, 4)) * x, np.zeros(4)
    for row in rows:
        z, row = row, z
        row[1] = x * x
    return np.sum(rows**3) + z[0]


@is_refused
def an_exchange_of_what_another_name_holds(x: Any) -> Any:
    w, u, c = np.ones(3) * x, np.zeros(3), x
    keep = w
    for i in range(60):
        w, u = u, w
        c = np.tanh(c + w[0] * i)
    w[0] = 5 * c
    return np.sum(keep) + np.sum(w) * c


@is_refused
def a_loop_of_no_steps(x: Any) -> Any:
    a, k = np.ones(3) * x, 0
    keep = a
    while k < 6 and x > 1:
        k = k + 1
        a = a * 0.5
    a[0] = 7 * x
    return np.sum(keep) + np.sum(a) * x


@is_refused
def two_names_of_one_new_array(x: Any) -> Any:
    a, z = np.ones(3) * x, np.zeros(3)
    for i in range(60):
        a = np.ones(3) * x * i
        z = a
    a[0] = 7 * x
    return np.sum(z) + np.sum(a) * x


@is_refused
def a_view_of_a_new_array(x: Any) -> Any:
    a, z = np.ones(3) * x, np.zeros(2)
    for _ in range(60):
        a = np.tanh(a * x)
        z = a[1:]
    a[1] = 7 * x
    return np.sum(z) + np.sum(a) * x


@is_right
def an_exchange_in_one_way_of_a_branch(x: Any) -> Any:
    u, v, total = np.arange(4.0) * x, np.sin(np.arange(4.0) + x), 0.0
    for i in range(6):
        w = v
        w[3] = u[0] + w[i % 3]
        if total > 4.0 * x:
            w, u = u, w
        total = total + np.sum(u) * 0.3
        u = w
    return total + np.sum(u * v)


@is_right
def another_array_in_one_way_of_a_branch(x: Any) -> Any:
    u, w = np.arange(4.0) * x, np.zeros(4)
    for i in range(6):
        w[1:] = w[:-1] * 0.5 + u[1:] * 0.3
        w = u.copy()
        if x * i > 2.0:
            w[3] *= w[2]
        else:
            w = u
    return np.sum(u * x) + np.sum(np.sin(w))


@is_right
def an_array_that_is_written_before_it_is_another(x: Any) -> Any:
    u, v, w = np.arange(4.0) * x, np.ones(4), np.zeros(4)
    for i in range(1, 4):
        v[i:] -= 0.5 * u[i:]
        if np.sum(v) > x:
            v = (u + w) * 0.7
            v = w
    return np.sum(u * v) + np.sum(np.sin(w) * x)


@pytest.mark.parametrize("program", RIGHT, ids=lambda program: program.__name__)
@pytest.mark.parametrize("x", [0.7, 1.1])
@pytest.mark.filterwarnings("ignore:.* is traced along the way that each call takes")
def test_values_and_gradients_are_those_of_python(program: Program, x: float) -> None:
    value, gradient = sd.value_and_grad(program)(x)
    assert value == pytest.approx(program(x), rel=1e-12)
    assert gradient == pytest.approx(float(difference(program, [x], 0)), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("program", REFUSED, ids=lambda program: program.__name__)
def test_changes_of_what_may_be_another_variable_are_refused(program: Program) -> None:
    message = "may be that of another variable"
    with pytest.raises(sd.UnsupportedError, match=message), without_ways():
        sd.grad(program)(0.7)


def test_a_view_that_a_loop_leaves_is_there_behind_the_loop_backwards() -> None:
    """That one writes into the array of the view, which it takes for its own."""

    def last_column(X: Any, x: Any) -> Any:
        A, B, v, w = X * 1.0, np.outer(x, X[1]), x, np.zeros(4)
        A[x > 0.1] = w
        for i in range(1, len(x) - 1):
            v = A[:, 2]
            B[i + 1] = w
        return np.sum(A * B) + np.sum(x * v)

    rng = np.random.default_rng(0)
    X, x = rng.standard_normal((6, 4)), rng.standard_normal(6)
    right = difference(last_column, (X, x), 1)
    found = sd.grad(last_column, wrt="x", loops="roll")(X, x)
    np.testing.assert_allclose(found, right, rtol=1e-6, atol=1e-8)

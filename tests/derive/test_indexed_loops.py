"""Loops over arrays that are read and written by index: values, derivatives, and what a step costs.

The oracle is the program itself: run by Python, and its central differences.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symdiff as sd
from symdiff.emit.dialect import ARRAYS
from symdiff.emit.names import Names
from symdiff.emit.printer import Printer
from symdiff.graph.graph import Graph
from symdiff.graph.shape import size
from symdiff.optimize import optimize
from symdiff.schedule.build import scheduled
from symdiff.schedule.program import (
    COPY,
    EMPTY,
    FULL,
    For,
    Number,
    Op,
    Update,
    expressions,
    parts,
    statements,
)

Function = Callable[..., Any]


def pythons(lower: int, upper: int, body: Callable[[Any, Any], Any], init: Any) -> Any:
    """What `sd.fori` does, as Python's loop."""
    carry = copy.deepcopy(init)
    for i in range(lower, upper):
        carry = body(i, carry)
    return carry


def recurrence(w: Any, x: Any, fori: Function = sd.fori) -> Any:
    def body(i: Any, a: Any) -> Any:
        a[i] = np.sin(a[i - 1]) * w
        return a

    return np.sum(fori(1, x.shape[0], body, x))


def prefix_products(x: Any, fori: Function = sd.fori) -> Any:
    def body(i: Any, p: Any) -> Any:
        p[i + 1] = p[i] * x[i]
        return p

    return np.sum(np.cos(fori(0, x.shape[0], body, np.ones(x.shape[0] + 1))))


def thomas(a: Any, b: Any, c: Any, d: Any, fori: Function = sd.fori) -> Any:
    """The solution of a tridiagonal system (L. H. Thomas, 1949)."""
    n = d.shape[0]
    upper, right = np.zeros(n), np.zeros(n)
    upper[0] = c[0] / b[0]
    right[0] = d[0] / b[0]

    def forward(i: Any, carry: Any) -> Any:
        upper, right = carry
        m = b[i] - a[i] * upper[i - 1]
        upper[i] = c[i] / m
        right[i] = (d[i] - a[i] * right[i - 1]) / m
        return upper, right

    upper, right = fori(1, n, forward, (upper, right))
    x = np.zeros(n)
    x[n - 1] = right[n - 1]

    def backward(k: Any, x: Any) -> Any:
        i = n - 2 - k
        x[i] = right[i] - upper[i] * x[i + 1]
        return x

    return np.sum(fori(0, n - 1, backward, x) ** 2)


def horner(c: Any, x: Any, fori: Function = sd.fori) -> Any:
    n = c.shape[0]
    return fori(0, n, lambda k, s: s * x + c[n - 1 - k], 0.0)


def heat(u: Any, k: Any, fori: Function = sd.fori) -> Any:
    """Two buffers, which change places."""

    def body(_: Any, carry: Any) -> Any:
        u, new = carry
        new[1:-1] = u[1:-1] + k * (u[2:] - 2 * u[1:-1] + u[:-2])
        return new, u

    u, _ = fori(0, 7, body, (u, u))
    return np.sum(u**2)


def gauss_seidel(b: Any, w: Any, fori: Function = sd.fori) -> Any:
    n = b.shape[0]

    def sweep(_: Any, x: Any) -> Any:
        def body(i: Any, x: Any) -> Any:
            x[i] = w * np.tanh(b[i] + 0.3 * x[i - 1] + 0.2 * x[i + 1])
            return x

        return fori(1, n - 1, body, x)

    return np.sum(fori(0, 3, sweep, 0.1 * b) ** 2)


def cheapest_path(A: Any, fori: Function = sd.fori) -> Any:
    n, m = A.shape
    D = np.zeros((n, m))
    D[0] = np.cumsum(A[0])
    D[:, 0] = np.cumsum(A[:, 0])

    def rows(i: Any, D: Any) -> Any:
        def columns(j: Any, D: Any) -> Any:
            D[i, j] = A[i, j] + np.minimum(np.minimum(D[i - 1, j], D[i, j - 1]), D[i - 1, j - 1])
            return D

        return fori(1, m, columns, D)

    return fori(1, n, rows, D)[n - 1, m - 1]


def fibonacci(x: Any, start: Any, fori: Function = sd.fori) -> Any:
    def body(i: Any, a: Any) -> Any:
        a[i] = a[i - 1] + np.sin(a[i - 2]) * x[i]
        return a

    a = np.zeros(x.shape[0])
    a[0] = start
    a[1] = start * start
    return fori(2, x.shape[0], body, a)[-1]


def backwards(x: Any, fori: Function = sd.fori) -> Any:
    n = x.shape[0]

    def body(i: Any, a: Any) -> Any:
        a[n - 1 - i] = np.sin(a[n - i]) + x[n - 1 - i] ** 2
        return a

    return np.sum(np.exp(fori(1, n, body, x)))


def running_sum(x: Any, fori: Function = sd.fori) -> Any:
    def body(i: Any, a: Any) -> Any:
        a[i] += a[i - 1]
        return a

    return np.sum(fori(1, x.shape[0], body, x) ** 2)


def filled(u: Any, v: Any, fori: Function = sd.fori) -> Any:
    n, m = u.shape[0], v.shape[0]

    def rows(i: Any, F: Any) -> Any:
        def columns(j: Any, F: Any) -> Any:
            F[i, j] = np.sin(u[i] * v[j]) + F[i, j - 1]
            return F

        return fori(1, m, columns, F)

    return np.sum(fori(0, n, rows, np.zeros((n, m))) ** 2)


def eliminated(A: Any, fori: Function = sd.fori) -> Any:
    """Rows of which others are subtracted, as in a decomposition."""
    n = A.shape[0]

    def outer(k: Any, A: Any) -> Any:
        def inner(i: Any, A: Any) -> Any:
            A[i, k] = A[i, k] / (4 + A[k, k])
            A[i, :] -= A[i, k] * A[k, :]
            return A

        return fori(0, n, inner, A)

    return np.sum(fori(0, n, outer, A) ** 2)


def exchanged(x: Any, y: Any, fori: Function = sd.fori) -> Any:
    def body(i: Any, carry: Any) -> Any:
        a, b = carry
        a[i] = np.sin(b[i]) * a[i - 1]
        b[i - 1] = a[i] + b[i] ** 2
        return b, a

    a, b = fori(1, x.shape[0], body, (x, y))
    return np.sum(a * b)


def weighted_rows(W: Any, x: Any, fori: Function = sd.fori) -> Any:
    """A row of a matrix from outside, by what was written so far."""

    def body(i: Any, h: Any) -> Any:
        h[i] = np.tanh(W[i] @ h + x[i])
        return h

    return np.sum(fori(0, x.shape[0], body, x) ** 2)


def drawn(*shape: int, scale: float = 1.0) -> Any:
    return scale * np.random.default_rng(len(shape) + sum(shape)).uniform(0.4, 1.6, shape)


CASES: dict[str, tuple[Function, tuple[Any, ...]]] = {
    found.__name__: (found, args)
    for found, args in (
        (recurrence, (1.1, drawn(7))),
        (prefix_products, (drawn(7),)),
        (thomas, (drawn(7), 3 + drawn(7), drawn(7), drawn(7))),
        (horner, (drawn(7), 0.7)),
        (heat, (drawn(7), 0.2)),
        (gauss_seidel, (drawn(7), 0.8)),
        (cheapest_path, (drawn(5, 6),)),
        (fibonacci, (drawn(7), 0.5)),
        (backwards, (drawn(7, scale=0.3),)),
        (running_sum, (drawn(7),)),
        (filled, (drawn(4), drawn(5))),
        (eliminated, (drawn(4, 4, scale=0.3),)),
        (exchanged, (drawn(7), drawn(7, scale=0.5))),
        (weighted_rows, (drawn(6, 6, scale=0.3), drawn(6))),
    )
}
cases = pytest.mark.parametrize("name", CASES)


def plain(function: Function) -> Function:
    """With Python's loops."""
    return lambda *args: function(*args, fori=pythons)


def differences(function: Function, args: tuple[Any, ...], step: float = 1e-6) -> list[Any]:
    """The gradient by central differences."""
    found = []
    for number, x in enumerate(args):
        array = np.array(x, dtype=float)
        slope = np.zeros(array.shape)
        for at in np.ndindex(array.shape):
            sides = []
            for sign in (1, -1):
                moved = array.copy()
                moved[at] += sign * step
                sides.append(function(*args[:number], moved[()], *args[number + 1 :]))
            slope[at] = (sides[0] - sides[1]) / (2 * step)
        found.append(slope)
    return found


def everything(function: Function) -> tuple[int, ...]:
    """The numbers of the arguments that are no loop."""
    return tuple(range(len(inspect.signature(function).parameters) - 1))


def close(found: Any, wanted: Any, tolerance: float = 1e-6) -> None:
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def traced_case(name: str) -> tuple[sd.Function, tuple[Any, ...]]:
    function, args = CASES[name]
    names = list(inspect.signature(function).parameters)[:-1]
    shapes = {key: np.shape(x) for key, x in zip(names, args, strict=True)}
    code = f"lambda {', '.join(names)}: function({', '.join(names)})"
    alone = eval(code, {"function": function})  # noqa: S307  without the argument for the loop
    return sd.function(alone, shapes=shapes, wrt=tuple(names)), args


# --- values and derivatives ----------------------------------------------------------------------


@cases
def test_value_and_gradient_are_those_of_pythons_loop(name: str) -> None:
    function, args = CASES[name]
    before = copy.deepcopy(args)
    wanted = plain(function)(*args)
    np.testing.assert_allclose(function(*args), wanted, rtol=1e-13)
    value, gradient = sd.value_and_grad(function, wrt=everything(function))(*args)
    np.testing.assert_allclose(value, wanted, rtol=1e-13)
    close(gradient, differences(plain(function), args))
    for one, other in zip(args, before, strict=True):
        np.testing.assert_array_equal(one, other)  # no argument was written into


@cases
def test_tangents_are_differences(name: str) -> None:
    function, args = CASES[name]
    along = [np.cos(np.arange(np.size(x)).reshape(np.shape(x))) for x in args]
    gradient = differences(plain(function), args)
    wanted = sum(np.sum(g * t) for g, t in zip(gradient, along, strict=True))
    _, found = sd.jvp(function, wrt=everything(function))(*args, *along)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@cases
def test_second_derivatives_are_differences_of_the_first(name: str) -> None:
    function, args = CASES[name]
    wrt = everything(function)
    along = [np.cos(1.0 + np.arange(np.size(x)).reshape(np.shape(x))) for x in args]
    gradient = sd.grad(function, wrt=wrt)
    step = 1e-6
    sides = [
        gradient(*[x + sign * step * t for x, t in zip(args, along, strict=True)])
        for sign in (1, -1)
    ]
    wanted = [(one - other) / (2 * step) for one, other in zip(*sides, strict=True)]
    close(sd.hvp(function, wrt=wrt)(*args, *along), wanted, tolerance=1e-5)


# --- rows are views ------------------------------------------------------------------------------


def _row_is_written(i: Any, A: Any) -> Any:
    row = A[i]
    row[0] = row[1] * 2
    return A


def _row_sees_writes(i: Any, A: Any) -> Any:
    row = A[i]
    A[i, 0] = 7 * A[i, 1]
    A[i, 2] = np.sum(row)
    return A


def _rows_in_place(i: Any, A: Any) -> Any:
    A[i] *= A[0, 0]
    A[i, 1:3] += A[i, 0]
    return A


def _row_of_a_row(i: Any, A: Any) -> Any:
    A[i][1] = A[i][0] * 3
    return A


def _row_kept(i: Any, A: Any) -> Any:
    before = A[i].copy()
    A[i] = np.sin(A[i - 1])
    A[i, 1] = before[1] * A[i, 0]
    return A


@pytest.mark.parametrize(
    "body", [_row_is_written, _row_sees_writes, _rows_in_place, _row_of_a_row, _row_kept]
)
def test_a_row_at_a_counter_is_a_view(body: Function) -> None:
    def function(A: Any, fori: Function = sd.fori) -> Any:
        return np.sum(np.cos(fori(0, A.shape[0], body, A)))

    A = drawn(3, 4)
    value, gradient = sd.value_and_grad(function)(A)
    np.testing.assert_allclose(value, plain(function)(A), rtol=1e-13)
    close((gradient,), differences(plain(function), (A,)))


def test_what_is_read_from_the_end_of_an_array_that_no_step_writes() -> None:
    def function(x: Any, fori: Function = sd.fori) -> Any:
        def body(i: Any, carry: Any) -> Any:
            M, b = carry
            b[i] = np.sin(M[0, i - 1]) * M[i, 2] * M[-1, -2]
            return M, b

        M, b = fori(0, 3, body, (x, x[0]))
        return np.sum(b**2) + np.sum(M)

    x = drawn(4, 4)
    (wanted,) = differences(plain(function), (x,))
    close((sd.grad(function)(x),), (wanted,))


# --- patterns of indices -------------------------------------------------------------------------

PLACES = st.tuples(st.sampled_from([1, -1]), st.integers(0, 3))


def place(i: Any, pattern: tuple[int, int], n: int) -> Any:
    """i + c, or n - 1 - i - c: which may count from the end, as a negative number does."""
    step, offset = pattern
    return i - offset if step > 0 else n - 1 - i - offset


@settings(max_examples=25, deadline=None)
@given(PLACES, PLACES, PLACES, PLACES, st.integers(0, 3), st.booleans())
def test_any_places(
    first: Any, second: Any, third: Any, fourth: Any, lower: int, exchanges: bool
) -> None:
    def function(x: Any, w: Any, fori: Function = sd.fori) -> Any:
        n = x.shape[0]

        def body(i: Any, carry: Any) -> Any:
            a, b = carry
            a[place(i, first, n)] = np.sin(a[place(i, second, n)]) * w[i] + b[place(i, third, n)]
            b[place(i, fourth, n)] += a[place(i, second, n)] * b[place(i, first, n)]
            return (b, a) if exchanges else (a, b)

        a, b = fori(lower, n, body, (x, w))
        return np.sum(a * np.cos(b))

    args = drawn(6, scale=0.6), drawn(6, scale=0.5)[::-1].copy()
    value, gradient = sd.value_and_grad(function, wrt=(0, 1))(*args)
    np.testing.assert_allclose(value, plain(function)(*args), rtol=1e-12)
    close(gradient, differences(plain(function), args))


# --- what a step costs ---------------------------------------------------------------------------

_WHOLE = frozenset((COPY, EMPTY, FULL, "put", "put_add", "broadcast"))


def whole_arrays(graph: Graph, smallest: int) -> list[str]:
    """What is made in the steps of loops that has so many elements or more."""
    names = {name: name for name in graph.input_names}
    graph = optimize(graph)
    program = scheduled(graph, Printer(ARRAYS, Names(names)).style(), names)
    loops = [line for line in statements(program.body) if isinstance(line, For)]
    made = []
    for line in statements([inner for loop in loops for inner in loop.body]):
        roots = line.value.args[1:] if isinstance(line, Update) else expressions(line)
        for part in parts(*roots):
            is_made = isinstance(part, Number) or (isinstance(part, Op) and part.name in _WHOLE)
            if is_made and part.shape and size(part.shape) >= smallest:  # type: ignore[operator]
                made.append(str(part))
    return made


@cases
def test_a_step_makes_no_whole_array(name: str) -> None:
    traced, args = traced_case(name)
    smallest = max(int(np.size(x)) for x in args)
    for graph in (traced.graph, traced.value_and_grad().graph, traced.jvp().graph):
        assert not whole_arrays(graph, smallest)


def test_text_is_that_of_the_program() -> None:
    def loss(w: Any, x: Any) -> Any:
        def body(i: Any, a: Any) -> Any:
            a[i] = np.sin(a[i - 1]) * w
            return a

        return np.sum(sd.fori(1, x.shape[0], body, x))

    text = sd.function(loss, shapes={"w": (), "x": ("n",)}, wrt=("w", "x")).grad().emit()
    assert "for i in range(1, n):" in text
    assert "a[i] = np.sin(a[i - 1]) * w" in text
    assert "for i in reversed(range(1, n)):" in text
    assert "a_bar[i - 1] += a_bar_part * w * np.cos(a[i - 1])" in text  # of a itself, at its end
    assert "a_bar[i] = 0.0" in text
    assert "a_history" not in text


@pytest.mark.parametrize(
    ("name", "histories"),
    [
        ("recurrence", 1),  # of the sine: all that is in an array is read there
        ("thomas", 1),
        ("fibonacci", 1),
        ("backwards", 0),
        ("running_sum", 0),
        ("filled", 1),
        ("exchanged", 3),  # two arrays that change places: which one is written is not looked into
    ],
)
def test_what_an_array_still_holds_is_kept_once(name: str, histories: int) -> None:
    traced, _ = traced_case(name)
    text = traced.value_and_grad().emit()
    body = text[text.index("def _value_and_grad") : text.index("def value(")]
    assert body.count("_history = np.empty") == histories


def test_places_that_count_from_the_end_are_written_again() -> None:
    """In the first step a[i - 1] is the last element, which a later step writes."""

    def loss(x: Any, fori: Function = sd.fori) -> Any:
        def body(i: Any, a: Any) -> Any:
            a[i] = np.sin(a[i - 1]) * x[i]
            return a

        return np.sum(fori(0, x.shape[0], body, x) ** 2)

    x = drawn(5)
    (wanted,) = differences(plain(loss), (x,))
    np.testing.assert_allclose(sd.grad(loss)(x), wanted, rtol=1e-6)

"""Cotangents assembled from pieces: as many arrays of zeros as before, and the right numbers.

The oracle is the complex step of the function itself, with NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.graph.node import CONSTANT

Function = Callable[..., Any]


def _windows(x):
    """Parts that overlap."""
    return sum(np.sin(x[k : k + 4]).sum() * (k + 1.0) for k in range(5))


def _elements(x):
    return x[0] * x[1] + np.sin(x[2]) * x[7] - x[-2] * x[0]


def _two_elements(x):
    y = x[:2]
    return np.sum(np.array([y[1], -y[0] * y[1]]) ** 2)


def _rows(x):
    m = x.reshape(2, 4)
    return np.sum(m[0] * np.cos(m[1]))


def _corners(x):
    m = x.reshape(4, 2)[:2]
    return m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]


def _halves(x):
    return np.sum(x[:3] ** 2) * np.sum(np.exp(x[3:]))


def _scaled(x):
    return np.sum([0.5 * np.sum(x[k] * x[k:]) for k in range(8)])


def _with_the_whole(x):
    return np.sum(x**3) + np.sum(x[1:] * x[:-1]) - x[3] * x[4]


def _backwards(x):
    return np.sum(x[::-2] * np.array([1.0, 2.0, 3.0, 4.0])) + np.sum(x[1:3] ** 2)


def _parts_of_parts(x):
    inner = x[1:-1]
    return inner[0] * inner[-1] + np.sum(inner[::2] ** 3)


def _columns(x):
    m = x.reshape(4, 2)
    return np.sum(m[:, 0] * np.sin(m[:, 1]))


def _once(x):
    return np.sum(x[2:5] ** 2)


FUNCTIONS = (
    _windows,
    _elements,
    _two_elements,
    _rows,
    _corners,
    _halves,
    _scaled,
    _with_the_whole,
    _backwards,
    _parts_of_parts,
    _columns,
    _once,
)
each = pytest.mark.parametrize("function", FUNCTIONS, ids=[f.__name__[1:] for f in FUNCTIONS])


@each
def test_the_gradient_is_that_of_the_complex_step(function: Function) -> None:
    x = np.random.default_rng(0).normal(size=8)
    right = [function(x + step).imag / 1e-30 for step in 1e-30j * np.eye(8)]
    assert sd.function(function, shapes={"x": (8,)}).grad()(x) == pytest.approx(
        right, rel=1e-13, abs=1e-15
    )


@each
def test_there_is_one_array_of_zeros_at_most(function: Function) -> None:
    text = sd.function(function, shapes={"x": (8,)}).value_and_grad().emit()
    body = text[text.index("def _value_and_grad") :].split("\n\n")[0]
    allowed = 2 if function is _parts_of_parts else 1  # the part's own cotangent, and its place
    assert body.count("np.zeros") + body.count("_spread(") <= allowed


def test_the_hessian_of_parts() -> None:
    x = np.random.default_rng(1).normal(size=8)
    made = sd.function(_with_the_whole, shapes={"x": (8,)})
    right = np.diag(6.0 * x) + np.eye(8, k=1) + np.eye(8, k=-1)
    right[3, 4] -= 1.0
    right[4, 3] -= 1.0
    assert made.hessian()(x) == pytest.approx(right, abs=1e-13)


def test_a_named_length() -> None:
    made = sd.function(_with_the_whole, shapes={"x": ("N",)}).grad()
    for count in (5, 9):
        x = np.random.default_rng(2).normal(size=count)
        right = [_with_the_whole(x + step).imag / 1e-30 for step in 1e-30j * np.eye(count)]
        assert made(x) == pytest.approx(right, rel=1e-13)


def test_a_piece_that_is_not_a_number_stays_in_its_place() -> None:
    made = sd.function(lambda x: np.sum(np.sqrt(x[:3])) + np.sum(x[4:]), shapes={"x": (8,)}).grad()
    with np.errstate(invalid="ignore"):
        found = made(np.array([1.0, -1.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]))
    assert np.array_equal(np.isnan(found), np.arange(8) == 1)


def test_a_cotangent_that_is_needed_alone_is_not_written_into() -> None:
    """The cotangent of `y` is a result and is added to: both are right."""

    def loss(x, y):
        return np.sum(np.sin(x + y)) + np.sum(x[:2] ** 2)

    x, y = np.linspace(0.0, 1.0, 4), np.linspace(-1.0, 1.0, 4)
    by_x, by_y = sd.grad(loss, wrt=("x", "y"))(x, y)
    assert by_y == pytest.approx(np.cos(x + y))
    assert by_x == pytest.approx(np.cos(x + y) + np.array([2.0 * x[0], 2.0 * x[1], 0.0, 0.0]))


def test_what_scales_all_pieces_scales_the_array() -> None:
    """0.01 times each of nine sums is 0.01 times their array."""

    def loss(w, x):
        out = np.zeros((6, 6))
        for i in range(3):
            for j in range(3):
                out = out + w[i, j] * x[i : i + 6, j : j + 6]
        return np.mean(out**2)

    graph = sd.function(loss, shapes={"w": (3, 3), "x": (8, 8)}, wrt="w").grad().optimized
    by_w = graph[graph.outputs[-1]]
    assert by_w.op == "multiply"
    assert graph[by_w.args[0]].op == CONSTANT
    assert graph[by_w.args[1]].op == "put"


def test_a_slice_that_was_read_before_is_added_to_in_place() -> None:
    """A step backwards reads `y_bar[:i]` and adds to it: no array of zeros around what it adds."""

    def loss(r):
        y = np.zeros(7)
        y[0] = r[0]
        for i in range(1, 7):
            y[:i] += np.sin(r[i]) * y[:i][::-1]
            y[i] = r[i] * (r[:i] @ y[:i])
        return np.sum(y)

    r = np.linspace(0.2, 0.9, 7)
    gradient = sd.grad(loss, loops="roll")
    sides = [[loss(r + sign * step) for step in 1e-6 * np.eye(7)] for sign in (1, -1)]
    assert gradient(r) == pytest.approx((np.array(sides[0]) - sides[1]) / 2e-6, rel=1e-6)
    text = gradient.emit()
    steps = text[text.index("in reversed(") : text.index("def value(")]
    assert "y_bar[:i] += " in steps
    assert " y_bar = " not in steps


def test_what_a_loop_leaves_is_added_to_in_place() -> None:
    """The start of a recurrence reads one element of what its steps read another one of."""

    def loss(p):
        u = np.zeros(6)
        u[0] = p[0]
        for i in range(1, 6):
            u[i] = u[i - 1] + 0.1 * np.sin(p[1] * u[i - 1])
        return np.sum(u**2)

    p = np.array([0.7, 1.3])
    gradient = sd.grad(loss, loops="roll")
    sides = [[loss(p + sign * step) for step in 1e-6 * np.eye(2)] for sign in (1, -1)]
    assert gradient(p) == pytest.approx((np.array(sides[0]) - sides[1]) / 2e-6, rel=1e-6)
    body = gradient.emit().split("\ndef value(")[0]
    assert body.rstrip().endswith("    p_bar[0] += u_bar[0]\n    return loss, p_bar")
    # what the steps write into has its name from the start
    assert body.count("    u = np.zeros(6)  # line ") == 2
    assert "u = v" not in body


def test_complex_elements_make_one_array() -> None:
    def function(x: Any) -> Any:
        z = np.array([1.0 + 0.5j, 1.5, 0.3j]) * np.exp(1j * x)
        return np.abs(z[0] * z[1] + 2.0 * z[0]) ** 2 + np.real(z[1] * np.conj(z[2]))

    gradient = sd.grad(function)
    x = np.array([0.3, 1.2, 0.7])
    slopes = [(function(x + step) - function(x - step)) / 2e-5 for step in 1e-5 * np.eye(3)]
    np.testing.assert_allclose(gradient(x), slopes, rtol=1e-7, atol=1e-9)
    body = gradient.emit().partition("def _value_and_grad(")[2].partition("def value")[0]
    assert "zeros" not in body

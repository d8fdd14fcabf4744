"""Writes that nothing reads any more: left out where that is shown, kept where it is not.

The oracle is the program itself, run by Python: its central differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

X = np.random.default_rng(3).normal(size=7)
A = np.random.default_rng(4).normal(size=(7, 7)) * 0.3 + 2.0 * np.eye(7)


def recurrence(w: Any) -> Any:
    a = X.copy()
    for i in range(1, 7):
        a[i] = np.sin(a[i - 1]) * w
    return np.sum(a)


def two_back(w: Any) -> Any:
    a = X.copy()
    for i in range(2, 7):
        a[i] = np.sin(a[i - 1] * w) + a[i - 2] * a[i]
    return np.sum(a * a)


def from_the_end(w: Any) -> Any:
    a = X.copy()
    for i in range(6):
        a[5 - i] = np.sin(a[6 - i]) * w
    return np.sum(a)


def solved(b: Any) -> Any:
    x = np.zeros(7)
    for i in range(7):
        x[i] = (b[i] - A[i, :i] @ x[:i]) / A[i, i]
    return np.sum(np.sin(x))


def around_the_end(w: Any) -> Any:
    """The first step reads the last element, which the last step writes."""
    a = X.copy()
    for i in range(7):
        a[i] = np.sin(a[i - 1]) * w
    return np.sum(a * a)


def written_twice(w: Any) -> Any:
    """Two steps write one element: the first one's is read by none, and has no cotangent."""
    a = X.copy()
    for i in range(7):
        a[i // 2] = np.sin(w * X[i]) + w * a[6 - i]
    return np.sum(a * a)


def read_by_the_same_step(w: Any) -> Any:
    a = X.copy()
    for i in range(1, 7):
        a[i] = np.sin(a[i - 1]) * w
        a[i] = a[i] * a[i] + w
    return np.sum(a)


def asked_for_behind(x: Any) -> Any:
    """What is overwritten has a cotangent of zero, as the gradient says."""
    a = x.copy()
    for i in range(1, 7):
        a[i] = np.sin(a[i - 1]) * 1.1
    return np.sum(a)


def read_in_a_copy_of_the_step_before(x: Any) -> Any:
    a, before, total = np.zeros(7), np.zeros(7), 0.0
    for i in range(2, 7):
        total = total + np.sin(before[i - 2]) * x
        before = a.copy()
        a[i] = x * i
    return total


def read_in_a_copy_between_writes(x: Any) -> Any:
    a, before, total = np.zeros(7), np.zeros(7), 0.0
    for i in range(2, 7):
        total = total + np.sin(before[i - 1]) * x
        a[i] = x * i
        before = a.copy()
        a[i] = 0.0
    return total


CASES = {
    recurrence: (1.1, 0),
    two_back: (0.9, 0),
    from_the_end: (1.2, 0),
    solved: (X, 0),
    around_the_end: (1.1, 0),
    written_twice: (0.7, None),
    read_by_the_same_step: (0.8, None),
    asked_for_behind: (X, 1),
    read_in_a_copy_of_the_step_before: (0.3, None),
    read_in_a_copy_between_writes: (0.3, None),
}


def differences(function: Callable[..., Any], x: Any) -> Any:
    x = np.asarray(x, float)
    units = np.eye(x.size).reshape(-1, *x.shape) * 1e-6
    return np.reshape([(function(x + u) - function(x - u)) / 2e-6 for u in units], x.shape)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_gradients_are_differences(function: Callable[..., Any]) -> None:
    at, zeros = CASES[function]
    found = sd.grad(function, loops="roll")
    np.testing.assert_allclose(found(at), differences(function, at), rtol=1e-6, atol=1e-8)
    if zeros is not None:
        text = found.emit()
        body = text[text.index("def _value_and_grad") : text.index("def value(")]
        assert body.count("] = 0.0") == zeros

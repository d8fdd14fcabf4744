"""Masked arrays in traced functions: a known mask over traced data, as `np.ma` has it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import SymdiffError, UnsupportedError

X = np.array([0.6, 1.35, 2.1, 0.85, -0.4, 1.7])
TABLE = np.array([0.3, 0.9, np.nan, 1.2, 1.9, np.inf])
MASK = np.array([False, True, False, False, True, False])
OTHER = np.array([True, False, False, False, True, False])
NONE = np.zeros(6, bool)
ROWS = np.array([[False, True, True], [True, False, True]])  # a column is masked whole

RIGHT: dict[str, Callable[[Any], Any]] = {
    "a mean": lambda x: np.ma.masked_array(x, mask=MASK).mean(),
    "a mean by NumPy's function": lambda x: np.mean(np.ma.array(x**2, mask=MASK)),
    "a sum by np.ma's": lambda x: np.ma.sum(np.ma.array(x**2, mask=MASK)),
    "a class with an order": lambda x: np.ma.MaskedArray(x, MASK).sum(),
    "a variance": lambda x: np.ma.array(x, mask=MASK).var(),
    "a variance of a sample": lambda x: np.ma.array(x, mask=MASK).var(ddof=1),
    "a deviation": lambda x: np.ma.array(x, mask=MASK).std(),
    "a deviation without a mask": lambda x: np.ma.array(x).std(ddof=1),
    "extrema": lambda x: np.ma.array(x, mask=MASK).max() * np.ma.array(x, mask=OTHER).min(),
    "a product": lambda x: np.ma.array(x, mask=MASK).prod(),
    "a mask by a condition": lambda x: np.ma.masked_where(TABLE > 1.0, x).mean(),
    "data that are not all numbers": lambda x: (np.ma.masked_invalid(TABLE) * x).sum(),
    "data of one value": lambda x: (np.ma.masked_equal(np.round(TABLE[:2]), 1.0) * x[:2]).mean(),
    "residuals to what is known": lambda x: ((np.ma.masked_invalid(TABLE) - x[0]) ** 2).mean(),
    "an array on the left": lambda x: (MASK * np.ma.array(x, mask=OTHER)).sum(),
    "numbers on both sides": lambda x: (2.0 - 3.0 * np.ma.array(x, mask=MASK) + 1.0).sum(),
    "two masks": lambda x: (np.ma.array(x, mask=MASK) * np.ma.array(x, mask=OTHER)).sum(),
    "two masks, counted": lambda x: (
        (np.ma.array(x, mask=MASK) + np.ma.array(x, mask=OTHER)).count() * x[0]
    ),
    "functions of np.ma": lambda x: np.ma.exp(np.ma.sin(np.ma.array(x, mask=MASK))).sum(),
    "functions of NumPy": lambda x: np.exp(np.sin(np.ma.array(x, mask=MASK))).sum(),
    "signs": lambda x: abs(-np.ma.array(x, mask=MASK)).sum(),
    "a quotient": lambda x: (np.ma.array(x, mask=MASK) / (x**2 + 1.0)).sum(),
    "a quotient below": lambda x: (1.0 / np.ma.array(x, mask=MASK)).sum(),
    "a quotient by zero under the mask": lambda x: (
        1.0 / np.ma.array(x * (1 - MASK), mask=MASK)
    ).sum(),
    "a logarithm": lambda x: np.ma.log(np.ma.array(x, mask=MASK)).sum(),
    "NumPy's logarithm": lambda x: np.log(np.ma.array(x, mask=MASK)).sum(),
    "a root": lambda x: np.ma.sqrt(np.ma.array(x, mask=MASK)).mean(),
    "a power": lambda x: (np.ma.array(x, mask=MASK) ** 3).sum(),
    "a power of two": lambda x: (2.0 ** np.ma.array(x, mask=MASK)).sum(),
    "an arcus": lambda x: np.ma.arcsin(np.ma.array(x / 4.0, mask=MASK)).sum(),
    "a hypotenuse": lambda x: np.ma.hypot(np.ma.array(x, mask=MASK), x[::-1]).sum(),
    "what is left of a division": lambda x: np.ma.remainder(np.ma.array(x, mask=MASK), 0.5).sum(),
    "filled": lambda x: (np.ma.array(x, mask=MASK) * 2.0).filled(7.0) @ x,
    "filled as it is": lambda x: np.ma.array(x, mask=MASK, fill_value=-3.0).filled() @ x,
    "filled by np.ma": lambda x: np.ma.filled(np.ma.array(x, mask=MASK), 2) @ x,
    "compressed": lambda x: (np.ma.array(x, mask=MASK).compressed() ** 2).sum(),
    "data after a sum": lambda x: (np.ma.array(x, mask=MASK) + x**2).data @ x,
    "data after a difference": lambda x: (1.0 - np.ma.array(x, mask=MASK)).data @ x,
    "data after a quotient": lambda x: (np.ma.array(x, mask=MASK) / (x**2 + 1.0)).data @ x,
    "data after a power": lambda x: (np.ma.array(x, mask=MASK) ** 3).data @ x,
    "data after np.ma.sin": lambda x: np.ma.sin(np.ma.array(x, mask=MASK)).data @ x,
    "data after np.sin": lambda x: np.sin(np.ma.array(x, mask=MASK)).data @ x,
    "data after np.sqrt": lambda x: np.sqrt(np.ma.array(x, mask=MASK)).data @ x,
    "data after a sign": lambda x: (-np.ma.array(x, mask=MASK)).data @ x,
    "data after an array on the left": lambda x: (
        (TABLE[:2] - np.ma.array(x, mask=MASK)[:2]).data @ x[:2]
    ),
    "data after a scalar of NumPy's on the left": lambda x: (
        (np.float64(2.0) - np.ma.array(x, mask=MASK)).data @ x
        + (x[0] * np.ma.array(x, mask=MASK)).data @ x
    ),
    "a scalar of NumPy's over it": lambda x: (x[0] / np.ma.array(x, mask=MASK)).data @ x,
    "a scalar of NumPy's over zeros under the mask": lambda x: (
        (x[0] / np.ma.array(x * (1 - MASK), mask=MASK)).data @ x
    ),
    "NumPy's function of two": lambda x: (
        np.divide(np.ma.array(x, mask=MASK), x).sum() * x[0]
        + np.add(np.ma.array(x, mask=MASK), x).data @ x
        + np.multiply(x, np.ma.array(x, mask=MASK)).data @ x
    ),
    "what is left by an operator": lambda x: (np.ma.array(x, mask=MASK) % 0.8).sum(),
    "rounded": lambda x: (np.ma.around(1.01 * np.ma.array(x, mask=MASK), 1) * x).sum(),
    "memory that is shared": lambda x: _changed_later(x, copy=False),
    "memory that is copied": lambda x: _changed_later(x, copy=True),
    "data of what is known": lambda x: np.ma.masked_invalid(TABLE)[:2].data @ x[:2],
    "the mask": lambda x: np.where((np.ma.array(x, mask=MASK) * x).mask, 0.0, x).sum(),
    "the mask as a number": lambda x: np.ma.getmaskarray(np.ma.array(x, mask=MASK)) @ x,
    "columns": lambda x: np.ma.array(x.reshape(2, 3), mask=ROWS).sum(axis=0).filled(0.5) @ x[:3],
    "means of columns": lambda x: (
        np.ma.array(x.reshape(2, 3), mask=ROWS).mean(axis=0).filled(0.5) @ x[:3]
    ),
    "deviations of rows": lambda x: (
        np.ma.array(x.reshape(2, 3), mask=np.array([[0, 1, 0], [0, 0, 1]])).std(axis=1).sum()
    ),
    "extrema of columns": lambda x: (
        np.ma.array(x.reshape(2, 3), mask=ROWS).min(axis=0).filled(0.5) @ x[:3]
    ),
    "rows and their means": lambda x: (
        (lambda m: (m - m.mean(axis=1, keepdims=True)).data)(
            np.ma.array(x.reshape(2, 3), mask=ROWS)
        ).reshape(-1)
        @ x
    ),
    "an element": lambda x: np.ma.array(x, mask=MASK)[2] ** 2,
    "a part": lambda x: np.ma.array(x, mask=MASK)[1:4].sum(),
    "each element": lambda x: sum(
        [v for v in np.ma.array(x, mask=MASK) if v is not np.ma.masked], 0.0
    ),
    "sums so far": lambda x: np.ma.array(x, mask=MASK).cumsum().sum(),
    "other shapes": lambda x: np.ma.array(x, mask=MASK).reshape(3, 2).T.ravel().filled(1.5) @ x,
    "a copy": lambda x: np.ma.array(x, mask=MASK, copy=True).sum(),
    "a mask on a mask": lambda x: np.ma.array(np.ma.array(x, mask=MASK), mask=OTHER).sum(),
    "a mask in its place": lambda x: np.ma.array(
        np.ma.array(x, mask=MASK), mask=OTHER, keep_mask=False
    ).sum(),
    "a mask of nothing": lambda x: np.ma.array(x, mask=False).var(),
    "a mask as a list": lambda x: np.ma.array(x, mask=[0, 1, 0, 0, 1, 0]).sum(),
    "a list of values": lambda x: np.ma.array([x[0], x[1] ** 2, 3.0], mask=[0, 0, 1]).mean(),
    "a mask that the function makes": lambda x: np.ma.array(x, mask=np.arange(6) > 3).mean(),
    "masked altogether": lambda x: (
        x[0] if np.ma.array(x, mask=True).mean() is np.ma.masked else x[1]
    ),
    "a spread that is left without freedom": lambda x: (
        x[0] if np.ma.array(x[:2], mask=[0, 1]).var(ddof=1) is np.ma.masked else x[1]
    ),
    "in a loop": lambda x: sum([(np.ma.array(x, mask=MASK) * k).sum() for k in range(4)], 0.0),
}


@pytest.mark.parametrize("name", RIGHT)
def test_values_are_numpys_and_gradients_those_of_differences(name: str) -> None:
    function = RIGHT[name]
    with np.errstate(all="ignore"):
        value, gradient = sd.value_and_grad(function)(X)
        np.testing.assert_allclose(value, function(X), rtol=1e-13, atol=1e-13)
        steps = 1e-6 * np.eye(len(X))
        slopes = [(function(X + step) - function(X - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(gradient, slopes, rtol=2e-6, atol=1e-7)


def test_a_second_derivative() -> None:
    hessian = sd.hessian(lambda x: np.ma.array(x**3, mask=MASK).sum())(X)
    np.testing.assert_allclose(hessian, np.diag(np.where(MASK, 0.0, 6.0 * X)))


def test_nothing_under_the_mask_enters() -> None:
    x = np.where(MASK, np.nan, X)
    with np.errstate(all="raise"):
        gradient = sd.grad(lambda x: (np.ma.log(np.ma.array(x, mask=MASK)) ** 2).sum())(x)
    np.testing.assert_allclose(gradient, np.where(MASK, 0.0, 2.0 * np.log(np.abs(X)) / X))


BY_VALUE: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "a logarithm": (lambda x: np.ma.log(np.ma.array(x, mask=MASK)).sum(), (0, -1.0)),
    "a quotient": (lambda x: (1.0 / np.ma.array(x, mask=MASK)).sum(), (0, 0.0)),
    "a quotient that is nearly one": (lambda x: (1.0 / np.ma.array(x)).sum(), (0, 1e-309)),
    "a root": (lambda x: np.sqrt(np.ma.array(x, mask=MASK)).sum(), (3, -0.1)),
    "a power": (lambda x: (np.ma.array(x, mask=MASK) ** -0.5).sum(), (3, -0.1)),
    "means of columns": (
        lambda x: np.ma.array(x.reshape(2, 3), mask=ROWS).mean(axis=0).sum(),
        (0, np.inf),
    ),
}


@pytest.mark.parametrize("name", BY_VALUE)
def test_a_value_that_numpy_masks_is_an_error(name: str) -> None:
    function, (place, value) = BY_VALUE[name]
    x = np.abs(X)
    gradient = sd.grad(function)
    assert np.all(np.isfinite(gradient(x)))
    x[place] = value
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"would mask an element"):
        gradient(x)
    module = gradient.load()
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"np\.ma\."):
        module.value(x)


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a mask of values": (lambda x: np.ma.masked_where(x > 1.0, x).sum(), r"a mask of np\.ma"),
    "a mask of what is no number": (lambda x: np.ma.masked_invalid(x).sum(), r"masked_invalid"),
    "a mask of one value": (lambda x: np.ma.masked_equal(x, 1.0).sum(), r"masked_equal"),
    "a mask of an argument": (lambda x: np.ma.array(x, mask=x > 1.0).sum(), r"a mask of np\.ma"),
    "a comparison": (lambda x: (np.ma.array(x, mask=MASK) > 1.0).sum(), r"operator 'gt'"),
    "a comparison of np.ma": (
        lambda x: np.ma.greater(np.ma.array(x, mask=MASK), 1.0).sum(),
        r"masked array of truths",
    ),
    "a change in place": (lambda x: _changed(np.ma.array(x, mask=MASK)), r"written into"),
    "a sum in place": (lambda x: _added(np.ma.array(x, mask=MASK)), r"operator 'add='"),
    "a function of arrays": (lambda x: np.dot(np.ma.array(x, mask=MASK), x), r"np\.dot"),
    "a traced array's function": (lambda x: np.dot(x, np.ma.array(x, mask=MASK)), r"masked array"),
    "a product of matrices": (lambda x: np.ma.array(x, mask=MASK) @ x, r"operator 'matmul'"),
    "a method": (lambda x: np.ma.array(x, mask=MASK).argsort().sum(), r"'argsort'"),
    "a function of np.ma": (
        lambda x: np.ma.median(np.ma.array(x, mask=MASK)),
        r"np\.ma\.median is",
    ),
    "a joining": (
        lambda x: np.ma.concatenate([np.ma.array(x, mask=MASK), x]).sum(),
        r"np\.ma\.concatenate is not supported",
    ),
    "a mean with weights": (
        lambda x: np.ma.average(np.ma.array(x, mask=MASK), weights=x),
        r"np\.ma\.average is not supported",
    ),
    "a result": (lambda x: np.ma.array(x, mask=MASK), r"masked array"),
    "an index of values": (
        lambda x: np.ma.array(x, mask=MASK)[np.argmax(x)],
        r"an index of a masked array",
    ),
    "a masked array from outside": (
        lambda x: (np.ma.masked_array(TABLE, mask=MASK) * x).sum() + (OUTSIDE * x).sum(),
        r"this takes a masked array",
    ),
    "one on the right": (lambda x: (x * OUTSIDE).sum(), r"this takes a masked array"),
}
OUTSIDE = np.ma.array(X, mask=MASK)


def _changed_later(x: Any, *, copy: bool) -> Any:
    y, mask = x * 1.0, np.arange(6) > 3
    m = np.ma.array(y, mask=mask, copy=copy)
    y[0] = 5.0
    m.data[1] = 7.0
    return (m * x).sum() + y[1]


def _changed(m: Any) -> Any:
    m[0] = 1.0
    return m.sum()


def _added(m: Any) -> Any:
    m += 1.0
    return m.sum()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    function, sentence = REFUSED[name]
    with pytest.raises(UnsupportedError, match=sentence) as refused:
        (sd.jacobian if name == "a result" else sd.grad)(function)(X)
    assert refused.value.span is not None


def test_a_mask_is_not_written_into() -> None:
    def function(x: Any) -> Any:
        m = np.ma.array(x, mask=MASK)
        m.mask[0] = True
        return m.sum()

    with pytest.raises((ValueError, SymdiffError)):
        sd.grad(function)(X)


def test_a_branch_and_a_loop_keep_masked_arrays() -> None:
    def function(x: Any) -> Any:
        m = np.ma.array(x, mask=MASK)
        total = m.sum() if x[0] > 0.0 else (m * m).sum()
        for k in range(40):
            total = total + (m * k).mean()
        return total

    for x in (X, -X):
        value, gradient = sd.value_and_grad(function)(x)
        np.testing.assert_allclose(value, function(x), rtol=1e-13)
        slopes = [(function(x + s) - function(x - s)) / 2e-6 for s in 1e-6 * np.eye(6)]
        np.testing.assert_allclose(gradient, slopes, rtol=2e-6, atol=1e-6)


def test_the_module_is_loaded_where_a_function_asks_for_it() -> None:
    """NumPy loads it when it is asked for, which may be in the middle of a trace."""
    program = (
        "import sys, numpy as np, symdiff as sd\n"
        "assert 'numpy.ma' not in sys.modules\n"
        "f = sd.grad(lambda x: np.ma.array(x, mask=[0, 1]).sum())\n"
        "assert list(f(np.ones(2))) == [1.0, 0.0]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

"""Questions for objects (`is`, `match`, `hasattr`) whose answer depends on values."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest

import symdiff as sd
from symdiff.verify.finite_difference import central


def is_false(x: float) -> float:
    large = bool(x > 1)
    if large is False:
        return x**2
    return x**3


def is_not_true(x: float) -> float:
    return x**2 if (x > 1) is not True else x**3


def is_true_from_the_left(x: float) -> float:
    return x**3 if True is (x > 1) else x**2


def is_another_truth(x: float) -> float:
    return x**3 if (x > 1) is (x > 0.5) else x**2


def is_true_of_numpys(x: float) -> float:
    large = np.float64(x) > 1
    if large is True:  # never: NumPy's truths are no Python's
        return x**3
    return x**2


def while_it_is_true(x: float) -> float:
    large = x > 1
    while large is True:
        x = x * 0.5
        large = x > 1
    return x**2


def counted(x: float) -> float:
    return x ** sum(1 for large in (x > 1, x > 2) if large is True)


def is_none(x: float) -> float:
    found = None
    if x > 1:
        found = True
    if found is None:
        return x**2
    return x**3


def is_none_of_two_branches(x: float) -> float:
    found = None
    if x > 1:
        found = "large"
    if x > 2:
        found = 5
    return x**3 if found is not None else x**2


def matched_truth(x: float) -> float:
    match x > 1:
        case True:
            y = x**3
        case _:
            y = x**2
    return y


def matched_numbers(x: float) -> float:
    match int(x):
        case 0:
            return x**2
        case 1 | 3:
            return x**3
        case _ if x > 2.2:
            return x**4
        case _:
            return x


def matched_tuple(x: float) -> float:
    match (x > 1, x > 2):
        case (True, False):
            return x**2
        case (True, True):
            return x**3
    return x


def matched_none(x: float) -> float:
    found = None
    if x > 1:
        found = x
    match found:
        case None:
            return x**2
        case _:
            return x**3


def has_a_dict(x: float) -> float:
    return x**3 if hasattr(x, "__dict__") or hasattr(x, "__name__") else x**2


@pytest.mark.parametrize(
    "function",
    [
        is_false, is_not_true, is_true_from_the_left, is_another_truth, is_true_of_numpys,
        while_it_is_true, counted, is_none, is_none_of_two_branches, matched_truth,
        matched_numbers, matched_tuple, matched_none, has_a_dict,
    ],
)  # fmt: skip
@pytest.mark.parametrize("x", [0.7, 1.7, 2.1, 2.5])
def test_the_way_of_python_is_taken(function: Callable[[float], float], x: float) -> None:
    value, slope = sd.value_and_grad(function)(x)
    assert value == pytest.approx(function(x), rel=1e-12)
    assert slope == pytest.approx(central(function, x, 0.02).value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("function", [is_false, is_none, matched_truth, matched_numbers])
def test_it_stays_a_branch(function: Callable[[float], float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = sd.function(function, shapes={"x": ()}).grad().load()
    for x in (0.7, 1.7, 2.5):
        assert module.value(x) == pytest.approx(function(x), rel=1e-12)


def test_a_match_that_takes_apart_and_asks_for_objects_is_refused() -> None:
    def f(x: float) -> float:
        match [x > 1, x]:
            case [True, y]:
                return y**2
        return x

    with pytest.raises(sd.UnsupportedError, match="asks which object a value is"):
        sd.grad(f)(2.0)

"""Functions in C that ask for the memory or the number of what they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd


class Quaternion(np.ndarray):
    def __new__(cls, numbers: Any) -> Any:
        return super().__new__(cls, numbers.shape, float, numbers)


@pytest.mark.parametrize(
    ("function", "called"),
    [
        (lambda x: np.sum(Quaternion(x)), "super().__new__"),
        (lambda x: np.ndarray((2,), float, x)[0], "np.ndarray"),
        (lambda x: memoryview(x)[0], "memoryview"),
        (lambda x: np.frombuffer(x)[0], "np.frombuffer"),
        (lambda x: float.__add__(x[0], 2.0), "float.__add__"),
        (lambda x: bytes(x)[0] * x[0], "bytes"),
    ],
)
def test_they_are_refused_by_name(function: Callable[[Any], Any], called: str) -> None:
    with pytest.raises(sd.UnsupportedError) as caught:
        sd.grad(function)(np.array([1.0, 2.0]))
    assert caught.value.message.startswith(f"{called}(...) does not take values that are not known")
    assert caught.value.span is not None
    assert caught.value.span.file == __file__


def test_a_mistake_of_the_users_stays_pythons() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        sd.grad(lambda x: dict.fromkeys(3) or x)(1.0)

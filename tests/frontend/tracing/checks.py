"""A traced function beside the plain one: values, gradients by differences, and what is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import numpy as np
import pytest

import symdiff as sd
from symdiff.differentiated import Differentiated
from symdiff.transform import transform

STEP = 1e-6
X = np.array([0.3, -1.2, 2.6])
Y = np.array([1.5, 0.25, -0.75])
A = np.array([[1.0, 2.0, -0.5], [0.25, -1.5, 3.0], [2.0, 0.75, 1.25]])


def value_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The function's value, computed by the emitted module."""
    return transform("value", function, None)(*args, **kwargs)


def difference(function: Callable[..., Any], args: Sequence[Any], number: int) -> Any:
    """Central differences of a function with one number as its result, by one argument."""
    point = np.array(args[number], float)
    result = np.zeros(point.shape)
    for at in np.ndindex(point.shape):
        values = []
        for sign in (1, -1):
            moved = point.copy()
            moved[at] += sign * STEP
            given = [moved if i == number else arg for i, arg in enumerate(args)]
            values.append(function(*given))
        result[at] = (values[0] - values[1]) / (2 * STEP)
    return result


def agree(function: Callable[..., Any], *args: Any) -> None:
    """The emitted value is NumPy's, and the gradient by each float argument that of differences."""
    kept = [np.copy(arg) for arg in args]
    wanted = np.asarray(function(*args))
    found = np.asarray(value_of(function, *args))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)
    weights = np.cos(np.arange(wanted.size)).reshape(wanted.shape) + 2.0

    def loss(*given: Any) -> Any:
        return np.sum(function(*given) * weights)

    for number, arg in enumerate(args):
        if np.asarray(arg).dtype.kind != "f":
            continue
        gradient = sd.grad(loss, wrt=number)(*args)
        np.testing.assert_allclose(gradient, difference(loss, args, number), rtol=1e-5, atol=1e-7)
    for before, after in zip(kept, args, strict=True):
        np.testing.assert_array_equal(before, after)


def refusal(function: Callable[..., Any], *args: Any, **kwargs: Any) -> sd.SymdiffError:
    """The error of a function that cannot be traced; it names the file, the line and the place."""
    with pytest.raises(sd.SymdiffError) as caught, without_ways():
        sd.grad(function)(*args, **kwargs)
    return caught.value


@contextlib.contextmanager
def without_ways() -> Iterator[None]:
    """While this lasts no function is traced along the way that the values of a call take."""
    refused = sd.UnsupportedError("no way is taken")
    with mock.patch.object(Differentiated, "_along", side_effect=refused):
        yield

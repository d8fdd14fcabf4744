"""Functions under names of their own, casts, and what NumPy says of types."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from math import log as natural
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy import asarray as as_array
from numpy import float64 as double
from numpy import ndarray as memory

import symdiff as sd

KNOWN = np.array([1.0, 2.0, 3.0, 4.0])
X = np.array([0.3, 1.2, 2.5, 0.8])


class Row(NamedTuple):
    function: Callable[..., Any]
    at: Any


ROWS: list[Row] = []


def row(at: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        ROWS.append(Row(function, at))
        return function

    return enter


# --- names -------------------------------------------------------------------------------------


def _with_defaults(x: Any, log: Any = math.log, *, sine: Any = np.sin) -> Any:
    return log(x) * sine(x)


@row(1.3)
def in_defaults(x: Any) -> Any:
    return _with_defaults(x)


def _maker() -> Any:
    from math import exp

    cosh = np.cosh
    return lambda x: exp(x) * cosh(x)


@row(1.3)
def in_closures(x: Any) -> Any:
    return _maker()(x)


class Functions:
    log = staticmethod(natural)
    table = {"sin": math.sin, "exp": np.exp, "max": max, "zeros": np.zeros}  # noqa: RUF012  plain
    from math import sqrt as root

    root = staticmethod(root)

    def of(self, x: Any) -> Any:
        z = self.table["zeros"](2)
        z[1] = x
        found = self.log(x) * self.root(x) + self.table["sin"](x) * self.table["exp"](x)
        return found * self.table["max"](x, 1.0) + np.sum(z**2)


@row(1.3)
def in_classes_and_dictionaries(x: Any) -> Any:
    return Functions().of(x)


@row(1.3)
def handed_on(x: Any) -> Any:
    found = functools.reduce(max, [x, 2 * x, 0.3]) + functools.partial(max, 0.5)(x)
    found *= sum(map(_with_defaults, [x, 2 * x])) + sum(itertools.accumulate([x, 1.0], max))
    return found + functools.reduce(lambda a, b: a if a > b else a * b, [x, 2.0, x])


# --- casts -------------------------------------------------------------------------------------


@row(1.3)
def casts_of_a_number(x: Any) -> Any:
    found = float(x) * double(x) * np.asarray(x, float).item()
    return found + as_array(x, dtype=np.float64) ** 2 * np.atleast_1d(x)[0]


@row(X)
def elements(x: Any) -> Any:
    return x[0].item() * x.sum().item() + x.item(2) ** 2 + float(x[1]) * np.float64(x)[3]


@row(X.reshape(2, 2))
def elements_by_places(x: Any) -> Any:
    return x.item(1, 0) ** 2 + x.item((0, 1)) * x.item(-1)


@row(X)
def lists(x: Any) -> Any:
    (a, b), (c, d) = np.reshape(x, (2, 2)).tolist()
    return a * b + c**2 * d + sum(v * v for v in x.tolist()) + np.prod(x).tolist()


@row(X)
def of_memory(x: Any) -> Any:
    a, b = np.ndarray(4), memory(shape=(2, 2), dtype=x.dtype)
    c = np.ndarray(x.shape, float, order="C")
    for i in range(4):
        a[i] = x[i] ** 2
    b[0], b[1] = x[:2] ** 2, x[2:]
    c[...] = np.sin(x)
    return a.sum() + (b * b).sum() * c.sum()


@row(X)
def copies_of_what_is_known(x: Any) -> Any:
    a, b = KNOWN.copy(), np.copy(KNOWN)
    c, d = np.arange(4.0).copy(), np.array(KNOWN)
    a[1], b[1], c[0] = x[2] ** 2, x[0], x[1] * x[3]
    b[2:] *= x[0]
    d[x > 1] = 0.5
    return (a * b).sum() + (c * d).sum()


@row(X)
def places(x: Any) -> Any:
    found = (x[(x > 1).nonzero()] ** 2).sum() + np.prod(x[np.nonzero(x > 1)[0]])
    return found + (x[np.flatnonzero(x > 1)] ** 3).sum()


@row(X)
def types(x: Any) -> Any:
    a = np.zeros(4, dtype=np.result_type(x, float))
    b = np.zeros(4, dtype=np.common_type(x, KNOWN))
    a[:], b[:] = x**2, x
    return (a * b).sum()


def test_types_are_numpys() -> None:
    seen = []

    def f(x: Any, y: Any) -> Any:
        single = np.ones(2, np.float32)
        seen.append((np.result_type(single, y), np.result_type(single, x), np.result_type(x, 1)))
        return x.sum() * y

    sd.grad(f)(X, 2.0)
    assert seen[-1] == (np.float32, np.float64, np.float64)


@row(2.7)
def roundings(x: Any) -> Any:
    found = int(x) * x + round(x) * x**2 + x // 1 * x + math.floor(x) * math.ceil(x) * x
    return found + x % 1 + divmod(x, 1.0)[1] ** 2 + round(x, 1) * x


def slope(function: Callable[..., Any], at: Any) -> Any:
    h, x = 1e-6, np.asarray(at, float)
    found = np.empty(x.size)
    for k in range(x.size):
        step = np.zeros(x.size)
        step[k] = h
        ends = [x + step.reshape(x.shape), x - step.reshape(x.shape)]
        high, low = ends if x.shape else map(float, ends)
        found[k] = (function(high) - function(low)) / (2 * h)
    return found.reshape(x.shape)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.function.__name__)
def test_gradient_is_that_of_the_program(case: Row) -> None:
    value, gradient = sd.value_and_grad(case.function)(case.at)
    assert value == pytest.approx(case.function(case.at), rel=1e-12)
    np.testing.assert_allclose(gradient, slope(case.function, case.at), rtol=1e-6, atol=1e-7)


def test_near_numbers_are_so_as_math_has_it() -> None:
    def f(x: Any, y: Any) -> Any:
        if math.isclose(x, y):
            return x
        return 2 * x if math.isclose(x, y, rel_tol=1e-3, abs_tol=0.01) else 3 * x

    gradient = sd.grad(f)
    inf = math.inf
    for x, y in [(1.0, 1.0 + 1e-7), (1.0, 1.0), (1.0, 1 + 1e-10), (0.0, 1e-9), (0.0, 0.009),
                 (0.0, 0.02), (1e3, 1e3 + 0.5), (inf, inf), (inf, 1.0), (-inf, inf)]:  # fmt: skip
        first = math.isclose(x, y)
        second = math.isclose(x, y, rel_tol=1e-3, abs_tol=0.01)
        assert gradient(x, y) == (1 if first else 2 if second else 3)


def test_of_equal_ones_the_first_is_taken() -> None:
    assert sd.grad(lambda x: max(x, 1.0) * 2 + min(x, 1.0) * 5)(1.0) == 7
    assert sd.grad(lambda x: max(1.0, x) * 2 + min(1.0, x) * 5)(1.0) == 0


def test_number_is_not_written_into() -> None:
    def f(x: Any) -> Any:
        y = np.hypot(np.asarray(x), 2.0)
        try:
            y[y > 1] = 0.0
        except TypeError:
            y = y * 3
        return y

    assert sd.grad(f)(1.5) == pytest.approx(3 * 1.5 / 2.5)


def test_many_elements_are_no_number() -> None:
    with pytest.raises(ValueError, match="size 1"):
        sd.grad(lambda x: x.item())(X)

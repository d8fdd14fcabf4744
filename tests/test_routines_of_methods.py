"""Routines that are given methods, partial functions and objects: their branches are kept too."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

integrate = pytest.importorskip("scipy.integrate", reason="SciPy is not installed")
optimize = pytest.importorskip("scipy.optimize", reason="SciPy is not installed")


class Model:
    """What a library's class looks like: methods call one another, with branches on values."""

    def curve(self, t: Any, a: Any) -> Any:
        t = float(t)
        if t < a:
            return t**3 * np.sin(a)
        return a * t * t

    def density(self, t: Any, a: Any) -> Any:
        return t * self.curve(t, a)

    def over_two(self, t: Any, s: Any, a: Any) -> Any:
        return s * self.curve(t + 5, a)

    def excess(self, t: Any, a: Any) -> Any:
        return self.curve(t + 5, a) - 9.0

    def excesses(self, p: Any, a: Any) -> Any:
        return np.array([self.excess(p[0], a)])

    def rate(self, t: Any, y: Any, a: Any) -> Any:
        return -0.1 * self.curve(y[0] + 5, a) * y

    def __call__(self, t: Any, a: Any) -> Any:
        return self.curve(t, a)


MODEL = Model()


def moving(x: Any) -> Any:
    found = integrate.solve_ivp(
        MODEL.rate, (0, 1), [1.0], args=(x,), t_eval=[1.0], rtol=1e-10, atol=1e-12
    )
    return found.y[0, -1]


def fitted(x: Any) -> Any:
    return optimize.least_squares(MODEL.excesses, [-1.0], args=(x,), xtol=1e-14, gtol=1e-14).x[0]


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "quad": lambda x: integrate.quad(MODEL.density, 5.0, 6.0, args=(x,))[0],
    "quad of a partial": lambda x: integrate.quad(functools.partial(MODEL.density, a=x), 5, 6)[0],
    "quad of an object": lambda x: integrate.quad(MODEL, 5.0, 6.0, args=(x,))[0],
    "dblquad": lambda x: integrate.dblquad(MODEL.over_two, 0, 1, 0, 1, args=(x,))[0],
    "brentq": lambda x: optimize.brentq(MODEL.excess, -3.0, 4.0, args=(x,)),
    "newton": lambda x: optimize.newton(MODEL.excess, -1.0, args=(x,)),
    "fsolve": lambda x: optimize.fsolve(MODEL.excesses, [-1.0], args=(x,))[0],
    "least_squares": fitted,
    "solve_ivp": moving,
    "vectorize": lambda x: np.sum(np.vectorize(MODEL.curve)(np.array([0.2, 5.0]) * x, x)),
    "vectorize of a partial": lambda x: np.sum(
        np.vectorize(functools.partial(MODEL.curve, a=x))(np.array([0.2, 5.0]) * x)
    ),
    "apply_along_axis": lambda x: np.sum(
        np.apply_along_axis(MODEL.excesses, 1, np.array([[-4.9], [1.0]]), x)
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_branches_in_methods_are_kept(name: str) -> None:
    function, h = FUNCTIONS[name], 1e-4
    value, gradient = sd.value_and_grad(function)(0.7)
    assert value == pytest.approx(function(0.7), rel=1e-7)
    wide, narrow = ((function(0.7 + k) - function(0.7 - k)) / (2 * k) for k in (2 * h, h))
    assert gradient == pytest.approx((4 * narrow - wide) / 3, rel=1e-5)


class Largest:
    """Keeps the largest value of its integrand."""

    def __init__(self, a: Any) -> None:
        self.a = a
        self.largest = 0.0

    def integrand(self, t: float) -> Any:
        self.largest = max(self.largest, self.a * t)
        return self.a * t


def _of_attribute(a: Any) -> Any:
    kept = Largest(a)
    return integrate.quad(kept.integrand, 0.0, 1.0)[0] + kept.largest


def _of_list(a: Any) -> Any:
    kept = []

    def integrand(t: float) -> Any:
        kept.append(a * t)
        return a * t

    return integrate.quad(integrand, 0.0, 1.0)[0] + kept[0]


@pytest.mark.parametrize("function", [_of_attribute, _of_list])
def test_what_an_integrand_keeps_is_no_value_outside_of_it(function: Any) -> None:
    with pytest.raises(sd.UnsupportedError, match="is used outside of it") as caught:
        sd.grad(function)(1.5)
    assert caught.value.span is not None

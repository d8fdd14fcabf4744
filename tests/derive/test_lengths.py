"""Lengths of more than two sides, and those that are nowhere 0: no kink but that of the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

import symdiff as sd

X, Y, Z, C = SYMBOLS = sympy.symbols("x y z c", real=True)
ROOTS = {
    "sqrt(x**2 + y**2 + z**2 + c**2)": X**2 + Y**2 + Z**2 + C**2,
    "hypot(hypot(x, y), hypot(z, c))": X**2 + Y**2 + Z**2 + C**2,
    "hypot(hypot(x, y), c)": X**2 + Y**2 + C**2,
    "sqrt(x**2 + y**2 + 0.25)": X**2 + Y**2 + sympy.Rational(1, 4),
    "sqrt(4 + x**2 + (y*z)**2 + c**2)": 4 + X**2 + (Y * Z) ** 2 + C**2,
    "hypot(-3, hypot(x, y))": 9 + X**2 + Y**2,
}
POINTS = [
    (0.3, -1.2, 0.7, 0.5),
    (0.0, 0.0, 0.7, 0.5),  # the first two sides have the length 0
    (0.0, 0.0, 0.0, 0.5),
    (0.0, -2.0, 0.0, 0.5),
]


def _wanted(square: Any, point: tuple[float, ...], names: tuple[str, ...]) -> Any:
    """The gradient and the Hessian by SymPy."""
    root = sympy.sqrt(square)
    wrt = [symbol for symbol in SYMBOLS if symbol.name in names]
    at = dict(zip(SYMBOLS, map(sympy.Rational, map(str, point)), strict=True))
    slopes = [sympy.diff(root, one) for one in wrt]
    curves = [[sympy.diff(slope, other) for other in wrt] for slope in slopes]
    return (
        np.array([float(s.subs(at)) for s in slopes]),
        np.array([[float(c.subs(at)) for c in row] for row in curves]),
    )


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("text", ROOTS)
def test_derivatives_are_those_of_sympy(text: str, point: tuple[float, ...]) -> None:
    f = sd.function(text)
    given = [dict(zip("xyzc", point, strict=True))[name] for name in f.inputs]
    gradient, hessian = _wanted(ROOTS[text], point, f.inputs)
    np.testing.assert_allclose(f.grad()(*given), gradient, rtol=1e-14, atol=1e-15)
    of_vector = [f.jvp()(*given, *unit)[1] for unit in np.eye(len(given)).tolist()]
    np.testing.assert_allclose(of_vector, gradient, rtol=1e-14, atol=1e-15)
    found = f.hessian()(*given)
    is_known = ~np.isnan(found)  # a length of 0 within: by convention there is none
    assert is_known.all() or "hypot(hypot" in text
    np.testing.assert_allclose(found[is_known], hessian[is_known], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("text", ["sqrt(x**2 + y**2 + 1e-6)", "hypot(x, 1)*exp(hypot(2, x*y))"])
def test_what_is_never_0_has_no_guard(text: str) -> None:
    written = sd.function(text).grad().emit()
    assert "== 0.0" not in written
    assert sd.function(text).grad()(0.0, 0.0) == (0.0, 0.0)


def test_all_sides_are_divided_by_the_whole_length() -> None:
    made = sd.function("sqrt(x**2 + y**2 + z**2)").grad()
    assert made(0.0, 0.0, 0.0) == (0.0, 0.0, 0.0)
    assert made.emit().count("== 0.0") == 1
    np.testing.assert_allclose(made(1e-200, 2e-200, -2e-200), (1 / 3, 2 / 3, -2 / 3), rtol=1e-15)
    np.testing.assert_allclose(made(1e200, 2e200, -2e200), (1 / 3, 2 / 3, -2 / 3), rtol=1e-15)

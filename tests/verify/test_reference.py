"""The 50-digit reference: right where SymPy knows the derivative, and frank where there is none."""

import mpmath
import pytest
import sympy as sp

from symdiff.frontend.sympy.read import from_sympy
from symdiff.verify.reference import Kind, Reference

x, y = sp.symbols("x y", real=True)


def slope(expression, number, name="x", **others):
    return Reference(from_sympy(expression), {name: number, **others}).slope(name)


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        (x**2, 3.0),
        (x**2, 0.0),
        (sp.exp(x), 700.0),
        (sp.exp(-(x**2)), 5.0),
        (sp.log(x), 1e-300),
        (sp.sqrt(x), 1e-150),
        (sp.sin(x), 1e150),
        (sp.tanh(x), 18.4),
        (sp.tanh(x), 300.0),
        (sp.log(1 + sp.exp(x)), 1000.0),
        (sp.gamma(x), 3.3),
        (sp.besselj(2, x), 1.5),
        (sp.erf(x), 2.0),
        (sp.Si(x), 2.0),
        (1 / x**3, -1e-50),
    ],
)
def test_smooth(expression, number):
    found = slope(expression, number)
    exact = sp.diff(expression, x).subs(x, sp.Rational(number)).evalf(60)
    assert found.kind is Kind.SMOOTH
    with mpmath.workdps(60):
        error = abs(mpmath.mpf(found.value) - mpmath.mpf(str(exact)))
        assert error <= abs(mpmath.mpf(str(exact))) * mpmath.mpf(10) ** -40


@pytest.mark.parametrize(
    ("expression", "number", "kind", "sides"),
    [
        (abs(x), 0.0, Kind.KINK, (-1, 1)),
        (sp.Max(x, 1), 1.0, Kind.KINK, (0, 1)),
        (sp.sqrt(x**2), 0.0, Kind.KINK, (-1, 1)),
        (sp.Piecewise((x, x < 1), (3 * x - 2, True)), 1.0, Kind.KINK, (1, 3)),
        (sp.sqrt(x), 0.0, Kind.SINGULAR, None),
        (sp.cbrt(x), 0.0, Kind.SINGULAR, None),
        (sp.floor(x), 1.0, Kind.SINGULAR, None),
        (sp.Heaviside(x), 0.0, Kind.SINGULAR, None),
        (sp.asin(x), 1.0, Kind.SINGULAR, None),
        (sp.log(x), -1.0, Kind.UNDEFINED, None),
        (x ** sp.Rational(3, 2), 0.0, Kind.EDGE, None),
        (abs(x) ** sp.Rational(3, 2), 0.0, Kind.SMOOTH, (0, 0)),
        (sp.Piecewise((x**2, x < 1), (2 * x - 1, True)), 1.0, Kind.SMOOTH, (2, 2)),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2, 0.3, Kind.SMOOTH, (0, 0)),
    ],
)
def test_kinds_of_points(expression, number, kind, sides):
    found = slope(expression, number)
    assert found.kind is kind
    if sides is not None:
        assert (float(found.below), float(found.above)) == pytest.approx(sides, abs=1e-25)


def test_gradient():
    point = Reference(from_sympy(x**2 + y**3), {"x": 3.0, "y": 2.0})
    assert [float(point.slope(name).value) for name in ("y", "x")] == [12.0, 6.0]


def test_small_scales_beside_large_ones():
    assert float(slope(x * y + 1e8, 1e-200, y=1e200).value) == 1e200
    assert float(slope(sp.sqrt(x**2 + y**2), 0.0, y=1e-200).value) == 0.0
    assert float(slope(x + 1e10 * y - 1e10 * y, 0.1, y=0.7).value) == 1.0


def test_a_fast_oscillation_along_a_slow_input():
    """d/dx (x**2*y + sin(x*y)) at y = 1e150: a step of 1e-31 would be many turns of the sine."""
    with mpmath.workdps(400):
        a, b = mpmath.mpf(0.8217701239287258), mpmath.mpf(1e150)
        exact = 2 * a * b + b * mpmath.cos(a * b)
        found = slope(x**2 * y + sp.sin(x * y), 0.8217701239287258, y=1e150)
        assert found.kind is Kind.SMOOTH
        assert abs(mpmath.mpf(found.value) - exact) <= abs(exact) * mpmath.mpf(10) ** -40


def test_rounding_grows_with_cancellation():
    benign = Reference(from_sympy(x + y), {"x": 0.1, "y": 0.7})
    cancelling = Reference(from_sympy(sp.cos(x) - 1 + y * 0), {"x": 1e-8})
    assert benign.rounding_of_value() < 3e-16
    assert 1e-17 < cancelling.rounding_of_value() < 1e-14
    assert benign.rounding_of_slope("x", (), benign.slope("x")) < 1e-15


def test_rounding_stays_where_contributions_cancel():
    point = Reference(from_sympy(sp.exp(x) / (1 + sp.exp(x))), {"x": 30.0})
    found = point.slope("x")
    assert float(found.value) < 1e-13
    assert point.rounding_of_slope("x", (), found) > 1e-17

"""SciPy's splines and piecewise polynomials, as functions of the place: beside SciPy's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

interpolate = pytest.importorskip("scipy.interpolate")

G = np.linspace(0.0, 3.0, 9)
Y = np.sin(G) + 0.1 * G**2
ROWS = np.stack([Y, np.cos(G)], axis=1)
TCK = interpolate.splrep(G, Y, s=0)
SURFACE = interpolate.bisplrep(*np.meshgrid(G, G, indexing="ij"), np.outer(Y, G**2), s=0.01)
CUBIC = interpolate.CubicSpline(G, Y)
CLOSED = interpolate.CubicSpline(G, np.append(Y[:-1], Y[0]), bc_type="periodic")
ROW_CUBIC, COLUMN_CUBIC = (
    interpolate.CubicSpline(G, ROWS),
    interpolate.CubicSpline(G, ROWS.T, axis=1),
)
MONOTONE = interpolate.PchipInterpolator(G, Y, extrapolate=False)
AKIMA = interpolate.Akima1DInterpolator(G, Y)
BERNSTEIN = interpolate.BPoly([[1.0, 2.0], [3.0, 1.0], [2.0, 5.0]], [0.0, 1.0, 3.0])
QUINTIC, ROW_SPLINE = (
    interpolate.make_interp_spline(G, Y, k=5),
    interpolate.make_interp_spline(G, ROWS),
)
SMOOTH = interpolate.UnivariateSpline(G, Y, s=0.01)
CLAMPED = interpolate.InterpolatedUnivariateSpline(G, Y, ext=3)
ZERO = interpolate.InterpolatedUnivariateSpline(G, Y, ext=1, k=2)
LINES, CUBICS = interpolate.interp1d(G, Y), interpolate.interp1d(G, Y, kind="cubic")
FILLED = interpolate.interp1d(G, Y, bounds_error=False, fill_value=(1.0, 2.0))
EXTENDED = interpolate.interp1d(G, Y, fill_value="extrapolate")
ROW_LINES = interpolate.interp1d(G, ROWS, axis=0)

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "splev": lambda x: interpolate.splev(x, TCK),
    "splev, a derivative": lambda x: interpolate.splev(x, TCK, der=2),
    "splev, zero outside": lambda x: interpolate.splev(x, TCK, 0, 1),
    "splev, the ends outside": lambda x: interpolate.splev(x, TCK, ext=3),
    "cubic": lambda x: CUBIC(x),
    "cubic, a derivative": lambda x: CUBIC(x, 1) * x,
    "cubic, its derivative": lambda x: CUBIC.derivative()(x),
    "cubic, its integral": lambda x: CUBIC.antiderivative()(x),
    "periodic": lambda x: CLOSED(3.0 * x),
    "of rows": lambda x: ROW_CUBIC(x),
    "of columns": lambda x: COLUMN_CUBIC(x),
    "monotone": lambda x: MONOTONE(x),
    "akima": lambda x: AKIMA(x),
    "bernstein": lambda x: BERNSTEIN(x),
    "quintic": lambda x: QUINTIC(x),
    "quintic, a derivative": lambda x: QUINTIC(x, 1),
    "b-spline of rows": lambda x: ROW_SPLINE(x),
    "smoothed": lambda x: SMOOTH(x),
    "clamped": lambda x: CLAMPED(x),
    "zero outside": lambda x: ZERO(x),
    "lines": lambda x: LINES(x),
    "lines, cubic": lambda x: CUBICS(x),
    "lines, extended": lambda x: EXTENDED(x),
    "lines of rows": lambda x: ROW_LINES(x),
    "lines, filled": lambda x: FILLED(x),
    "made inside": lambda x: interpolate.CubicSpline(G, Y)(x),
}
BEYOND = [
    *"splev cubic smoothed clamped akima bernstein quintic".split(),
    "splev, zero outside", "splev, the ends outside", "monotone", "zero outside", "periodic",
    "lines, extended", "lines, filled",
]  # fmt: skip


def compare(function: Callable[[Any], Any], x: Any) -> None:
    """The value is SciPy's, and the Jacobian that of differences."""
    place = np.asarray(x)
    wanted = np.asarray(function(x))
    kind = sd.function(function, shapes={"x": place.shape})
    np.testing.assert_allclose(kind(x), wanted, rtol=1e-13, atol=1e-14)
    found = np.asarray(sd.jacobian(function)(x)).reshape(*wanted.shape, place.size)
    for number in range(place.size):
        step = np.zeros(place.size)
        step[number] = 1e-6
        step = step.reshape(place.shape)
        change = np.asarray(function(x + step)) - np.asarray(function(x - step))
        slope = np.where(np.isnan(change), 0.0, change / 2e-6)
        np.testing.assert_allclose(found[..., number], slope, rtol=2e-6, atol=2e-7)


@pytest.mark.spread(2)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_inside(name: str) -> None:
    compare(FUNCTIONS[name], np.array([[0.31, 0.7], [1.65, 2.93]]))
    compare(FUNCTIONS[name], 1.234)


@pytest.mark.parametrize("name", BEYOND)
def test_outside(name: str) -> None:
    compare(FUNCTIONS[name], np.array([-0.5, 0.1, 3.4]))


def test_a_surface() -> None:
    compare(lambda x: interpolate.bisplev(x, 0.9 * x, SURFACE), np.array([0.31, 0.7, 1.65]))
    compare(lambda x: interpolate.bisplev(x, 1.7, SURFACE), 0.7)
    compare(lambda x: interpolate.bisplev(1.7 * x, 9.0, SURFACE), 0.7)  # the end outside


def test_outside_of_the_data_is_an_error() -> None:
    """With the message that `interp1d` has."""
    slope = sd.grad(lambda x: LINES(x) * x)
    slope(1.2)
    for x in (3.5, -0.25):
        with pytest.raises(ValueError, match="in x_new is") as plain:
            LINES(x)
        with pytest.raises(ValueError, match="in x_new is") as emitted:
            slope(x)
        assert str(emitted.value) == str(plain.value)


def test_a_spline_that_is_changed() -> None:
    spline = interpolate.CubicSpline(G, Y)
    slope = sd.grad(lambda x: spline(x))
    first = slope(1.2)
    spline.c *= 2.0
    assert slope(1.2) == pytest.approx(2.0 * first)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: interpolate.splev(1.0, (TCK[0], TCK[1] * x, 3)),
        lambda x: interpolate.splev(x, TCK, ext=2),
        lambda x: interpolate.interp1d(G, Y, kind="nearest")(x),
        lambda x: interpolate.BarycentricInterpolator(G, Y)(x),
    ],
)
def test_is_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(sd.UnsupportedError):
        sd.grad(function)(1.2)

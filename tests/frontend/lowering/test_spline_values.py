"""SciPy's splines of computed values: values are SciPy's, derivatives differences of them."""

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from tests.frontend.lowering.slopes import assert_derivatives

interpolate = pytest.importorskip("scipy.interpolate")

PLACES = np.array([0.0, 0.7, 1.3, 2.4, 3.0, 4.1])
Y = np.array([0.3, 1.2, 0.7, 2.0, 1.1, 0.45])
AT = np.array([0.2, 1.0, 2.6, 4.0])
BEYOND = np.array([-0.5, 0.2, 1.0, 2.6, 4.0, 4.6])
GRID = (np.array([0.0, 1.0, 2.5]), np.array([0.5, 2.0]))
ON_GRID = np.array([[0.3, 0.7], [1.2, 1.9], [2.5, 0.5]])


def closed(y):
    return np.concatenate([y[:-1], y[:1]])


def on_grid(y, **keywords):
    return interpolate.RegularGridInterpolator(GRID, y.reshape(3, 2), **keywords)


CASES = {
    "cubic": lambda y: interpolate.CubicSpline(PLACES, y)(BEYOND),
    "cubic natural": lambda y: interpolate.CubicSpline(PLACES, y, bc_type="natural")(BEYOND),
    "cubic clamped": lambda y: interpolate.CubicSpline(PLACES, y, bc_type="clamped")(AT),
    "cubic conditions": lambda y: interpolate.CubicSpline(
        PLACES, y, bc_type=((1, y[0]), (2, y[1]))
    )(AT),
    "cubic periodic": lambda y: interpolate.CubicSpline(PLACES, closed(y), bc_type="periodic")(
        3.0 * BEYOND
    ),
    "cubic of two": lambda y: interpolate.CubicSpline(PLACES[:2], y[:2])(AT),
    "cubic of three": lambda y: interpolate.CubicSpline(PLACES[:3], y[:3])(AT),
    "cubic periodic of three": lambda y: interpolate.CubicSpline(
        PLACES[:3], y[np.array([0, 1, 0])], bc_type="periodic"
    )(AT),
    "cubic of rows": lambda y: interpolate.CubicSpline(PLACES[:3], y.reshape(2, 3), axis=1)(AT),
    "cubic of stacks": lambda y: interpolate.CubicSpline(PLACES[:2], y[:4].reshape(2, 2, 1))(AT),
    "cubic slope": lambda y: interpolate.CubicSpline(PLACES, y)(AT, 1),
    "cubic derivative": lambda y: interpolate.CubicSpline(PLACES, y).derivative(2)(AT),
    "cubic integral": lambda y: interpolate.CubicSpline(PLACES, y).integrate(0.5, 3.7),
    "cubic antiderivative": lambda y: interpolate.CubicSpline(PLACES, y).antiderivative(2)(AT),
    "cubic by places": lambda y: interpolate.CubicSpline(np.cumsum(y), Y)(np.cumsum(Y)[1] + AT),
    "cubic by all": lambda y: interpolate.CubicSpline(np.cumsum(y), y)(y[:3] + 1.0),
    "hermite": lambda y: interpolate.CubicHermiteSpline(PLACES[:3], y[:3], y[3:])(AT),
    "pchip": lambda y: interpolate.PchipInterpolator(PLACES, y * y)(AT),
    "pchip rising": lambda y: interpolate.PchipInterpolator(PLACES, np.cumsum(y))(BEYOND),
    "pchip of two": lambda y: interpolate.PchipInterpolator(PLACES[:2], y[:2])(AT),
    "pchip of columns": lambda y: interpolate.PchipInterpolator(PLACES[:3], y.reshape(3, 2))(AT),
    "pchip alone": lambda y: interpolate.pchip_interpolate(PLACES, Y, y[:2]),
    "akima": lambda y: interpolate.Akima1DInterpolator(PLACES, y)(AT),
    "makima": lambda y: interpolate.Akima1DInterpolator(PLACES, y, method="makima")(AT),
    "akima beyond": lambda y: interpolate.Akima1DInterpolator(PLACES, y, extrapolate=True)(BEYOND),
    "polynomial": lambda y: interpolate.PPoly(y.reshape(3, 2), PLACES[:3])(AT),
    "b-spline": lambda y: interpolate.BSpline(np.arange(10.0), y, 3)(AT + 3.0),
    "b-spline slope": lambda y: interpolate.BSpline(np.arange(10.0), y, 3)(AT + 3.0, 2),
    "b-spline at": lambda y: interpolate.BSpline(np.arange(10.0), y, 3)(y + 3.0),
    "interpolating": lambda y: interpolate.make_interp_spline(PLACES, y)(BEYOND),
    "interpolating lines": lambda y: interpolate.make_interp_spline(PLACES, y, k=1)(AT),
    "interpolating parabolas": lambda y: interpolate.make_interp_spline(PLACES, y, k=2)(AT),
    "interpolating slope": lambda y: interpolate.make_interp_spline(PLACES, y, k=5)(AT, 1),
    "interpolating columns": lambda y: interpolate.make_interp_spline(
        PLACES[:3], y.reshape(3, 2), k=2
    )(AT),
    "lines": lambda y: interpolate.interp1d(PLACES, y)(AT),
    "lines of rows": lambda y: interpolate.interp1d(PLACES[:3], y.reshape(2, 3))(AT[:2]),
    "lines filled": lambda y: interpolate.interp1d(
        PLACES, y, bounds_error=False, fill_value=(1.0, 2.0)
    )(BEYOND),
    "lines beyond": lambda y: interpolate.interp1d(PLACES, y, fill_value="extrapolate")(BEYOND),
    "lines unsorted": lambda y: interpolate.interp1d(PLACES[::-1], y)(AT),
    "cubics": lambda y: interpolate.interp1d(PLACES, y, kind="cubic")(AT),
    "grid": lambda y: on_grid(y)(ON_GRID),
    "grid by both": lambda y: on_grid(y)(np.stack([y[:3], 0.5 * y[3:] + 0.4], axis=-1)),
    "grid by places": lambda y: on_grid(Y)([y[0], y[1]]),
    "grid of one axis": lambda y: interpolate.RegularGridInterpolator((PLACES,), y)(AT[:, None]),
    "grid nearest": lambda y: on_grid(y, method="nearest")(ON_GRID),
    "grid beyond": lambda y: on_grid(y, bounds_error=False, fill_value=None)(ON_GRID + 1.0),
    "grid filled": lambda y: on_grid(y, bounds_error=False, fill_value=7.0)(ON_GRID + 1.0),
    "grid descending": lambda y: interpolate.RegularGridInterpolator(
        (GRID[0][::-1], GRID[1]), y.reshape(3, 2)
    )(ON_GRID),
    "grid of vectors": lambda y: interpolate.RegularGridInterpolator(
        (GRID[0],), y.reshape(3, 2)
    )(ON_GRID[:, :1]),
    "interpn": lambda y: interpolate.interpn(GRID, y.reshape(3, 2), ON_GRID),
}  # fmt: skip


@pytest.mark.spread(2)
@pytest.mark.parametrize("name", CASES)
def test_value_and_derivative(name):
    assert_derivatives(CASES[name], Y, range(6), step=0.004)


def test_a_spline_of_computed_values_is_one_of_scipys():
    def function(y):
        spline = interpolate.CubicSpline(PLACES, y)
        assert isinstance(spline, interpolate.CubicSpline)
        assert isinstance(spline.derivative(), interpolate.PPoly)
        return spline(1.0)

    assert sd.value_and_grad(function)(Y)[0] == pytest.approx(function(Y), rel=1e-12)
    assert interpolate.CubicSpline(PLACES, Y)(1.0) == function(Y)  # all is put back


def test_the_emitted_module_checks_what_scipy_checks():
    g = sd.value_and_grad(lambda y: interpolate.CubicSpline(PLACES, y, bc_type="periodic")(1.0))
    g(closed(Y))
    with pytest.raises(ValueError, match="periodic"):
        g(Y)
    at = sd.value_and_grad(lambda x: on_grid(Y)([x, x])[0])
    at(1.0)
    with pytest.raises(ValueError, match="out of bounds in dimension 0"):
        at(3.0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda y: interpolate.griddata(ON_GRID, y[:3], ON_GRID), "griddata is not supported"),
        (lambda y: interpolate.BSpline(y, Y[:2], 3)(1.0), "whose knots depend"),
        (lambda y: interpolate.make_interp_spline(y, Y)(1.0), "make_interp_spline of computed"),
        (lambda y: interpolate.interp1d(PLACES, y, kind="next")(1.0), "the kind 'next'"),
        (lambda y: on_grid(y, method="slinear")(ON_GRID), "method='slinear'"),
        (lambda y: interpolate.splrep(PLACES, y)[1], "splrep is not supported"),
    ],
)
def test_refused_by_name(function, message):
    with pytest.raises(UnsupportedError, match=message):
        sd.grad(lambda y: np.sum(function(y)))(Y)

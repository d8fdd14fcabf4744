"""Plots: what they are drawn of against SymPy and known laws; the drawing where it is installed."""

import importlib.util

import numpy as np
import pytest
import sympy as sp

import symdiff as sd
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.explain.samples import samples_of

HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None
drawn = pytest.mark.skipif(not HAS_MATPLOTLIB, reason="Matplotlib is not installed")
PNG = b"\x89PNG"


def samples(text, over=None, at=None, wrt=None):
    made = sd.function(text, wrt=wrt).value_and_grad()
    return samples_of(made.primal, made.wrt, made.load().value_and_grad, over, at)


def test_samples_of_one_number_are_those_of_sympy():
    found = samples("x*sin(x)**2 + y", {"x": (-2.0, 5.0)}, {"y": 1.5})
    x = sp.Symbol("x")
    f = sp.lambdify(x, x * sp.sin(x) ** 2 + 1.5, "numpy")
    slope = sp.lambdify(x, sp.diff(x * sp.sin(x) ** 2, x), "numpy")
    (axis,) = found.axes
    assert (axis[0], axis[-1], found.names, found.at) == (-2.0, 5.0, ("x",), {"y": 1.5})
    np.testing.assert_allclose(found.values, f(axis), rtol=1e-14)
    np.testing.assert_allclose(found.slopes[0], slope(axis), rtol=1e-12, atol=1e-14)


def test_samples_of_two_numbers_stand_on_a_grid():
    found = samples("x**2*y", {"y": (0.0, 1.0), "x": (-1.0, 2.0)})
    y, x = np.meshgrid(*found.axes, indexing="ij")
    np.testing.assert_allclose(found.values, x**2 * y, rtol=1e-14)
    np.testing.assert_allclose(found.slopes[0], x**2, rtol=1e-14)  # in the order of `over`
    np.testing.assert_allclose(found.slopes[1], 2 * x * y, rtol=1e-14)


def test_samples_of_a_function_of_arrays():
    found = samples("X: [3]; sum(exp(a*X))", at={"X": [1.0, 2.0, -1.0]}, wrt="a")
    weights = np.array([1.0, 2.0, -1.0])
    expected = [np.sum(weights * np.exp(a * weights)) for a in found.axes[0]]
    np.testing.assert_allclose(found.slopes[0], expected, rtol=1e-12)


def test_a_constant_derivative_fills_the_range():
    assert samples("2*x").slopes[0].tolist() == [2.0] * 401


@pytest.mark.parametrize(("text", "over", "at", "message"), [
    ("x*y*z", None, None, "3 numbers vary"),
    ("x: [2]; sum(x)", None, None, "no number varies"),
    ("x*y", {"x": (0, 1)}, None, "no value is given for the input 'y'"),
    ("x*y", {"q": (0, 1)}, None, "'q' is no number"),
    ("x", {"x": (1, 1)}, None, "it is empty"),
    ("x", {"x": 1}, None, "and not two numbers"),
])  # fmt: skip
def test_what_cannot_be_plotted_is_refused(text, over, at, message):
    with pytest.raises(SymdiffError, match=message):
        samples(text, over, at)


def test_errors_over_the_step_follow_their_laws():
    """The error of forward differences falls as h, that of central ones as h**2, then both rise."""
    (found,) = sd.function("exp(x)").check({"x": 1.0}).errors()
    steps = np.array(found.steps)
    forward, central, imaginary = map(np.array, found.methods.values())
    large = (steps < 1e-2) & (steps > 1e-4)
    np.testing.assert_allclose(forward[large], steps[large] / 2, rtol=0.02)
    np.testing.assert_allclose(central[large], steps[large] ** 2 / 6, rtol=0.02)
    np.testing.assert_allclose(imaginary[large], steps[large] ** 2 / 6, rtol=0.02)
    assert np.nanmax(forward[steps < 1e-13]) > 1e-2
    assert np.all(imaginary[steps < 1e-9] < 1e-15)
    assert found.emitted < 1e-15


def test_errors_are_of_the_first_number_of_each_input():
    report = sd.function("x: [2]; y*sum(abs(x))").check({"x": [1.0, -2.0], "y": 3.0})
    first, second = report.errors()
    assert (first.by, second.by) == ("x[0]", "y")
    assert set(first.methods) == {"forward differences", "central differences"}
    assert len(second.methods) == 3


def test_an_error_without_a_derivative_is_refused():
    with pytest.raises(UnsupportedError, match="no error is plotted"):
        sd.function("abs(x)").check({"x": 0.0}).plot()
    with pytest.raises(UnsupportedError, match="no error is plotted"):
        sd.function("(x, x**2)").jacobian().check({"x": 1.0}).plot()


@pytest.mark.skipif(HAS_MATPLOTLIB, reason="Matplotlib is installed")
def test_plots_need_matplotlib():
    for draw in (sd.function("x").plot, sd.function("x").check({"x": 1.0}).plot):
        with pytest.raises(UnsupportedError, match="needs the package 'matplotlib'"):
            draw()


@drawn
def test_curves_and_contours_are_drawn(tmp_path):
    plot = sd.function("log(x)").grad().plot()
    (axes,) = plot.figure.axes
    value, slope = axes.lines[:2]
    known = np.isfinite(value.get_ydata())
    x = value.get_xdata()
    assert np.array_equal(known, x > 0.0)
    np.testing.assert_allclose(slope.get_ydata()[known], 1.0 / x[known])
    assert np.all(np.isnan(slope.get_ydata()[~known]))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["f", "df/dx"]
    assert plot._repr_png_().startswith(PNG)
    both = sd.function("x**2 + y**2").plot()
    arrows = both.figure.axes[0].collections[-1]
    x, y = arrows.XY.T
    cross = np.asarray(arrows.U) * y - np.asarray(arrows.V) * x
    np.testing.assert_allclose(cross, 0.0, atol=1e-12)  # the gradient points away from 0
    assert both.write(tmp_path / "g.svg").read_text().startswith("<?xml")
    with pytest.raises(SymdiffError, match="cannot write"):
        both.write(tmp_path / "g.nothing")


@drawn
def test_reports_are_drawn():
    report = sd.function("x**2").check({"x": 1.0})
    (axes,) = report.plot().figure.axes
    assert len(axes.lines) == 4
    comparison = sd.function("abs(x)").compare({"x": 1.0})
    errors, times = comparison.plot().figure.axes
    assert [label.get_text() for label in errors.get_yticklabels()] == [
        row.method for row in comparison.rows
    ]
    assert len(times.patches) == sum(
        row.call_seconds == row.call_seconds for row in comparison.rows
    )

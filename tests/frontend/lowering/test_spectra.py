"""Eigenvalues of general matrices, roots, windows, bins: NumPy's values, and differences."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.interpolate as si
import scipy.linalg as sl
from numpy.lib.stride_tricks import sliding_window_view
from scipy.optimize import fsolve

import symdiff as sd
from symdiff.errors import UnsupportedError

A = np.array([[1.0, 2.0, 0.3], [0.1, 3.0, 0.5], [0.2, 0.4, 5.0]])
B = np.diag([2.0, 3.0, 4.0]) + 0.1
X = np.array([1.0, -3.5, 2.1, 0.7])
W = np.arange(1.0, 20.0)
POINTS = np.random.default_rng(0).uniform(0, 1, (10, 2))
PLACES = np.linspace(0, 5, 9)


def _of_ends(bc_type):
    return lambda y: si.make_interp_spline(PLACES, y, k=3, bc_type=bc_type)(1.7) ** 2


FUNCTIONS = {
    "eigvals": (lambda a: np.sum(np.linalg.eigvals(a) ** 3), A),
    "eig": (lambda a: np.sum(np.abs(np.linalg.eig(a)[1])[:, 0]), A),
    "eig of a stack": (lambda a: np.sum(np.linalg.eig(np.stack([a, a @ a]))[0] ** 3), A),
    "scipy eigvals": (lambda a: np.sum(sl.eigvals(a).real ** 3), A),
    "scipy eig": (lambda a: np.sum(np.abs(sl.eig(a)[1])[:, 0]), A),
    "roots": (lambda p: np.sum(np.abs(np.roots(p))), np.array([1.0, -6.0, 11.0, -6.5])),
    "complex roots": (lambda p: np.sum(np.roots(p).real ** 2), np.array([1.0, 2.0, 5.0, 1.0])),
    "a root of zero": (lambda p: np.sum(np.roots(p).imag ** 2), np.array([1.0, 2.0, 5.0, 0.0])),
    "eigh of some": (lambda a: np.sum(sl.eigh(a + a.T, subset_by_index=[0, 1])[0] ** 3), A),
    "eigh of b": (lambda a: np.sum(sl.eigh(a + a.T, B, subset_by_index=[1, 2])[1] ** 2), A),
    "pad by the largest": (lambda x: np.pad(x, (2, 3), mode="maximum") @ W[:9], X),
    "pad by the smallest": (lambda x: np.pad(x, 2, mode="minimum", stat_length=2) @ W[:8], X),
    "pad by the median": (lambda x: np.pad(x, (2, 3), mode="median") @ W[:9], X),
    "windows": (lambda x: np.sum(sliding_window_view(x, 2).max(axis=1) ** 2), X),
    "windows of a matrix": (
        lambda x: np.sum(sliding_window_view(np.outer(x, x), (2, 3))[:, :, 0] ** 2),
        X,
    ),
    "windows along an axis": (
        lambda x: np.sum(sliding_window_view(np.outer(x, x), 3, axis=0)[0] ** 3),
        X,
    ),
    "geomspace": (lambda s: np.sum(np.geomspace(s, 5.0, 7) ** 2), np.float64(1.3)),
    "geomspace below 0": (lambda s: np.sum(np.geomspace(-2.0, s, 5) ** 3), np.float64(-1.3)),
    "geomspace without its end": (
        lambda s: np.sum(np.geomspace(s, 5.0, 4, endpoint=False)),
        np.float64(1.3),
    ),
    "histogramdd": (
        lambda q: np.sum(np.histogramdd(POINTS, bins=3, weights=q)[0] ** 2),
        W[:10],
    ),
    "density": (
        lambda q: np.sum(np.histogramdd(POINTS, (2, 3), density=True, weights=q)[0] ** 2),
        W[:10],
    ),
    "natural": (_of_ends("natural"), W[:9] ** 1.3),
    "clamped": (_of_ends("clamped"), W[:9] ** 1.3),
    "slopes": (_of_ends(([(1, 0.3)], [(2, 0.1)])), W[:9] ** 1.3),
    "periodic": (
        lambda y: _of_ends("periodic")(np.concatenate([y, y[:1]])),
        W[:8] ** 1.3,
    ),
    "ends of several": (
        lambda y: np.sum(
            si.make_interp_spline(PLACES, np.outer(y, y[:2]), bc_type="natural")(1.7) ** 2
        ),
        W[:9] ** 0.3,
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_numpys_and_slopes_are_differences(name):
    function, x = FUNCTIONS[name]
    value, gradient = sd.value_and_grad(function)(x)
    np.testing.assert_allclose(value, np.real(function(x)), rtol=1e-9)
    for place in np.ndindex(np.shape(x)):
        step = np.zeros(np.shape(x))
        step[place] = 1e-6
        slope = np.real(function(x + step) - function(x - step)) / 2e-6
        np.testing.assert_allclose(np.asarray(gradient)[place], slope, rtol=1e-4, atol=1e-6)


def test_roots_move_as_in_fifty_digits():
    coefficients = np.array([2.0, -1.0, 3.0, 0.5, -1.5])

    def smallest(p):
        return np.sum(np.abs(np.roots(p)) ** 3)

    def exact(p):
        with mpmath.workdps(50):
            return mpmath.fsum(abs(z) ** 3 for z in mpmath.polyroots(p, extraprec=300))

    gradient = sd.grad(smallest)(coefficients)
    for place in range(5):
        with mpmath.workdps(50):
            given = [mpmath.mpf(float(c)) for c in coefficients]
            step = mpmath.mpf(10) ** -20
            up, down = ([*given] for _ in range(2))
            up[place] += step
            down[place] -= step
            slope = (exact(up) - exact(down)) / (2 * step)
        assert float(gradient[place]) == pytest.approx(float(slope), rel=1e-12)


def test_second_derivatives_of_eigenvalues():
    def largest(a):
        return np.max(np.linalg.eigvals(a))

    hessian = sd.hessian(largest)(A)
    step = 1e-5 * np.eye(9)[1].reshape(3, 3)
    slope = (sd.grad(largest)(A + step) - sd.grad(largest)(A - step)) / 2e-5
    np.testing.assert_allclose(hessian.reshape(3, 3, 3, 3)[:, :, 0, 1], slope, rtol=1e-6, atol=1e-8)


def test_complex_eigenvalues_raise_in_the_module():
    gradient = sd.grad(lambda a: np.sum(np.linalg.eigvals(a) ** 2))
    gradient(A)
    with pytest.raises(ValueError, match="the matrix has complex eigenvalues"):
        gradient(np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))


def test_a_first_coefficient_of_0_raises_in_the_module():
    gradient = sd.grad(lambda p: np.sum(np.abs(np.roots(p))))
    gradient(np.array([1.0, 2.0, 0.5]))
    with pytest.raises(ValueError, match="the first coefficient of a polynomial is 0"):
        gradient(np.array([0.0, 2.0, 0.5]))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda a: np.sum(sl.eigh(a, subset_by_value=[0, 7])[0]), "how many there are depends"),
        (lambda a: np.sum(sl.eigh(a, B, type=2)[0]), "type=2"),
        (lambda a: np.sum(sl.eig(a, B)[0].real), "of two matrices"),
        (lambda a: np.sum(np.linalg.eigvals(a + 1j).real), "complex matrix"),
        (lambda a: np.ma.array(a, mask=a > 0).sum(), "select with the mask"),
        (lambda a: np.sum(sliding_window_view(a, 2, axis=0, writeable=True)), "written into"),
        (lambda a: np.sum(np.pad(a, 1, mode="empty")), "mode 'empty'"),
        (
            lambda a: si.make_interp_spline(PLACES[:3], a[0], 3, None, ([(1, a[0, 0])],) * 2)(1.0),
            "computed bc_type",
        ),
    ],
)  # fmt: skip
def test_refused_by_name(function, message):
    with pytest.raises(UnsupportedError, match=message):
        sd.grad(function)(A)


@pytest.mark.parametrize("method", ["BDF", "Radau", "LSODA", "DOP853"])
def test_methods_for_stiff_problems_are_refused_with_what_to_write(method):
    from scipy.integrate import solve_ivp

    def last(k):
        return solve_ivp(lambda t, y: -k * y, (0, 1), [1.0], method, t_eval=[1.0]).y[0, -1]

    with pytest.raises(
        UnsupportedError, match=r"(?s)method='" + method + r"'.*each y = fsolve\(lambda"
    ):
        sd.grad(last)(0.8)


def test_implicit_steps_are_a_loop_as_the_message_says():
    """Van der Pol's equation, stiff, by Euler's implicit steps."""
    h = 0.05

    def f(y, mu):
        return np.stack([y[1], mu * (1.0 - y[0] ** 2) * y[1] - y[0]])

    def last(mu):
        y = np.array([2.0, 0.0])
        for _ in range(20):
            y = fsolve(lambda new, y, mu: new - y - h * f(new, mu), y, args=(y, mu), xtol=1e-10)
        return y[0]

    value, slope = sd.value_and_grad(last)(50.0)
    assert float(value) == pytest.approx(last(50.0), rel=1e-10)
    assert float(slope) == pytest.approx((last(50.01) - last(49.99)) / 0.02, rel=1e-5)

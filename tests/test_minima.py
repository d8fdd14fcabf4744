"""SciPy's minima of functions that read what is traced: values are SciPy's, slopes differences."""

import subprocess
import sys

import mpmath
import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from symdiff.verify.finite_difference import central

pytest.importorskip("scipy")
from scipy import optimize


def bent(x):
    if x > 0.5:
        return x * x
    return 0.5 * x


def shifted(z, k):
    return np.sum((z - k) ** 2)


def rosenbrock(x, a, b):
    return (a - x[0]) ** 2 + b * (x[1] - x[0] ** 2) ** 2


def bowl(x, k):
    return np.sum(np.exp(k * x) - 3.0 * x)


def with_gradient(x, k):
    return np.sum((x - k) ** 4 + k * x**2), 4.0 * (x - k) ** 3 + 2.0 * k * x


def apart(x, k):
    return [x[0] - k, x[1] * x[0] - 2.0, np.sin(x[1])]


TIMES = np.arange(6.0)
DATA = np.array([5.0, 3.1, 2.2, 1.2, 0.7, 0.5])


def decay(t, a, b):
    return a * np.exp(-b * t)


def fitted(k, **options):
    return optimize.curve_fit(decay, TIMES, DATA + 0.1 * k * TIMES, **options)


MINIMA = {
    "curve_fit": lambda k: fitted(k)[0][0],
    "from a start": lambda k: fitted(k, p0=[2.0, 0.3])[0][1],
    "curve_fit's covariance": lambda k: fitted(k, sigma=1.0 + 0.1 * k * TIMES)[1][0, 1],
    "absolute deviations": lambda k: np.sqrt(
        np.diag(fitted(k, sigma=1.0 + 0.1 * TIMES, absolute_sigma=True)[1])
    )[1],
    "curve_fit by the places": lambda k: optimize.curve_fit(decay, list(TIMES * k), DATA)[0][1],
    "what the curve reads": lambda k: optimize.curve_fit(
        lambda t, a, b, c: decay(t, a, b) + c * k, TIMES, DATA
    )[0][2],
    "leastsq": lambda k: optimize.leastsq(lambda p: decay(TIMES, *p) - DATA**k, [2.0, 0.3])[0][1],
    "what is left": lambda k: optimize.least_squares(
        lambda p: decay(TIMES, *p) - k * DATA, [2.0, 0.3], method="lm"
    ).fun[2],
    "of a number": lambda k: optimize.minimize(lambda z: z[0] ** 2 + np.sin(k * z[0]), 0.3).x[0],
    "Rosenbrock's": lambda k: np.sum(
        np.array([1.0, 2.0]) * optimize.minimize(rosenbrock, [-1.2, 1.0], (k, 9.0 * k)).x
    ),
    "the value": lambda k: (
        optimize.minimize(
            lambda z: np.sum(np.cosh(z - k)) + k * np.sum(z * z), np.zeros(3), method="BFGS"
        ).fun
    ),
    "jac=True": lambda k: optimize.minimize(with_gradient, np.zeros(3), k, jac=True).x[1],
    "jac": lambda k: (
        optimize.minimize(
            bowl, [0.0, 0.0], (k,), "CG", jac=lambda x, k: k * np.exp(k * x) - 3.0
        ).fun
    ),
    "a start that is computed": lambda k: optimize.minimize(bowl, [k, 2.0], args=(k,)).x[0],
    "with ways": lambda k: optimize.minimize(lambda z: z[0] ** 2 + k * bent(z[0] + 2.0), [0.3]).x[
        0
    ],
    "from a concave place": lambda k: (
        optimize.minimize(
            lambda z: np.sum(z**4 - 16.0 * z**2 + 5.0 * k * z), [-1.0, -2.0, -4.0]
        ).fun
    ),
    "of others": lambda k: optimize.minimize(
        lambda z: (z[0] - optimize.minimize_scalar(lambda x: np.exp(x) - k * x).x) ** 2, [0.1]
    ).x[0],
    "minimize_scalar": lambda k: optimize.minimize_scalar(lambda x: (x - k) ** 2 + np.cos(x)).x,
    "a bracket": lambda k: (
        optimize.minimize_scalar(
            lambda x, p: (x - p) ** 4 + x * x, args=(k,), bracket=(0.0, 1.0, 3.0)
        ).fun
    ),
    "bounds": lambda k: (
        optimize.minimize_scalar(
            lambda x: np.cos(k * x) + 0.1 * x,
            bounds=(0, 5),
            method="bounded",
            options={"xatol": 1e-9},
        ).x
    ),
    "fminbound": lambda k: optimize.fminbound(lambda x: np.cos(k * x), 0.5, 5 * k, xtol=1e-9),
    "brent": lambda k: optimize.brent(lambda x: np.exp(k * x) - 3 * x, brack=(-1, 0, 2)),
    "golden": lambda k: optimize.golden(lambda x, p: np.exp(p * x) - 3 * x, (k,)),
    "fmin": lambda k: optimize.fmin(bowl, [0.0, 1.0], (k,), xtol=1e-8, ftol=1e-12, disp=False)[1],
    "fmin_bfgs": lambda k: optimize.fmin_bfgs(bowl, [0.0, 1.0], args=(k,), disp=False)[1],
    "fmin_cg": lambda k: optimize.fmin_cg(bowl, [0.0, 1.0], None, (k,), disp=0)[1],
    "least_squares": lambda k: optimize.least_squares(
        apart, [1.0, 1.0], args=(k,), ftol=1e-14, xtol=1e-14, gtol=1e-14
    ).x[1],
    "the cost": lambda k: optimize.least_squares(apart, np.ones(2), args=(k,)).cost,
}


@pytest.mark.parametrize("name", MINIMA)
def test_minima(name):
    """SciPy's own accuracy is that of its tolerance; differences are those of its minimum."""
    function = MINIMA[name]
    value, slope = sd.value_and_grad(function)(1.3)
    assert value == pytest.approx(function(1.3), rel=5e-6)
    assert slope == pytest.approx(central(function, 1.3, step=0.1).value, rel=2e-4)


def test_a_minimum_is_as_accurate_as_floats_allow():
    value, slope = sd.value_and_grad(lambda k: optimize.minimize(bowl, [0.0, 3.0], k).x[1])(1.3)
    with mpmath.workdps(50):
        k = mpmath.mpf(1.3)
        exact = [mpmath.log(3 / k) / k, -(mpmath.log(3 / k) + 1) / k**2]
    assert [value, slope] == pytest.approx([float(x) for x in exact], rel=1e-14)
    second = sd.hessian(lambda k: optimize.minimize(bowl, [0.0, 3.0], k).x[1])(1.3)
    assert second == pytest.approx(float((2 * mpmath.log(3 / k) + 3) / k**3), rel=1e-13)


def test_a_minimum_in_small_units():
    def found(k):
        return optimize.minimize(lambda z: np.cosh(z[0] * 1e9 - k) + z[0] * 1e9, [0.0]).x[0]

    value, slope = sd.value_and_grad(found)(1.3)
    assert value == pytest.approx((1.3 - np.arcsinh(1.0)) * 1e-9, rel=1e-13)
    assert slope == pytest.approx(1e-9, rel=1e-13)


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda z, k: k * np.cos(z[0]), RuntimeError, "is no minimum"),
        (lambda z, k: k * z[0], RuntimeError, "is not found"),
        (lambda z, k: -k * (z[0] - 0.5) ** 2, RuntimeError, "is not found"),
        (lambda z, k: k * np.abs(z[0] - 0.3), RuntimeError, "is not found"),
        (lambda z, k: k * (z[0] - k) ** 2 + 0.0 * z[1], np.linalg.LinAlgError, "Singular"),
    ],
)
def test_what_has_no_minimum_raises(function, error, message):
    with pytest.raises(error, match=message):
        sd.grad(lambda k: optimize.minimize(function, [0.0, 0.0], k).x[0])(1.3)


def test_a_minimum_at_a_bound_raises():
    g = sd.grad(lambda k: optimize.minimize_scalar(lambda x: (x + k) ** 2, bounds=(0, 1)).x)
    with pytest.raises(ValueError, match="at one of them"):
        g(1.3)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda k: optimize.minimize(shifted, [0.0], k, bounds=[(0, 1)]).x[0], "with bounds="),
        (lambda k: optimize.minimize(shifted, [0.0], k, constraints={}).x[0], "with constraints="),
        (lambda k: optimize.minimize(shifted, [0.0], k, options={"q": 1}).x[0], "with q="),
        (lambda k: optimize.least_squares(shifted, [0.0], args=(k,), loss="huber").cost, "loss="),
        (lambda k: optimize.fmin(shifted, [0.0], (k,), full_output=True)[0], "full_output="),
        (lambda k: optimize.leastsq(shifted, [0.0], (k,), full_output=True)[0], "full_output="),
        (
            lambda k: optimize.curve_fit(decay, TIMES, k * DATA, bounds=(0, 9))[0][0],
            "curve_fit with bounds=",
        ),
        (
            lambda k: optimize.curve_fit(decay, TIMES, k * DATA, sigma=np.eye(6))[0][0],
            "a matrix for sigma",
        ),
    ],
)
def test_refused(function, message):
    with pytest.raises(UnsupportedError) as caught:
        sd.grad(function)(1.3)
    assert message in f"{caught.value.message} {caught.value.suggestion}"


def test_the_emitted_module_needs_numpy_alone(tmp_path):
    g = sd.value_and_grad(MINIMA["Rosenbrock's"])
    value, slope = g(1.3)
    g.write(tmp_path / "g.py")
    code = "import sys; sys.modules['scipy'] = None; import g; print(*g.value_and_grad(1.3))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [float(word) for word in run.stdout.split()] == [value, slope]

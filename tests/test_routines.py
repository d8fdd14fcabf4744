"""SciPy's integrals, initial value problems and roots of functions that read what is traced."""

import functools
import subprocess
import sys

import mpmath
import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from symdiff.verify.finite_difference import central

pytest.importorskip("scipy")
from scipy import integrate, optimize

TIMES = [0.3, 1.0, 2.0, 5.0]


def pendulum(t, y, k):
    return [y[1], -k * np.sin(y[0])]


def bent(x):
    if x > 0.5:
        return x * x
    return 0.5 * x


def swung(k, method="RK45", tolerance=1e-9):
    found = integrate.solve_ivp(
        pendulum,
        (0.0, 6.0),
        [1.0, k],
        method,
        t_eval=TIMES,
        args=(k,),
        rtol=tolerance,
        atol=tolerance,
    )
    return np.sum(found.y * np.arange(8.0).reshape(2, 4)) + np.sum(found.t)


INTEGRALS = {
    "by what it reads": (
        lambda k: integrate.quad(lambda t: np.exp(-k * t) * np.sin(t), 0, 2)[0],
        lambda mp, k: mp.quad(lambda t: mp.exp(-k * t) * mp.sin(t), [0, 2]),
    ),
    "by limits and arguments": (
        lambda k: integrate.quad(lambda t, s: np.exp(-s * t), k, k**2, args=(k,))[0],
        lambda mp, k: mp.quad(lambda t: mp.exp(-k * t), [k, k**2]),
    ),
    "of the whole line": (
        lambda k: integrate.quad(lambda t: np.exp(-k * t * t), -np.inf, np.inf)[0],
        lambda mp, k: mp.sqrt(mp.pi / k),
    ),
    "of the line, backward": (
        lambda k: integrate.quad(lambda t: np.exp(-k * t * t), np.inf, -np.inf)[0],
        lambda mp, k: -mp.sqrt(mp.pi / k),
    ),
    "from a limit on": (
        lambda k: integrate.quad(lambda t: np.exp(-k * t), k, np.inf)[0],
        lambda mp, k: mp.exp(-k * k) / k,
    ),
    "up to a limit": (
        lambda k: integrate.quad(lambda t: np.exp(k * t), -np.inf, k)[0],
        lambda mp, k: mp.exp(k * k) / k,
    ),
    "of a root": (
        lambda k: integrate.quad(lambda t: np.sqrt(t) * k, 0, k)[0],
        lambda mp, k: k * 2 * k**1.5 / 3,
    ),
    "backward": (
        lambda k: integrate.quad(lambda t: np.cos(k * t), 2.0, 1.0)[0],
        lambda mp, k: (mp.sin(k) - mp.sin(2 * k)) / k,
    ),
    "of a function with ways": (
        lambda k: integrate.quad(lambda t: k * bent(t), 0.0, 1.0, points=[0.5])[0],
        lambda mp, k: k * (mp.mpf(1) / 16 + (1 - mp.mpf(1) / 8) / 3),
    ),
    "of integrals": (
        lambda k: integrate.quad(
            lambda x: integrate.quad(lambda y: np.exp(-k * x * y) * y, 0, x)[0], 0, k
        )[0],
        lambda mp, k: mp.quad(lambda x: mp.quad(lambda y: mp.exp(-k * x * y) * y, [0, x]), [0, k]),
    ),
    "over a plane": (
        lambda k: integrate.dblquad(
            lambda y, x, p: np.exp(-p * (x * x + y * y)), -np.inf, np.inf, -np.inf, np.inf, (k,)
        )[0],
        lambda mp, k: mp.pi / k,
    ),
    "between curves": (
        lambda k: integrate.dblquad(lambda y, x: y * k, 0, k, 0, lambda x: x * k)[0],
        lambda mp, k: k**6 / 6,
    ),
    "of Gauss": (
        lambda k: integrate.fixed_quad(lambda t: np.exp(k * t), 0, k, n=12)[0],
        lambda mp, k: (mp.exp(k * k) - 1) / k,
    ),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals_have_the_derivatives_of_many_digits(name):
    function, meaning = INTEGRALS[name]
    context = mpmath.MPContext()
    context.dps = 50
    value, slope = sd.value_and_grad(function)(0.7)
    k = context.mpf(0.7)
    tolerance = 1e-8  # what SciPy's quad is asked for
    assert value == pytest.approx(float(meaning(context, k)), rel=1e-9)
    assert value == pytest.approx(function(0.7), rel=tolerance)
    exact = context.diff(lambda x: meaning(context, x), k)
    assert slope == pytest.approx(float(exact), rel=tolerance)


def test_an_integral_has_second_derivatives():
    f = sd.hessian(lambda k: integrate.quad(lambda t: np.exp(-k * t), 0.0, k)[0])
    k = 0.7
    value = np.exp(-k * k)
    expected = 2.0 * (1.0 - value) / k**3 - 4.0 * value * k / k**2 + value * (4.0 * k**2 - 2.0) / k
    expected = float(mpmath.diff(lambda x: (1 - mpmath.exp(-x * x)) / x, k, 2))
    assert f(k) == pytest.approx(expected, rel=1e-8)


def test_an_integral_that_is_not_accurate_raises():
    with pytest.raises(ValueError, match="does not reach the accuracy"):
        sd.grad(lambda k: integrate.quad(lambda t: k * np.abs(t - 0.31) ** 0.1, 0, 1)[0])(1.0)


def test_an_integral_inside_of_one_that_is_not_accurate_raises():
    with pytest.raises(ValueError, match="does not reach the accuracy"):
        sd.grad(lambda k: integrate.dblquad(lambda y, x: k * x * np.abs(y - 0.31) ** 0.1,
                                            0, 1, 0, 1)[0])(1.0)  # fmt: skip


def test_an_integral_of_numbers_alone_is_scipys():
    found = sd.value_and_grad(lambda k: k * integrate.quad(lambda t: np.abs(t - 0.31), 0, 1)[0])
    exact = integrate.quad(lambda t: np.abs(t - 0.31), 0, 1)[0]
    assert found(2.0) == (2.0 * exact, exact)


def chosen(k, method="RK45"):
    """At as many times as the solver takes."""
    start = [1.0, k]
    return integrate.solve_ivp(pendulum, (0, 3), start, method, args=(k,), rtol=1e-9, atol=1e-9)


PROBLEMS = {
    "the state at the end": lambda k: np.sum(chosen(k).y[:, -1]),
    "the end in other words": lambda k: (
        chosen(k).y[0, -1] + chosen(k).y[..., -1][1] * chosen(k).y.T[-1][0] + chosen(k).y[1, :][-1]
    ),
    "both ends": lambda k: chosen(k, "RK23").y[1][-1] * chosen(k).t[-1] + np.sum(chosen(k).y[:, 0]),
    "RK45": swung,
    "RK23": lambda k: swung(k, "RK23", 1e-7),
    "odeint": lambda k: np.sum(integrate.odeint(lambda y, t: -k * y * t, [1.0, k], [0, 0.7, 2])),
    "odeint, time first": lambda k: integrate.odeint(
        lambda t, y, p: [p * y[0] + t], 1.0, np.linspace(0.0, 1.0, 4), args=(k,), tfirst=True
    )[-1, 0],
    "backward": lambda k: np.sum(
        integrate.solve_ivp(
            lambda t, y: -k * y, (2, 0), [1.0], t_eval=[1.0, 0.0], rtol=1e-9, atol=1e-9
        ).y
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_initial_value_problems(name):
    function = PROBLEMS[name]
    value, slope = sd.value_and_grad(function)(1.3)
    # the same steps as SciPy's, but for odeint, which is LSODA there
    assert value == pytest.approx(function(1.3), rel=1e-6 if "odeint" in name else 1e-12)
    assert slope == pytest.approx(central(function, 1.3, step=0.02).value, rel=2e-5)


def test_an_initial_value_problem_that_runs_away_raises():
    function = sd.grad(
        lambda k: integrate.solve_ivp(lambda t, y: k * y**2, (0, 2), [1.0], t_eval=[2.0]).y[0, 0]
    )
    with pytest.raises(ValueError, match="too many or too small"):
        function(1.0)


ROOTS = {
    **{
        name: lambda k, name=name: getattr(optimize, name)(lambda x: x**3 - k * x - 1, 0, 3)
        for name in "brentq brenth bisect ridder toms748".split()
    },
    "brentq, arguments": lambda k: optimize.brentq(lambda x, p: np.cos(x) - p * x, 0, 3, args=(k,)),
    "brentq, brackets": lambda k: optimize.brentq(lambda x: np.exp(x) - k, -k, 2.0 * k),
    "newton": lambda k: optimize.newton(
        lambda x: x**3 - k * x - 1, 1.5, fprime=lambda x: 3 * x**2 - k, tol=1e-12
    ),
    "secant": lambda k: optimize.newton(lambda x: x**3 - k * x - 1, 1.5, tol=1e-12),
    "newton of each": lambda k: np.sum(
        np.array([1.0, 2.0, 3.0])
        * optimize.newton(
            lambda x, a: x**3 - a * x - 1,
            np.array([1.5, 2.0, 1.8]),
            lambda x, a: 3 * x * x - a,
            (k * np.array([1.0, 0.5, 2.0]),),
            tol=1e-12,
        )
    ),
    "newton of equations that are coupled": lambda k: np.sum(
        optimize.newton(lambda x: x**3 - k - 0.1 * np.sum(x), np.ones(3), tol=1e-13) ** 2
    ),
    "newton of each, without its slope": lambda k: np.sum(
        optimize.newton(lambda x: np.exp(x) - 3 - x * [k, 2 * k, k + 2], [2.0, 2.5, 2.0], tol=1e-12)
        * np.array([1.0, 2.0, 3.0])
    ),
    "arguments in a list": lambda k: optimize.newton(
        lambda x, a, b: x**3 - a * x - b, 1.5, lambda x, a, b: 3 * x * x - a, [k, 1.0], tol=1e-12
    ),
    "fsolve": lambda k: np.sum(
        np.array([1.0, 2.0])
        * optimize.fsolve(lambda x: [x[0] ** 2 + x[1] - k, x[0] - x[1] ** 3 * k], [1.0, 1.0])
    ),
    "root": lambda k: np.sum(
        optimize.root(
            lambda x, p: np.array([x[0] ** 2 + x[1] - p, x[0] - x[1]]), [1.0, 1.0], args=(k,)
        ).x
    ),
    "fixed_point": lambda k: optimize.fixed_point(lambda x: np.cos(x / k), 0.5),
    "fixed_point, iterated": lambda k: optimize.fixed_point(
        lambda x, p: np.exp(-x / p), 0.5, args=(k,), xtol=1e-13, method="iteration"
    ),
    "fixed_point, several": lambda k: np.sum(
        np.array([1.0, 2.0])
        * optimize.fixed_point(lambda x: np.cos(x / k)[::-1], [0.5, 0.4], xtol=1e-12)
    ),
    "root_scalar": lambda k: optimize.root_scalar(lambda x: x**3 - k, bracket=[0, 4]).root,
    "root_scalar, a start": lambda k: (
        optimize.root_scalar(lambda x: x**3 - k, x0=1.2, fprime=lambda x: 3 * x**2, xtol=1e-12).root
    ),
}


@pytest.mark.parametrize("name", ROOTS)
def test_roots(name):
    function = ROOTS[name]
    value, slope = sd.value_and_grad(function)(1.3)
    assert value == pytest.approx(function(1.3), rel=1e-9)
    assert slope == pytest.approx(central(function, 1.3, step=0.02).value, rel=1e-6)


def test_newton_of_each_has_a_gradient_and_a_hessian():
    def roots(k):
        return np.sum(optimize.newton(lambda x: x**3 - k * x - 1, 1.5 + 0 * k, tol=1e-13) ** 2)

    k = np.array([1.2, 0.7, 2.1, 1.4])
    gradient, hessian = sd.grad(roots), sd.hessian(roots)(k)
    for n, direction in enumerate(np.eye(4)):
        wanted = central(lambda t, e=direction: roots(k + t * e), 0.0, step=0.02).value
        assert gradient(k)[n] == pytest.approx(wanted, rel=1e-6)
        bent = central(lambda t, e=direction, n=n: gradient(k + t * e)[n], 0.0, step=0.02).value
        assert hessian[n, n] == pytest.approx(bent, rel=1e-6)
    assert not np.any(hessian[~np.eye(4, dtype=bool)])


def test_newton_of_each_is_done_in_linear_time():
    def roots(k):
        return np.sum(optimize.newton(lambda x: x**3 - k * x - 1, np.full(20_000, 1.5)))

    gradient = sd.grad(roots)(np.linspace(0.5, 1.5, 20_000))  # a matrix would have 3 gigabytes
    x = optimize.newton(lambda x: x**3 - np.array([0.5, 1.5]) * x - 1, np.full(2, 1.5))
    np.testing.assert_allclose(gradient[[0, -1]], x / (3 * x**2 - [0.5, 1.5]), rtol=1e-6)


class Model:
    def __init__(self, k):
        self.k = k

    def squares(self, x):
        return np.sum((x - self.k) ** 2) + x[0] ** 4

    def __call__(self, x):
        return self.squares(x)


def cubic(k):
    def model(x):
        return x**3 - k * x - 1

    return lambda x: model(x)


# what the function's helpers read is traced: their closures, objects and arguments that are bound
OF_HELPERS = {
    "brentq": lambda k: optimize.brentq(cubic(k), 0, 3),
    "fsolve": lambda k: optimize.fsolve(cubic(k), [1.5])[0],
    "newton": lambda k: optimize.newton(cubic(k), 1.5, tol=1e-12),
    "fixed_point": lambda k: optimize.fixed_point(lambda x: 0.1 * cubic(k)(x), 0.1, xtol=1e-13),
    "root_scalar": lambda k: optimize.root_scalar(cubic(k), bracket=(0, 3)).root,
    "solve_ivp": lambda k: integrate.solve_ivp(
        lambda t, y: cubic(k)(y), (0, 1), [1.0], t_eval=[1.0], rtol=1e-9, atol=1e-9
    ).y[0, 0],
    "odeint": lambda k: integrate.odeint(lambda y, t: cubic(k)(y), [1.0], [0.0, 0.5])[1, 0],
    "quad": lambda k: integrate.quad(cubic(k), 0, 1)[0],
    "a method": lambda k: optimize.minimize(Model(k).squares, [0.0, 1.0], tol=1e-12).x[0],
    "an object": lambda k: optimize.minimize(Model(k), [0.0, 1.0], tol=1e-12).x[0],
    "a partial": lambda k: (
        optimize.minimize(functools.partial(Model.squares, Model(k)), [0, 1]).fun
    ),
}


@pytest.mark.parametrize("name", OF_HELPERS)
def test_what_helpers_read(name):
    function = OF_HELPERS[name]
    value, slope = sd.value_and_grad(function)(1.3)
    assert value == pytest.approx(function(1.3), rel=1e-6)
    assert slope == pytest.approx(central(function, 1.3, step=0.02).value, rel=2e-5)


def test_a_root_has_second_derivatives():
    f = sd.hessian(lambda k: optimize.brentq(lambda x: x**3 - k, 0.0, 4.0))
    assert f(1.3) == pytest.approx(-2.0 / 9.0 * 1.3 ** (-5.0 / 3.0), rel=1e-8)


def test_a_fixed_point_that_is_not_found_raises():
    g = sd.grad(lambda k: optimize.fixed_point(lambda x: k * x + 1.0, 1.0, method="iteration"))
    with pytest.raises(RuntimeError, match="Failed to converge after 500"):  # SciPy's own
        g(1.0)
    with pytest.raises(RuntimeError, match="maxiter"):
        g.load().grad(1.0)


def test_a_bracket_without_a_root_raises():
    g = sd.grad(lambda k: optimize.brentq(lambda x: x**2 + k, 0.0, 1.0))
    with pytest.raises(ValueError, match="different signs"):
        g(1.0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda k: integrate.quad(np.cos, 0, k, weight="cos", wvar=1.0)[0], "weight="),
        *[
            (lambda k, part=part: part(chosen(k)), "as many times as the values need")
            for part in (
                lambda found: np.sum(found.y),
                lambda found: found.y[0, 3],
                lambda found: 2.0 * found.t,
                lambda found: len(found.t),
                lambda found: found.y.shape[1],
                lambda found: found.y.max(),
                lambda found: sum(found.y[0]),
                lambda found: np.trapezoid(found.y[0], found.t),
            )
        ],
        (
            lambda k: integrate.solve_ivp(
                pendulum, (0, 1), [1.0, k], "BDF", t_eval=TIMES[:1], args=(k,)
            ).y[0, -1],
            "method='BDF'",
        ),
        (
            lambda k: integrate.solve_ivp(pendulum, (0, k), [1, 1], t_eval=TIMES, args=(1,)).y[
                0, 0
            ],
            "computed times",
        ),
        (
            lambda k: optimize.newton(lambda x: x - k, 1.0, full_output=True)[0],
            "full_output",
        ),
        (lambda k: optimize.root(lambda x: x - k, [1.0], method="krylov").x[0], "another method"),
    ],
)
def test_refused(function, message):
    with pytest.raises(UnsupportedError) as caught:
        sd.grad(function)(1.3)
    assert message in f"{caught.value.message} {caught.value.suggestion}"


@pytest.mark.parametrize(
    "function",
    [
        INTEGRALS["by limits and arguments"][0],
        swung,
        ROOTS["brentq"],
        ROOTS["fsolve"],
    ],
    ids=["quad", "solve_ivp", "brentq", "fsolve"],
)
def test_the_emitted_module_needs_numpy_alone(function, tmp_path):
    g = sd.value_and_grad(function)
    value, slope = g(1.3)
    path = tmp_path / "g.py"
    g.write(path)
    code = "import sys; sys.modules['scipy'] = None; import g; print(g.value_and_grad(1.3))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    numbers = [float(word) for word in run.stdout.replace("np.float64", "").translate(
        str.maketrans("(),", "   ")
    ).split()]  # fmt: skip
    assert numbers == [value, slope]

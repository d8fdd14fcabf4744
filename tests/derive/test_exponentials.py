"""Formulas in which an exponential overflows: their derivatives are right all the same.

The formulas are those of activations, statistical physics, kinetics, growth, likelihoods and their
like. Points reach to where exp and its reciprocal overflow in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import symdiff as sd
from symdiff.derive.normal_forms import MOST_SUMS, Product, Sum, times
from tests.derive.exact import slopes_of

FORMULAS = """
x/(1+exp(-x))
x*sigmoid(x)
0.5*x*(1+tanh(0.7978845608028654*(x+0.044715*x**3)))
x*tanh(log(1+exp(x)))
x*tanh(softplus(x))
1/(1+exp(-x))
1-1/(1+exp(-x))
exp(x)/(1+exp(x))
exp(x)/(exp(x)+exp(2))
log(1+exp(x))
log(1+exp(-x))
log(exp(x)+exp(-x))
log(exp(x)+1)/3
tanh(x)
(exp(x)-exp(-x))/(exp(x)+exp(-x))
(1-exp(-2*x))/(1+exp(-2*x))
(exp(2*x)-1)/(exp(2*x)+1)
2/(1+exp(-2*x))-1
sigmoid(x)*(1-sigmoid(x))
x*sigmoid(1.702*x)
log(1+exp(x))*sigmoid(x)
x*(exp(x)-1)/(exp(x)+1)
x*(1+2*exp(-x))/(1+2*exp(-x)+2*exp(-2*x))
x*((1+exp(x))**2-1)/((1+exp(x))**2+1)
log(1/(1+exp(-x)))
log(sigmoid(x))
log(1-sigmoid(x))
log(1-1/(1+exp(-x)))
-log(exp(x)/(1+exp(x)))
log(sigmoid(x)/(1-sigmoid(x)))
log(1/(1+exp(-x)))*0.3+0.7*log(1-1/(1+exp(-x)))
-(0.3*log(sigmoid(x)) + 0.7*log(1-sigmoid(x)))
log(tanh(x)+1)
log(1-tanh(x))
log(1-tanh(x)**2)
log((1+tanh(x))/2)
log1p(tanh(x))
log1p(-sigmoid(x))
log1p(exp(x))
log1p(exp(-x))
log2(1+exp(x))
log10(1+exp(x))
log10(1+10**x)
log2(1+2**x)
log2(2**x+2**(-x))
log(1+exp(x))**2
sqrt(log(1+exp(x)))
log(log(1+exp(x)))
1/(exp(x)-1)
1/(exp(x)+1)
x/(exp(x)-1)
x/expm1(x)
x**3/(exp(x)-1)
x**3/expm1(x)
x**4*exp(x)/(exp(x)-1)**2
x**2*exp(x)/(exp(x)-1)**2
x**2*exp(-x)/(1-exp(-x))**2
x**2*exp(x)/expm1(x)**2
(x/2)**2/sinh(x/2)**2
1/(exp(14388/x)-1)
1/x**5/(exp(14388/x)-1)
(1/x**5)/(exp(1/x)-1)
x/(1-exp(-x))
x/(exp(x)-exp(-x))
1/(exp((x-2)/0.1)+1)
1/(exp((x-2)/0.1)-1)
log(1-exp(-x))
-log(1-exp(-x))
log(exp(x)-1)
log(expm1(x))
log1p(-exp(-x))
log(-expm1(-x))
log(exp(x)-exp(-x))
log(exp(2*x)-exp(x))
x*log(1-exp(-x))
x/2+log(1-exp(-x))
1/tanh(x)-1/x
1/tanh(x)
cosh(x)/sinh(x)-1/x
cosh(x)/sinh(x)
sinh(x)/cosh(x)
(exp(x)+exp(-x))/(exp(x)-exp(-x))-1/x
1.5/tanh(1.5*x)-0.5/tanh(0.5*x)
1.5*cosh(1.5*x)/sinh(1.5*x)-0.5*cosh(0.5*x)/sinh(0.5*x)
1/sinh(x)
x/sinh(x)
1/cosh(x)
1/cosh(x)**2
x/cosh(x)
1/sinh(x)**2
tanh(x)/cosh(x)
sinh(x)/cosh(x)**2
sinh(x)/(1+cosh(x))
1/(1+cosh(x))
2/(exp(x)+exp(-x))
2/(exp(x)-exp(-x))
4/(exp(x/2)+exp(-x/2))**2
log(cosh(x))
log(sinh(x))
log(2*cosh(x))
log(cosh(x))-log(2)
log((exp(x)+exp(-x))/2)
log(cosh(x))*cosh(x)/(1+cosh(x))
exp(-x)/(1+exp(-x))**2
exp(x)/(1+exp(x))**2
exp(-x)/(1+exp(-x))
exp(-2*x)/(1+exp(-x))**2
exp(2*x)/(1+exp(2*x))
exp(2*x)/(1+exp(x))
exp(x)/(1+exp(2*x))
exp(x/2)/(1+exp(x))
1/(1+exp(x))**2
1/(1+exp(-x))**0.5
(1+exp(-x))**(-2)
(1+0.5*exp(-x))**(-1/0.5)
1/(1+exp(-x))/(1+exp(x))
1/((1+exp(-x))*(1+exp(-2*x)))
1/(1+2*exp(-x))
10/(1+9*exp(-0.5*x))
3*exp(x)/(3*exp(x)+5)
5/(1+exp(-(x-1)/2))
1/(1+exp(-x)) - 1/(1+exp(-(x-1)))
1/(1+exp(-x))*1/(1+exp(x-3))
exp(x)/(exp(x)+exp(2*x)+1)
(exp(x)+2*exp(2*x))/(1+exp(x)+exp(2*x))
(exp(x)-2)/(exp(x)+2)
(x*exp(x)+1)/(exp(x)+2)
x*exp(x)/(exp(x)-1)
x*exp(x)/(1+x*exp(x))
1/(x+exp(x))
1/(x**2+exp(x))
1/(exp(x)+x*exp(-x)+3)
log(x**2+exp(x))
log(exp(x)+x**2*exp(-x))
log(2*exp(x)+3*exp(-x)+1)
log(exp(x)+exp(2*x)+exp(3*x))
exp(-exp(-x))
exp(-exp(x))
1-exp(-exp(x))
1-exp(-exp(-x))
exp(-x)*exp(-exp(-x))
exp(-x-exp(-x))
exp(-(x+exp(-x)))
3*exp(-2*exp(-0.5*x))
exp(x-exp(x))
log(1-exp(-exp(x)))
log(exp(-exp(-x)))
exp(-0.1*(exp(x)-1))
exp(-cosh(x))
exp(-expm1(x))
tanh(exp(x))
erf(exp(x))
atan(exp(x))
2*atan(exp(x))-1.5707963267948966
atan(sinh(x))
atan(tanh(x/2))
tanh(sinh(x))
sigmoid(exp(x))
1/(1+exp(-exp(x)))
exp(x)*exp(-x)
exp(x)*exp(-2*x)
exp(-exp(x))*exp(x)
exp(-1/x)
exp(-1/x**2)
exp(-300/abs(x))
3*exp(-2/(8.314*abs(x)))
1/x**2*exp(-1/abs(x))
x*exp(-x)
x**2*exp(-x**2/2)
exp(-x**2/2)/2.5066282746310002
log(exp(-x**2/2)/2.5)
log(exp(-x**2/2)/sqrt(6.25))
log(0.3*exp(-x**2/2)+0.7*exp(-(x-3)**2/2))
log(0.3*exp(-x**2/2)/2.5+0.7*exp(-(x-3)**2/8)/5)
exp(-x**2/2)/(exp(-x**2/2)+exp(-(x-3)**2/2))
0.3*exp(-x**2/2)/(0.3*exp(-x**2/2)+0.7*exp(-(x-3)**2/2))
exp(-x**2)/(1+exp(-x**2))
exp(-x**2)/exp(-(x-1)**2)
exp(-abs(x))/2
log(exp(-abs(x))/2)
log(exp(-x))
log(1/exp(x))
log(exp(x)**2)
log(x*exp(-x))
log(sqrt(exp(x)))
sqrt(exp(x))
exp(x)**0.5*exp(-x)
log(x**2*exp(-x**3))
exp(-x)/x
1/(x*exp(x))
(1-exp(-x))/x
(exp(x)-1)/x
(exp(x)-1)/(x*exp(x))
(1-exp(-x))*exp(-2*x)
(1-exp(-(x-1)))**2
(1-exp(-x))**2
exp(-2*x)-2*exp(-x)
1e-12*(exp(x/0.025)-1)
exp(0.5*x)-exp(-0.5*x)
exp(-x)-exp(-2*x)
x*(1-0.5*exp(-x))/(1-exp(-x))
(exp(x)-0.1)/(exp(x)-1)*x
96485*x*(140-5*exp(-x))/(1-exp(-x))
0.01*(10-x)/(exp((10-x)/10)-1)
0.1*(25-x)/(exp((25-x)/10)-1)
0.07*exp(-x/20)
1/(exp((30-x)/10)+1)
0.025*log(x/3)
0.025*log(1+x/1e-12)
log(10*exp(x)+1)*0.06
log((1+exp(x))/(1+exp(-x)))
log((1+exp(x))/(1+exp(2*x)))
log((1+exp(x-1))/(1+exp(x+1)))
log((1+2*exp(x))/(1+3*exp(x)))
log(1+exp(x)+exp(2*x))
log(1+0.5*exp(-x))
log(3-exp(-x))
log(erfc(x))
log(erfc(x)/2)
log(ndtr(x))
log(1-ndtr(x))
log(0.5*erfc(-x/sqrt(2)))
log(0.5*(1+erf(x/sqrt(2))))
log(1-erf(x))
x*ndtr(x)
0.5*x*(1+erf(x/sqrt(2)))
exp(x)/(exp(x)+exp(-2*x))
log(1+x**2)
log(1+x**4)
exp(-x**2)
exp(-x**4)
-2*log(1+x**2/3)
log(0.75*(abs(x)/2)**0.5)-(abs(x)/2)**1.5
exp(-(abs(x)/2)**1.5)
1-exp(-(abs(x)/2)**1.5)
logaddexp(x, 1)
logaddexp(x, -x)
log(exp(logaddexp(x,0)))
exp(x-logaddexp(x,0))
exp(-softplus(x))
exp(softplus(x))/exp(x)
log(exp(softplus(x))-1)
x-softplus(x)
expm1(x)/exp(x)
expm1(x)/(expm1(x)+1)
expm1(x)/(expm1(x)+2)
1/expm1(x)**2
log(1+expm1(x))
log(2+expm1(x))
sech(x)**2
csch(x)*x
log(sech(x))
1/(2**x-1)
2**x/(1+2**x)
10**x/(1+10**x)
1/(1+10**(3-x))
1/(1+10**((3-x)*2))
(1+10**(x-3))**(-1)
x**2/(1+exp(x))
sin(x)/(1+exp(x))
sin(x)/(exp(x)-1)
(2+sin(x))*exp(-x)/(1+exp(-x))
1/(1+exp(-x**3))
1/(1+exp(-x**2))
exp(sin(x))/(1+exp(sin(x)))
log(1+exp(3*x))/3
log(1+exp(x))-log(1+exp(x-5))
log(1+exp(x))-log(1+exp(-x))
sqrt(1+exp(2*x))
1/sqrt(1+exp(-2*x))
(1+exp(x))**0.5/(1+exp(x))
sqrt(x**2+exp(x))
sqrt((1-exp(-x))**2)
cbrt(1+exp(x))
exp(x)/sqrt(1+exp(2*x))
1/(exp(x)-exp(-2*x))
(exp(3*x)-1)/(exp(3*x)+2)
sinh(2*x)/sinh(x)
sinh(0.3*x)/sinh(x)
cosh(0.3*x)/cosh(x)
sinh(x)/sinh(2*x)
sinh(x)/x
exp(-x)*sinh(x)
exp(-x)*cosh(x)
exp(-x)*(1+exp(x))
log(1+exp(x))/(1+exp(x))
x*exp(x)/(1+exp(x))**2
1/(exp(x)+exp(-x)+2)
1/(exp(x)+exp(-x)-2)
log(exp(x)+exp(-x)+2)
log((exp(x)-1)/(exp(x)+1))
log(tanh(x/2))
log((1-exp(-x))/(1+exp(-x)))
1/(1+exp(-1/x))
exp(-1/x)/(exp(-1/x)+exp(-1/(1-x)))
log(x**2*exp(x)+2*exp(x))
exp(x)/(x**2*exp(x)+exp(x))
sqrt(x**2*exp(x)+exp(x))*exp(-x/2)
(x**2*exp(x)+exp(x))/(x**2*exp(x)+2*exp(-x))
log((x**2*exp(x)+exp(x))/(x**2*exp(x)+2*exp(x)))
""".strip().splitlines()

SIZES = (1.0, 30.0, 40.0, 90.0, 300.0, 710.0, 746.0, 800.0)
AT = (0.3, *[sign * x for x in SIZES for sign in (1, -1)])
LARGEST = 1e290  # beyond, the derivative itself may overflow
ROUNDING = 1e-13  # what a sum of terms of size 1 may be off by


def assert_near(got: float, wanted: float, where: object) -> None:
    assert abs(got - wanted) <= 1e-9 * abs(wanted) + ROUNDING, (where, got, wanted)


@pytest.mark.spread(2)
@pytest.mark.parametrize("text", FORMULAS)
def test_derivatives_where_the_formula_overflows(text: str) -> None:
    first = sd.function(text).grad()
    second = first.grad()
    points, wanted = [], []
    for x in AT:
        right = slopes_of(text, x)
        if right is not None and max(map(abs, right)) < LARGEST:
            points.append(x)
            wanted.append(right)
    assert points
    with np.errstate(all="ignore"):
        on_arrays = [first(np.array(points)), second(np.array(points))]
    for i, (x, right) in enumerate(zip(points, wanted, strict=True)):
        assert_near(first(x), right[0], (text, x))
        assert_near(second(x), right[1], (text, x))
        for derivative, one in zip(on_arrays, right, strict=True):
            assert_near(float(derivative[i]), one, (text, x))


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("1/(exp(x)-1)", 100.0),
        ("x/(1+exp(-x))", -100.0),
        ("log(exp(x)-1)", 100.0),
        ("exp(-exp(-x))", -100.0),
        ("1/sinh(x)", 100.0),
        ("(exp(x)-exp(-x))/(exp(x)+exp(-x))", 100.0),
        ("log(sigmoid(x))", -200.0),
        ("exp(x)/(exp(x)+exp(2*x)+1)", 100.0),
        ("sinh(0.3*x)/sinh(x)", 200.0),
    ],
)
def test_float32_overflows_sooner(text: str, x: float) -> None:
    right = slopes_of(text, x)
    assert right is not None
    with np.errstate(all="ignore"):
        got = sd.function(text).grad()(np.array([x], np.float32))
    assert got.dtype == np.float32
    assert abs(float(got[0]) - right[0]) <= 1e-5 * abs(right[0]) + 1e-30


@pytest.mark.parametrize("x", [1e-8, -1e-8, 1e-3, 1.0])
@pytest.mark.parametrize(
    "text",
    [
        "1/expm1(x)",
        "1/sinh(x)",
        "log(-expm1(-abs(x)))",
        "sinh(x)/(1+cosh(x))",
        "x/(1+exp(-x))",
        "(1-exp(-2*x))/(1+exp(-2*x))",
        "1/(1+cosh(x))",
        "cosh(0.3*x)/cosh(x)",
        "exp(x)/(1+exp(x))",
    ],
)
def test_no_digits_are_lost_near_zero(text: str, x: float) -> None:
    right = slopes_of(text, x)
    assert right is not None
    assert sd.function(text).grad()(x) == pytest.approx(right[0], rel=2e-14)


def test_third_derivative() -> None:
    third = sd.function("x/(exp(x)-1)").grad().grad().grad()
    # x*n''' + 3*n'' with n = exp(-x) but for what is smaller by exp(-60)
    assert third(60.0) == pytest.approx(-57.0 * math.exp(-60.0), rel=1e-12)
    assert third(800.0) == 0.0
    assert third(-800.0) == 0.0


@pytest.mark.parametrize("x", [-800.0, -1.0, 1.0, 800.0])
def test_even_root_keeps_its_sign(x: float) -> None:
    """A root of a square is a magnitude, in exponentials too."""
    right = slopes_of("abs(x*exp(-abs(x)))**3", x)
    assert right is not None
    got = sd.function("((x*exp(-abs(x)))**2)**1.5").grad()(x)
    assert got == pytest.approx(right[0], rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x**2/(1+x**2)", 1e200),
        ("x**4/(3+x**4)", -1e80),
        ("x/(1+x)", 1e10),
        ("2*x**3/(x**3+1)", 1e110),
    ],
)
def test_share_of_what_overflows(text: str, x: float) -> None:
    right = slopes_of(text, x)
    assert right is not None
    function = sd.function(text).grad()
    assert function(x) == pytest.approx(right[0], rel=1e-14, abs=1e-300)
    assert function.grad()(x) == pytest.approx(right[1], rel=1e-13, abs=1e-300)


# --- arrays ------------------------------------------------------------------------------------

LOGITS = [[0.1, 0.5, -0.3], [800.0, -3.0, 801.0], [-900.0, -905.0, -901.0], [2000.0, 0.0, -2000.0]]
WEIGHTS = np.array([0.3, 0.2, 0.5])


def softmax(x):
    e = np.exp(x)
    return e / np.sum(e)


def shifted_softmax(x):
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


# each is the logarithm of the softmax, weighted
LOG_SOFTMAX = [
    lambda x: np.sum((x - np.log(np.sum(np.exp(x)))) * WEIGHTS),
    lambda x: np.sum((x - np.max(x) - np.log(np.sum(np.exp(x - np.max(x))))) * WEIGHTS),
    lambda x: np.sum(np.log(softmax(x)) * WEIGHTS),
    lambda x: np.sum(np.log(shifted_softmax(x)) * WEIGHTS),
    lambda x: np.sum(x * WEIGHTS) - np.log(np.mean(np.exp(x))),
]
# each is a logarithm of a weighted sum of exponentials
WEIGHTED = [
    lambda x: np.log(np.sum(WEIGHTS * np.exp(x))),
    lambda x: np.log(WEIGHTS @ np.exp(x)),
    lambda x: np.log(0.3 * np.exp(x[0]) + 0.2 * np.exp(x[1]) + 0.5 * np.exp(x[2])),
]


def weights_of(x: list[float], factors: np.ndarray) -> np.ndarray:
    e = factors * np.exp(np.array(x) - max(x))
    return e / np.sum(e)


@pytest.mark.parametrize("x", LOGITS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_in_every_spelling(x: list[float], dtype: type) -> None:
    rtol, atol = (1e-12, 1e-15) if dtype is np.float64 else (3e-4, 1e-6)
    given = np.array(x, dtype)
    p = weights_of(x, np.ones(3))
    with np.errstate(all="ignore"):
        for loss in LOG_SOFTMAX:
            np.testing.assert_allclose(sd.grad(loss)(given), WEIGHTS - p, rtol, atol)
        for loss in WEIGHTED:
            np.testing.assert_allclose(sd.grad(loss)(given), weights_of(x, WEIGHTS), rtol, atol)
        for function in (softmax, shifted_softmax):
            got = sd.grad(lambda x, f=function: np.sum(f(x) * WEIGHTS))(given)
            np.testing.assert_allclose(got, p * (WEIGHTS - p @ WEIGHTS), rtol, atol)


def test_logsumexp_of_nothing_but_minus_infinity() -> None:
    x = np.array([[-np.inf, -np.inf], [1.0, 2.0]])
    with np.errstate(all="ignore"):
        got = sd.function("X: [2, 2]\nsum(logsumexp(X, axis=1))").grad()(x)
    assert got[0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(got[1], weights_of([1.0, 2.0], np.ones(2)), 1e-14)


# --- what it costs, and what it does not reach -------------------------------------------------

# the operations of value and gradient of formulas whose derivative needs no twin
ORDINARY = {
    "1/(1+exp(-x))": 7,
    "log(1+exp(x))": 7,
    "tanh(x)": 3,
    "0.5*x*(1+tanh(x))": 9,
    "exp(-x**2/2)": 6,
    "x*exp(-x)": 4,
    "log(cosh(x))": 3,
    "sinh(x)/x": 6,
    "a*exp(-b*x)": 8,
    "exp(a*x)*sin(x)": 9,
}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_formulas_stay_short(text: str) -> None:
    assert sd.function(text).value_and_grad().ops <= ORDINARY[text]


LIMITS = {
    "exp(-x)*log(1+exp(x))": -800.0,
    "cosh(x)-sinh(x)": 800.0,
    "asinh(exp(x))": 800.0,
    "x**3/(1+x**2)": 1e200,
}


@pytest.mark.parametrize("text", LIMITS)
def test_what_is_not_reached_is_nan(text: str) -> None:
    assert math.isnan(sd.function(text).grad()(LIMITS[text]))


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("softplus(sinh(x))", 40.0),
        ("log(1 + exp(2*x*exp(x)))", 40.0),
        ("logaddexp(abs(x), sinh(x))", 40.0),
        ("log(exp(exp(x)) + exp(-x))", 10.0),
        ("log(exp(exp(x)) + exp(x) + 1)", 10.0),
        ("log(exp(expm1(x)) + exp(-expm1(x)))", 10.0),
        ("log(exp(exp(x)) + exp(x*x) + exp(2*x))", 40.0),
    ],
)
def test_exponent_that_explodes_swallows_no_other(text: str, x: float) -> None:
    """The first exponent alone counts there, and its derivatives are its own."""
    f = sd.function(text)
    with mpmath.workdps(60):
        inner: dict[str, Callable[[Any], Any]] = {
            "sinh": mpmath.sinh,
            "2*x*": lambda x: 2 * x * mpmath.exp(x),
            "exp(": mpmath.exp,
        }
        large = next(inner[key] for key in inner if key in text)
        first, second = (float(mpmath.diff(large, mpmath.mpf(x), k)) for k in (1, 2))
    assert f.grad()(x) == pytest.approx(first, rel=1e-6)
    assert f.hessian()(x)[0, 0] == pytest.approx(second, rel=1e-6)
    assert f.grad().grad()(x) == pytest.approx(second, rel=1e-6)


def test_product_of_many_sums_has_no_form() -> None:
    """Otherwise the time to derive a product of n sums grows with n**3."""
    sums = [Sum((Product(), Product(exponent=((k, 1.0),)))) for k in range(MOST_SUMS + 1)]
    whole: Product | None = Product()
    for k, total in enumerate(sums):
        assert whole is not None
        assert len(whole.sums) == k
        whole = times(whole, Product(sums=((total, 1.0),)))
    assert whole is None

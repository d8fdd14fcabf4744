"""SciPy's special functions as users call them: values are SciPy's, derivatives differences."""

import mpmath as mp
import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from symdiff.verify.finite_difference import central

special = pytest.importorskip("scipy.special")

# the name, arguments before the one that moves, where it stands
CALLS = [
    *[(name, (), 0.7) for name in
      "fresnel sici shichi airy exp1 expi i0e i1e k0e k1e j1 y0 dawsn ndtri".split()],
    ("hyp2f1", (0.5, 1.5, 2.5), 0.3), ("betainc", (0.5, 1.5), 0.3), ("elliprd", (0.5, 1.5), 0.3),
    *[(name, (2,), 0.7) for name in
      "expn jve yve ive kve struve modstruve spherical_jn spherical_yn spherical_in spherical_kn "
      "eval_legendre eval_chebyt eval_chebyu eval_chebyc eval_chebys eval_hermite "
      "eval_hermitenorm eval_laguerre eval_sh_legendre eval_sh_chebyt eval_sh_chebyu".split()],
    ("jv", (0.5,), 0.7), ("struve", (-0.5,), 0.7), ("eval_jacobi", (3, 0.5, 1.5), 0.3),
    ("eval_gegenbauer", (3, 0.5), 0.3), ("eval_genlaguerre", (3, 0.5), 0.3),
    ("ellipj", (0.7,), 0.3), ("ellipkinc", (5.0,), 0.3), ("ellipeinc", (-4.0,), 0.3),
    ("ellipkinc", (0.7,), 0.0), ("ellipeinc", (0.7,), 0.0), ("ellipk", (), 0.0),
    ("chdtr", (3.5,), 2.0), ("chdtrc", (3.5,), 2.0), ("chdtri", (3.5,), 0.3),
    ("gdtr", (0.5, 1.5), 2.0), ("gdtrc", (0.5, 1.5), 2.0), ("gdtrix", (0.5, 1.5), 0.3),
    ("fdtr", (3.0, 4.0), 1.5), ("fdtrc", (3.0, 4.0), 1.5), ("fdtri", (3.0, 4.0), 0.3),
    ("pdtr", (3,), 1.5), ("pdtrc", (3,), 1.5), ("pdtri", (3,), 0.4),
    ("bdtr", (2, 5), 0.3), ("bdtrc", (2, 5), 0.3), ("bdtr", (5, 5), 0.3), ("bdtrc", (-1, 5), 0.3),
    ("nbdtr", (2, 5), 0.3), ("nbdtrc", (2, 5), 0.3),
    ("stdtr", (2.5,), -0.7), ("stdtrit", (2.5,), 0.3),
    ("diric", (), 0.7), ("comb", (5.5,), 2.2), ("perm", (5.5,), 2.2), ("factorial", (), 3.3),
    ("multigammaln", (), 3.3), ("lambertw", (), 0.7), ("boxcox", (1.7,), 0.0),
    ("inv_boxcox", (0.7,), 0.0), ("voigt_profile", (0.4, 1.1), 0.3), ("owens_t", (0.4,), 1.3),
]  # fmt: skip
AFTER = {"diric": (3,), "multigammaln": (2,)}  # arguments after it


def call(name, before, x):
    return getattr(special, name)(*before, x, *AFTER.get(name, ()))


def of_name(name, before):
    """The sum of what SciPy's function gives, looked up at each call."""

    def function(x):
        found = call(name, before, x)
        if not isinstance(found, tuple):
            return found.real if name == "lambertw" else found
        total = 0.0
        for part in found:
            total = total + part
        return total

    return function


@pytest.mark.spread(2)
@pytest.mark.parametrize(("name", "before", "x"), CALLS)
def test_value_and_derivative(name, before, x):
    function = of_name(name, before)
    traced = sd.value_and_grad(function)
    value, slope = traced(x)
    assert value == pytest.approx(float(function(x)), rel=2e-13, abs=1e-15)
    expected = central(lambda z: float(function(z)), x, step=0.02)
    assert slope == pytest.approx(expected.value, rel=1e-7, abs=1e-8 + 4 * expected.error)


def test_the_sign_of_gamma():
    x = np.array([0.0, -0.0, -1.0, -1.5, -2.5, 2.0, -0.5, -np.inf, np.inf, np.nan])
    found = sd.function(lambda x: special.gammasgn(x), shapes={"x": x.shape})
    np.testing.assert_array_equal(found(x)[3:7], special.gammasgn(x)[3:7])
    np.testing.assert_array_equal(found(x), [1, -1, np.nan, 1, -1, 1, -1, np.nan, 1, np.nan])
    assert sd.grad(lambda x: x * special.gammasgn(x))(-1.5) == 1.0


def test_arrays_broadcast():
    orders, x = np.array([[1.5], [2.5]]), np.array([0.3, 1.2, 2.0])
    found = sd.vjp(lambda x: special.gammainc(orders, x))(x, np.ones((2, 3)))
    np.testing.assert_allclose(found[0], special.gammainc(orders, x), rtol=1e-15)
    density = x ** (orders - 1.0) * np.exp(-x) / special.gamma(orders)
    np.testing.assert_allclose(found[1], density.sum(0), rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: special.gammainc(x, 2.0), "gammainc.* by a has no closed form"),
        (lambda x: special.hyp2f1(1.0, x, 2.0, 0.5), "hyp2f1.* by b has no closed form"),
        (lambda x: special.stdtr(x, 2.0), "stdtr.* by df has no closed form"),
        (lambda x: special.jv(x, 2.0), "order of jv must be a known number"),
        (lambda x: special.eval_legendre(1.5, x), "order of eval_legendre must be a whole number"),
        (lambda x: special.lambertw(x, 2), "branch 2 of lambertw is not real"),
        (lambda x: special.factorial(x, exact=True), "count without derivative"),
    ],
)
def test_refused_by_argument(function, message):
    with pytest.raises(UnsupportedError, match=message):
        sd.grad(function)(1.5)


def test_the_lower_branch_of_lambertw():
    function = sd.value_and_grad(lambda x: special.lambertw(x, k=-1).real)
    value, slope = function(-0.2)
    assert value == pytest.approx(special.lambertw(-0.2, -1).real, rel=1e-14)
    assert slope == pytest.approx(np.exp(-value) / (1.0 + value), rel=1e-14)


def test_the_derivative_of_a_gamma_variables_probability_far_out():
    slope = sd.grad(lambda x: special.gammainc(300.0, x))(310.0)
    with mp.workdps(50):
        exact = mp.exp(299 * mp.log(310) - 310 - mp.loggamma(300))
    assert slope == pytest.approx(float(exact), rel=1e-12)
    assert sd.grad(lambda x: special.gammainc(1.0, x))(0.0) == 1.0


def test_a_line_of_voigts_by_the_function_of_faddeeva():
    x = np.linspace(-2.0, 2.0, 7)

    def loss(center, sigma, gamma):
        z = (x - center + 1j * gamma) / (sigma * np.sqrt(2.0))
        return np.sum(special.wofz(z).real / (sigma * np.sqrt(2.0 * np.pi)) * np.cos(x))

    def profile(center, sigma, gamma):
        return np.sum(special.voigt_profile(x - center, sigma, gamma) * np.cos(x))

    given = (0.3, 0.8, 0.4)
    value, gradient = sd.value_and_grad(loss, wrt=(0, 1, 2))(*given)
    assert value == pytest.approx(float(loss(*given)), rel=1e-13)
    assert value == pytest.approx(float(profile(*given)), rel=1e-13)
    np.testing.assert_allclose(gradient, sd.grad(profile, wrt=(0, 1, 2))(*given), rtol=1e-11)
    for place in range(3):

        def along(number, place=place):
            return float(loss(*given[:place], number, *given[place + 1 :]))

        expected = central(along, given[place], step=0.02)
        assert gradient[place] == pytest.approx(expected.value, rel=1e-7)


def test_both_parts_of_wofz():
    def loss(x, y):
        found = special.wofz(x + 1j * y)
        return found.imag + 0.3 * np.abs(found)

    value, gradient = sd.value_and_grad(loss, wrt=(0, 1))(0.7, 0.4)
    assert value == pytest.approx(float(loss(0.7, 0.4)), rel=1e-13)
    for place in (0, 1):
        expected = central(
            lambda z, place=place: float(loss(*((z, 0.4) if place == 0 else (0.7, z)))),
            (0.7, 0.4)[place],
            step=0.02,
        )
        assert gradient[place] == pytest.approx(expected.value, rel=1e-7)


ORDERS = (
    *(2.5, 1.5, 1.0001, 1.0 + 1e-10, 1.0 - 1e-10, 0.5, 1e-9, -0.5, -2.0, -10.3, -90.5, 2.0, 3.0),
    *(2.0 + 1e-12, 2.0 - 1e-12, 1.0 + 2.0**-52, 3.7, 10.5001, 29.9, 40.7, 41.2, 200.7, 1e4 + 0.5),
)
PLACES = (1e-300, 1e-8, 0.003, 0.4, 0.999, 1.0, 1.001, 2.7, 9.0, 60.0, 500.0)


@pytest.mark.parametrize("order", ORDERS)
def test_exponential_integrals_of_any_order(order):
    module = sd.function("expint(nu, x)").grad(wrt="x").load()
    values, slopes = module.value(order, np.array(PLACES)), module.grad(order, np.array(PLACES))
    for x, value, slope in zip(PLACES, values, slopes, strict=True):
        with mp.workdps(50):
            exact = mp.expint(mp.mpf(order), mp.mpf(x)), -mp.expint(mp.mpf(order) - 1, mp.mpf(x))
        for found, true in zip((value, slope), map(float, exact), strict=True):
            assert found == pytest.approx(true, rel=5e-14 + x * 4e-16, abs=1e-307)
        assert module.value(order, x) == value


def test_edges_of_exponential_integrals():
    value = sd.function("expint(nu, x)").load().value
    assert value(2.5, 0.0) == pytest.approx(2.0 / 3.0, rel=1e-15)
    assert value(1.0, 0.0) == value(0.5, 0.0) == np.inf
    assert value(2.5, np.inf) == value(-0.5, np.inf) == 0.0
    assert np.isnan([value(2.5, -1.0), value(2.5, np.nan), value(-150.0, 1.0)]).all()


@pytest.mark.parametrize("a", [-3.0, -2.5, -1.0 / 3.0, -1e-9, 0.0, 1e-9, 0.3, 2.5, 20.0])
@pytest.mark.parametrize("x", [1e-3, 0.4, 1.0, 9.0, 60.0])
def test_incomplete_gammas_of_any_first_argument(a, x):
    module = sd.function("uppergamma(a, x)").grad(wrt="x").load()
    with mp.workdps(50):
        exact, slope = mp.gammainc(mp.mpf(a), mp.mpf(x)), -(mp.mpf(x) ** (a - 1)) * mp.exp(-x)
        below = None if a in (0.0, -1.0, -3.0) else float(mp.gamma(mp.mpf(a)) - exact)
    assert module.value(a, x) == pytest.approx(float(exact), rel=2e-14)
    assert module.grad(a, x) == pytest.approx(float(slope), rel=2e-14)
    if below is not None:
        lower = sd.function("lowergamma(a, x)").grad(wrt="x").load()
        assert lower.value(a, x) == pytest.approx(below, rel=2e-14)
        assert lower.grad(a, x) == pytest.approx(-float(slope), rel=2e-14)


@pytest.mark.parametrize("text", ["expint(a, x)", "uppergamma(a, x)", "lowergamma(a, x)"])
def test_no_derivative_by_the_first_argument(text):
    with pytest.raises(UnsupportedError, match=r"by (nu|a) has no closed form"):
        sd.function(text).grad(wrt="a")


@pytest.mark.parametrize("s", [1.0001, 1.2, 2.0, 2.5, 5.0, 20.0, 75.0])
@pytest.mark.parametrize("q", [1e-3, 0.3, 1.0, 2.5, 10.0, 500.0])
def test_zeta_by_its_exponent(s, q):
    value, gradient = sd.value_and_grad(lambda s, q: special.zeta(s, q), wrt=(0, 1))(s, q)
    (by_s, mixed), _ = sd.hessian(lambda s, q: special.zeta(s, q), wrt=(0, 1))(s, q)
    with mp.workdps(100):  # mpmath's cancels
        first, again = mp.zeta(mp.mpf(s), mp.mpf(q), 1), mp.zeta(mp.mpf(s), mp.mpf(q), 2)
        next_s = mp.mpf(s) + 1
        by_q = -s * mp.zeta(next_s, mp.mpf(q))
        both = -s * mp.zeta(next_s, mp.mpf(q), 1) - mp.zeta(next_s, mp.mpf(q))
    assert value == special.zeta(s, q)
    found = [*gradient, by_s, mixed]
    assert found == pytest.approx([float(x) for x in (first, by_q, again, both)], rel=1e-13, abs=0)


@pytest.mark.parametrize("s", [-20.3, -8.5, -4.0, -2.0, -1.0, -0.5, 0.0, 0.3, 0.9999, 1.5, 30.0])
def test_riemanns_zeta(s):
    value, slope = sd.value_and_grad(lambda s: special.zeta(s))(s)
    second = sd.hessian(lambda s: special.zeta(s))(s)
    with mp.workdps(60):
        exact = [float(mp.zeta(mp.mpf(s), 1, n)) for n in (1, 2)]
    assert value == special.zeta(s)
    assert [slope, second] == pytest.approx(exact, rel=1e-13, abs=0)


def test_kelvins_functions_at_once():
    def loss(x):
        parts = special.kelvin(x)
        return sum((k + 1.0) * (z.real + 2.0 * z.imag) for k, z in enumerate(parts))

    value, slope = sd.value_and_grad(loss)(0.7)
    assert value == pytest.approx(float(loss(0.7)), rel=1e-13)
    assert slope == pytest.approx(central(lambda x: float(loss(x)), 0.7, step=0.02).value, rel=1e-8)

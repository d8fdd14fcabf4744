"""Distributions: values are SciPy's, and derivatives are differences of SciPy's own functions."""

import mpmath as mp
import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.verify.finite_difference import central
from tests.frontend.lowering.slopes import slope_at

stats = pytest.importorskip("scipy.stats")

# by name, points inside and outside of the support, and shapes inside of their own
POINTS = {
    "norm": ([-2.0, 0.3, 1.7], ()),
    "lognorm": ([-1.0, 0.3, 2.7], (0.8,)),
    "halfnorm": ([-1.0, 0.3, 2.7], ()),
    "skewnorm": ([-1.0, 0.3, 2.7], (1.5,)),
    "uniform": ([-0.5, 0.3, 4.0], ()),
    "expon": ([-0.5, 0.3, 4.0], ()),
    "laplace": ([-0.5, 0.3, 4.0], ()),
    "logistic": ([-0.5, 0.3, 4.0], ()),
    "cauchy": ([-0.5, 0.3, 4.0], ()),
    "t": ([-0.5, 0.3, 4.0], (3.5,)),
    "chi2": ([-0.5, 0.3, 4.0], (3.5,)),
    "gamma": ([-0.5, 0.3, 4.0], (2.5,)),
    "invgamma": ([-0.5, 0.3, 4.0], (2.5,)),
    "beta": ([-0.5, 0.3, 0.8, 4.0], (2.5, 1.5)),
    "weibull_min": ([-0.5, 0.3, 4.0], (1.5,)),
    "pareto": ([0.5, 1.3, 4.0], (2.5,)),
    "rayleigh": ([-0.5, 0.3, 4.0], ()),
    "gumbel_r": ([-0.5, 0.3, 4.0], ()),
    "gumbel_l": ([-0.5, 0.3, 2.0], ()),
    "truncnorm": ([-1.5, -0.3, 0.7, 4.0], (-0.8, 1.7)),
    "f": ([-0.5, 0.3, 4.0], (2.5, 3.5)),
    "vonmises": ([-0.5, 0.3, 2.0], (1.5,)),
    "genextreme": ([-0.5, 0.3, 4.0], (0.4,)),
    "binom": ([-1.0, 0.0, 2.0, 5.0, 7.0], (5, 0.3)),
    "poisson": ([-1.0, 0.0, 3.0, 2.5], (2.5,)),
    "bernoulli": ([-1.0, 0.0, 1.0, 2.0], (0.3,)),
    "geom": ([0.0, 1.0, 4.0], (0.3,)),
    "nbinom": ([-1.0, 0.0, 4.0], (2.5, 0.3)),
}
OF_PARAMETERS = ("mean", "var", "std", "entropy")
EVERY = [
    name.removeprefix("scipy.stats.").split(".")
    for name in LOWERINGS
    if name.startswith("scipy.stats.") and name.split(".")[2] in POINTS and name.count(".") == 3
]
METHODS = [own for own in EVERY if own[1] not in OF_PARAMETERS]
MOMENTS = [own for own in EVERY if own[1] in OF_PARAMETERS]
DISCRETE = "binom poisson bernoulli geom nbinom".split()
PROBABILITIES = [-0.1, 0.0, 0.2, 0.7, 1.0, 1.1]


def of(name, method):
    """SciPy's method, looked up at each call."""

    def function(x, *args):
        return getattr(getattr(stats, name), method)(x, *args)

    return function


def points(name, method):
    inside, shapes = POINTS[name]
    return (PROBABILITIES if method in ("ppf", "isf") else inside), shapes


@pytest.mark.spread(2)
@pytest.mark.parametrize(("name", "method"), METHODS)
def test_values_are_scipys(name, method):
    xs, shapes = points(name, method)
    args = (*shapes, 0.5) if name in DISCRETE else (*shapes, 0.5, 1.5)
    given = np.array(xs)
    if method not in ("ppf", "isf"):
        given = given + 0.5 if name in DISCRETE else 0.5 + 1.5 * given
    function = of(name, method)
    found = sd.function(function_of_arguments(function, len(args)), shapes={"x": len(xs)})
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found(given, *args), function(given, *args), rtol=2e-12)


def function_of_arguments(function, count):
    """The function with parameters of its own for shapes, location and scale."""
    names = ", ".join(f"a{k}" for k in range(count))
    space = {"function": function}
    exec(
        f"def called(x{', ' * bool(count)}{names}): return function(x{', ' * bool(count)}{names})",
        space,
    )
    return space["called"]


def gradient_by_what_it_can(function, wrt, point):
    """The gradient by the arguments that are not refused for want of a closed form."""
    gradient = sd.grad(function, wrt=wrt)
    try:
        gradient(*point)
    except UnsupportedError as error:
        refused = str(error)
    else:
        return wrt, gradient
    assert "has no closed form" in refused
    # the number, location and scale; of counts the last shape, a probability or a rate
    last = len(point) - 2
    wrt = (0, last, last + 1) if 0 in wrt else (last,)
    return wrt, sd.grad(function, wrt=wrt)


@pytest.mark.spread(2)
@pytest.mark.parametrize(("name", "method"), METHODS)
def test_derivatives_are_differences(name, method):
    xs, shapes = points(name, method)
    xs = [x for x in xs if method not in ("ppf", "isf") or 0.0 < x < 1.0]
    is_discrete = name in DISCRETE
    args = (*shapes, 0.0) if is_discrete else (*shapes, 0.5, 1.5)
    function = of(name, method)
    called = function_of_arguments(function, len(args))
    wrt = tuple(range(1, len(args)) if is_discrete else range(len(args) + 1))
    if not wrt:
        pytest.skip("a probability of whole numbers without parameters")
    wrt, gradient = gradient_by_what_it_can(called, wrt, [xs[0], *args])
    compared = 0
    for x in xs:
        given = [x if method in ("ppf", "isf") or is_discrete else 0.5 + 1.5 * x, *args]
        with np.errstate(all="ignore"):
            value = function(*given)
            found = gradient(*given)
        if not np.isfinite(value):
            continue
        for place, slope in zip(wrt, found, strict=True):

            def along(z, place=place, given=given):
                moved = [*given[:place], z, *given[place + 1 :]]
                with np.errstate(all="ignore"):
                    return float(function(*moved))

            expected = central(along, given[place], step=0.02)
            if expected.error < 1e-6 * (1.0 + abs(expected.value)):
                assert slope == pytest.approx(expected.value, rel=1e-6, abs=1e-7)
                compared += 1
    assert compared > 0


def test_parameters_that_are_none_give_nan():
    assert np.isnan(sd.function(lambda s: stats.norm.pdf(1.0, 0.0, s))(-1.0))
    assert np.isnan(sd.function(lambda a: stats.gamma.logpdf(1.0, a))(-1.0))


def test_a_far_tail_keeps_its_digits():
    with mp.workdps(50):
        expected = float(mp.npdf(-40) / mp.ncdf(-40))
    assert sd.grad(lambda x: stats.norm.logcdf(x))(-40.0) == pytest.approx(expected, rel=1e-13)
    assert sd.function(lambda x: stats.norm.logsf(x))(40.0) == stats.norm.logsf(40.0)


def test_frozen_distributions():
    outside = stats.norm(1.0, 2.0)

    def loss(x, mu):
        return outside.logpdf(x) + stats.norm(loc=mu, scale=2.0).cdf(x) + stats.gamma(2.0).pdf(mu)

    gradient = sd.grad(loss, wrt=("x", "mu"))(0.3, 0.8)

    def differences(place):
        def along(z):
            given = [0.3, 0.8]
            given[place] = z
            return float(loss(*given))

        return central(along, (0.3, 0.8)[place], step=0.02).value

    np.testing.assert_allclose(gradient, [differences(0), differences(1)], rtol=1e-9)


def test_a_likelihood_of_data():
    data = np.array([0.3, 1.2, 2.5, 0.7])

    def loss(theta):
        return -np.sum(stats.gamma.logpdf(data, np.exp(theta[0]), scale=np.exp(theta[1])))

    theta = np.array([0.2, -0.1])
    found = sd.grad(loss)(theta)
    for place in range(2):

        def along(z, place=place):
            moved = theta.copy()
            moved[place] = z
            return float(loss(moved))

        assert found[place] == pytest.approx(
            central(along, theta[place], step=0.02).value, rel=1e-9
        )


@pytest.mark.parametrize(
    "density",
    [
        lambda x, mean, cov: stats.multivariate_normal.logpdf(x, mean, cov),
        lambda x, mean, cov: stats.multivariate_t.logpdf(x, mean, cov, 2.5),
    ],
    ids=["normal", "t"],
)
@pytest.mark.parametrize("shape", [(3,), (4, 3)])
def test_densities_of_vectors(shape, density):
    draw = np.random.default_rng(0)
    x, mean = draw.normal(size=shape), draw.normal(size=3)
    root = draw.normal(size=(3, 3))
    cov = root @ root.T + np.eye(3)

    def loss(x, mean, cov):
        return np.sum(density(x, mean, cov) ** 2)

    value, gradient = sd.value_and_grad(loss, wrt=("x", "mean", "cov"))(x, mean, cov)
    assert value == pytest.approx(loss(x, mean, cov), rel=1e-12)
    for number, (given, found) in enumerate(zip((x, mean, cov), gradient, strict=True)):
        for entry in np.ndindex(given.shape):

            def along(z, number=number, entry=entry):
                moved = [x.copy(), mean.copy(), cov.copy()]
                moved[number][entry] = z
                if number == 2:  # SciPy reads the lower triangle, and refuses what is not symmetric
                    low = np.tril(moved[2])
                    moved[2] = low + np.tril(low, -1).T
                return float(loss(*moved))

            expected = central(along, float(given[entry]), step=0.02).value
            if number < 2 or entry[0] >= entry[1]:
                assert found[entry] == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_the_freedom_of_a_t_distribution_of_vectors():
    x, shape = np.array([0.3, 1.2]), np.array([[2.0, 0.3], [0.3, 1.0]])

    def density(df):
        return stats.multivariate_t.pdf(x, None, shape, df)

    value, slope = sd.value_and_grad(density)(2.5)
    assert value == pytest.approx(density(2.5), rel=1e-12)
    assert slope == pytest.approx(central(density, 2.5, step=0.02).value, rel=1e-6)


def test_what_is_not_known_is_refused_by_name():
    with pytest.raises(UnsupportedError, match=r"scipy\.stats\.ksone\.cdf is not supported"):
        sd.grad(lambda x: stats.ksone.cdf(x, 10))(0.5)
    with pytest.raises(UnsupportedError, match="they are x, a, loc, scale"):
        sd.grad(lambda x: stats.gamma.pdf(x, 2.0, rate=x))(1.0)
    with pytest.raises(UnsupportedError, match="the argument a is missing"):
        sd.grad(lambda x: stats.gamma.pdf(x))(1.0)


def test_outside_of_a_trace_nothing_is_changed():
    before = stats.norm.pdf.__func__
    sd.grad(lambda x: stats.norm.pdf(x))(1.0)
    assert stats.norm.pdf.__func__ is before
    assert stats.norm.ppf(0.5) == 0.0


SAMPLE = np.array([[0.3, 1.2, 2.5], [0.9, 3.1, 0.7], [1.1, 0.4, 1.9], [2.2, 0.8, 0.6]])
STATISTICS = {
    "zscore": lambda x: np.sum(stats.zscore(x) ** 3) + np.sum(stats.zscore(x, axis=1, ddof=1) ** 3),
    "gmean": lambda x: np.sum(stats.gmean(x)) + stats.gmean(x, axis=None),
    "gmean_of_weights": lambda x: stats.gmean(x[:, 0], weights=np.arange(1.0, 5.0)),
    "hmean": lambda x: np.sum(stats.hmean(x)) + np.sum(stats.hmean(x, axis=1)),
    "skew": lambda x: np.sum(stats.skew(x)) + stats.skew(x, axis=None),
    "skew without bias": lambda x: np.sum(stats.skew(x, bias=False, axis=None)),
    "kurtosis without bias": lambda x: stats.kurtosis(x, None, fisher=False, bias=False),
    "kurtosis": lambda x: np.sum(stats.kurtosis(x)) + stats.kurtosis(x, axis=None, fisher=False),
    "pearsonr": lambda x: stats.pearsonr(x[:, 0], x[:, 1]).statistic,
    "pearsonr[0]": lambda x: stats.pearsonr(x[:, 0], x[:, 1])[0],
    "pearsonr.pvalue": lambda x: stats.pearsonr(x[:, 0], x[:, 1]).pvalue,
    "dirichlet": lambda x: stats.dirichlet.logpdf(x[:, 0] / np.sum(x[:, 0]), x[:, 1]),
    "multinomial": lambda x: stats.multinomial.logpmf([2, 1, 0, 3], 6, x[:, 0] / np.sum(x[:, 0])),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_statistics_of_samples(name):
    function = STATISTICS[name]
    value, gradient = sd.value_and_grad(function)(SAMPLE)
    assert value == pytest.approx(float(function(SAMPLE)), rel=1e-12)
    for place in ((0, 0), (2, 1)):
        expected = slope_at(function, SAMPLE, place)
        assert gradient[place] == pytest.approx(expected.value, rel=1e-6, abs=1e-7)


def test_a_truncated_normal_far_out_keeps_its_digits():
    def function(x):
        return stats.truncnorm.logpdf(x, 30.0, 40.0)

    with mp.workdps(50):
        mass = mp.ncdf(-30) - mp.ncdf(-40)
        expected = float(mp.log(mp.npdf(31) / mass))
    assert sd.function(function)(31.0) == pytest.approx(expected, rel=1e-12)
    assert sd.grad(function)(31.0) == -31.0


def test_what_statistics_refuse():
    with pytest.raises(UnsupportedError, match=r"gammainc.* by a has no closed form"):
        sd.grad(lambda a: stats.gamma.cdf(1.0, a))(2.0)


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("method", ["evaluate", "__call__", "pdf", "logpdf"])
def test_a_kernel_density_of_data(rows, method):
    kde = stats.gaussian_kde(SAMPLE.T[:rows], weights=[1.0, 2.0, 1.0, 0.5])
    points = np.array([[0.4, 1.5, 2.2], [1.0, 0.7, 2.0]])[:rows]
    points = points[0] if rows == 1 else points

    def function(x):
        return np.sum(getattr(kde, method)(x) * np.array([1.0, 2.0, 3.0]))

    value, gradient = sd.value_and_grad(function)(points)
    assert value == pytest.approx(float(function(points)), rel=1e-12)
    for place in np.ndindex(points.shape):
        expected = slope_at(function, points, place)
        assert gradient[place] == pytest.approx(expected.value, rel=1e-7, abs=1e-8)


def test_what_is_known_of_location_and_scale_is_not_asked_in_the_module():
    gradient = sd.grad(lambda x: stats.norm.logpdf(x) + stats.norm.cdf(x, scale=2.0))
    gradient(0.3)
    text = gradient.emit()
    body = text[text.index("def _value(") : text.index("_VALUE_AND_GRAD_ON_ARRAYS")]
    assert "where" not in body
    assert " > " not in body
    assert "- 0.0" not in body


@pytest.mark.parametrize("method", ["ppf", "isf"])
@pytest.mark.parametrize("name", [name for name, own in METHODS if own == "ppf"])
def test_quantiles_inside_have_a_derivative_by_the_scale(name, method):
    """Where an end of the support is infinite, none of them is that end."""
    function, q = of(name, method), np.array([0.2, 0.7])
    shapes = POINTS[name][1]
    gradient = sd.grad(lambda scale: np.sum(function(q, *shapes, 0.5, scale)))(1.5)
    assert gradient == pytest.approx(
        np.sum((function(q, *shapes, 0.5, 1.5) - 0.5) / 1.5), rel=1e-10
    )


# by name and shapes, an end of the support and the slope of the density there, from inside
ENDS = [
    ("beta", (2.0, 3.0), 0.0, 12.0), ("beta", (1.0, 3.0), 0.0, -6.0),
    ("beta", (2.0, 1.0), 1.0, 2.0), ("beta", (3.0, 2.5), 1.0, 0.0), ("beta", (1.0, 1.0), 1.0, 0.0),
    ("beta", (2.0, 1.5), 1.0, -np.inf),
    ("gamma", (1.0,), 0.0, -1.0), ("gamma", (2.0,), 0.0, 1.0), ("gamma", (2.5,), 0.0, 0.0),
    ("gamma", (1.5,), 0.0, np.inf), ("chi2", (2.0,), 0.0, -0.25), ("chi2", (4.0,), 0.0, 0.25),
    ("expon", (), 0.0, -1.0), ("weibull_min", (1.0,), 0.0, -1.0), ("weibull_min", (2.0,), 0.0, 2.0),
    ("weibull_min", (2.5,), 0.0, 0.0), ("rayleigh", (), 0.0, 1.0), ("pareto", (2.5,), 1.0, -8.75),
    ("uniform", (), 0.0, 0.0), ("uniform", (), 1.0, 0.0), ("lognorm", (0.7,), 0.0, 0.0),
    ("f", (4.0, 6.0), 0.0, 16.0 / 3.0), ("f", (5.0, 6.0), 0.0, 0.0), ("halfnorm", (), 0.0, 0.0),
    ("invgamma", (2.5,), 0.0, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shapes", "end", "slope"), ENDS)
def test_a_density_at_an_end_of_its_support(name, shapes, end, slope):
    distribution = getattr(stats, name)
    value, found = sd.value_and_grad(lambda x: distribution.pdf(x, *shapes))(end)
    assert value == pytest.approx(float(distribution.pdf(end, *shapes)), rel=1e-14)
    assert found == pytest.approx(slope, rel=1e-13)
    moved = sd.grad(lambda x: distribution.pdf(x, *shapes, 0.25, 2.0))(0.25 + 2.0 * end)
    assert moved == pytest.approx(slope / 4.0, rel=1e-13)
    by_shapes = sd.grad(lambda s: distribution.pdf(end, *s))(list(shapes)) if shapes else []
    assert not np.isnan(by_shapes).any()


@pytest.mark.parametrize("name", [name for name in POINTS if name not in DISCRETE])
def test_values_at_the_ends_are_scipys(name):
    distribution, (_, shapes) = getattr(stats, name), POINTS[name]
    ends = [x for x in distribution.support(*shapes) if np.isfinite(x)]
    x = np.array(
        [*ends, *[x - 0.5 for x in ends], *[x + 0.5 for x in ends], np.inf, -np.inf, np.nan]
    )
    for method in (own for other, own in METHODS if other == name):
        quantile = method in ("ppf", "isf")
        given = np.array([0.0, 1e-200, 0.5, 1.0, -0.1, 1.1, np.nan]) if quantile else x
        found = sd.function(
            lambda x, own=method: of(name, own)(x, *shapes), shapes={"x": len(given)}
        )
        with np.errstate(all="ignore"):  # SciPy's own are NaN at some infinities
            value, expected = found(given), of(name, method)(given, *shapes)
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-16, err_msg=method)


WIDE = {"pareto": (5.5,), "invgamma": (5.5,), "f": (2.5, 9.5)}  # where all moments are finite


@pytest.mark.parametrize(("name", "method"), MOMENTS)
def test_moments(name, method):
    shapes = WIDE.get(name, POINTS[name][1])
    parameters = (*shapes, 0.5) if name in DISCRETE else (*shapes, 0.5, 1.5)

    def moment(*given):
        return getattr(getattr(stats, name), method)(*given)

    places = [k for k, value in enumerate(parameters) if isinstance(value, float)]
    value, slopes = sd.value_and_grad(lambda *p: moment(*p), wrt=tuple(places))(*parameters)
    assert value == pytest.approx(float(moment(*parameters)), rel=1e-11, nan_ok=True)
    if np.isnan(value):  # Cauchy's
        return
    for k, slope in zip(places, slopes, strict=True):

        def along(x, k=k):
            return float(moment(*parameters[:k], x, *parameters[k + 1 :]))

        expected = central(along, parameters[k], step=0.01)
        assert slope == pytest.approx(expected.value, rel=1e-6, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", ["t", "pareto", "invgamma", "f", "norm"])
def test_moments_that_are_none_are_scipys(name):
    for shape in (-0.5, 0.5, 1.0, 1.5, 2.0, 2.5, 4.0, 5.0):
        given = (3.0, shape) if name == "f" else () if name == "norm" else (shape,)
        for method in ("mean", "var", "std"):
            own = getattr(getattr(stats, name), method)
            scale = shape if name == "norm" else 2.0
            found = sd.function(lambda s, own=own, given=given: own(*given, 0.3, s))(scale)
            assert found == pytest.approx(float(own(*given, 0.3, scale)), rel=1e-14, nan_ok=True)


def test_moments_of_frozen_distributions():
    def moments(k):
        frozen = stats.gamma(k, scale=2.0 * k)
        return np.array([frozen.mean(), frozen.std(), frozen.entropy(), stats.norm(k, 2.0).mean()])

    found = sd.jacobian(moments)(1.3)
    expected = (moments(1.3 + 1e-5) - moments(1.3 - 1e-5)) / 2e-5
    np.testing.assert_allclose(found, expected, rtol=1e-8)


COVARIANCES = {
    "a number": lambda k: stats.multivariate_normal.logpdf([0.2, 0.3], [k, 0.1], k),
    "a vector": lambda k: stats.multivariate_normal.pdf([0.2, 0.3], [k, 0.1], [k, 2.0]),
    "of a number": lambda k: stats.multivariate_normal.logpdf(k, 0.3, 2.0 * k),
    "of places": lambda k: stats.multivariate_normal.logpdf(np.arange(3.0) * k, 0.3, k).sum(),
    "none": lambda k: stats.multivariate_normal.logpdf(np.arange(3.0) * k).sum(),
    "of rows": lambda k: stats.multivariate_normal.logpdf(np.ones((4, 2)) * k, [0.0, 1.0], k)[1],
    "of one row": lambda k: stats.multivariate_normal.logpdf(np.ones(3) * k, [0.1], [[k]]).sum(),
    "frozen": lambda k: stats.multivariate_normal([0.2, k], k).logpdf([0.5, 0.6]),
    "frozen, of a matrix": lambda k: stats.multivariate_normal(
        mean=np.array([0.2, k]), cov=np.eye(2) * k
    ).pdf([0.5, 0.6]),
    "t, frozen": lambda k: stats.multivariate_t([0.2, k], np.eye(2) * k, df=3).logpdf([0.5, 0.6]),
    "multinomial, frozen": lambda k: stats.multinomial(
        3, np.array([0.2 * k, 0.3 * k, 1.0 - 0.5 * k])
    ).logpmf([1, 1, 1]),
    "truncnorm.ppf": lambda k: stats.truncnorm.ppf(0.3 * k, 8.0, 12.0),
    "truncnorm.isf": lambda k: stats.truncnorm.isf(0.3, -1.0, k, k, 2.0 * k),
    "truncnorm.median": lambda k: stats.truncnorm.median(-1.0, k, 0.0, k),
    "the end of truncnorm": lambda k: stats.truncnorm.ppf(0, -1, k) + stats.truncnorm.ppf(1, -1, k),
}


@pytest.mark.parametrize("name", COVARIANCES)
def test_covariances_and_truncated_quantiles(name):
    function = COVARIANCES[name]
    value, slope = sd.value_and_grad(function)(1.3)
    assert value == pytest.approx(float(function(1.3)), rel=1e-12)
    expected = central(lambda k: float(function(k)), 1.3, step=0.05)
    assert slope == pytest.approx(expected.value, rel=1e-7)


PLACES = np.array([0.2, 0.5])
KERNELS = {
    "at places": lambda x: stats.gaussian_kde(x)(PLACES),
    "at places of its own": lambda x: stats.gaussian_kde(x, bw_method=0.4).logpdf(x[:2]),
    "of pairs": lambda x: stats.gaussian_kde(np.stack([x, x**2]))(np.array([[0.2], [0.1]])),
    "by weights": lambda x: stats.gaussian_kde(SAMPLE[0], weights=x[:3] ** 2)(PLACES),
    "of what is known": lambda x: stats.gaussian_kde(SAMPLE[0] * 2.0)(PLACES * 2.0) * x[0],
    "by Silverman": lambda x: stats.gaussian_kde(x, "silverman").pdf(PLACES),
}


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_density_of_computed_data(name):
    data = np.array([0.23, -0.41, 1.13, 0.57, -0.97])

    def function(x):
        return np.sum(KERNELS[name](x) * np.array([1.0, 2.0])[: len(KERNELS[name](data))])

    value, gradient = sd.value_and_grad(function)(data)
    assert value == pytest.approx(float(function(data)), rel=1e-12)
    for place in range(5):
        expected = slope_at(function, data, (place,))
        assert gradient[place] == pytest.approx(expected.value, rel=1e-6, abs=1e-8)


REFUSED = {
    "levy_stable.logpdf": lambda k: stats.levy_stable.logpdf(k, 1.5, 0.2),
    "nct.logpdf": lambda k: stats.nct.logpdf(k, 3.0, 1.0),
    "landau.pdf": lambda k: stats.landau.pdf(k),
    "triang.pdf": lambda k: stats.triang.pdf(0.4, 0.5 * k),
    "skellam.logpmf": lambda k: stats.skellam.logpmf(2, k, 1.0),
    "zipf.pmf": lambda k: stats.zipf.pmf(2, k + 1.0),
    "betabinom.pmf": lambda k: stats.betabinom.pmf(2, 5, k, 2.0),
    "poisson.ppf": lambda k: stats.poisson.ppf(0.4, k),
    "ncx2.cdf": lambda k: stats.ncx2.cdf(k, 3.0, 4.0),
    "kstwobign.cdf": lambda k: stats.kstwobign.cdf(k),
    "studentized_range.cdf": lambda k: stats.studentized_range.cdf(k, 3, 4),
    "vonmises.cdf": lambda k: stats.vonmises.cdf(k, 2.0),
    "multivariate_normal.cdf": lambda k: stats.multivariate_normal.cdf([0, k], [0, 0], np.eye(2)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_what_there_is(name):
    with pytest.raises(UnsupportedError) as caught:
        sd.grad(REFUSED[name])(1.3)
    assert caught.value.message.startswith(f"scipy.stats.{name} is not supported")
    method = name.rpartition(".")[2]
    known = "norm have formulas" if "levy" in name else f"{method} is known of b"
    assert known in str(caught.value.suggestion)


def test_an_unknown_distribution_is_pythons_error():
    with pytest.raises(AttributeError, match="nosuch"):
        sd.grad(lambda k: stats.nosuch.pdf(k))(1.3)

"""Reductions and what runs along an axis: values against NumPy, gradients against differences."""

import numpy as np
import pytest

from symdiff.errors import ShapeError, UnsupportedError
from tests.frontend.lowering.evaluate import (
    assert_smooth,
    assert_value,
    value_and_gradient,
)
from tests.frontend.lowering.peers import assert_as_torch, uniform

NAN = np.nan


def called(name, *more, **keywords):
    def expression(library, *args):
        return getattr(library, name)(*args, *more, **keywords)

    return expression


SMOOTH = (
    "sum prod mean max min amax amin ptp var std nansum nanprod nanmean nanmax nanmin nanvar nanstd"
    " median"
).split()
COUNTS = "all any count_nonzero".split()
POSITIONS = "argmax argmin".split()
AXES = ({}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2), "keepdims": True}, {"axis": (-1, 1)})
PEERS = {
    "sum": {}, "prod": {}, "mean": {}, "amax": {}, "amin": {}, "nansum": {}, "nanmean": {},
    "var": {"correction": 0}, "std": {"correction": 0}, "cumsum": {}, "cumprod": {},
}  # fmt: skip


@pytest.mark.parametrize("keywords", AXES, ids=str)
@pytest.mark.parametrize("name", SMOOTH)
def test_reductions(name, keywords):
    (x,) = uniform((3, 2, 4), seed=8)
    assert_smooth(called(name, **keywords), x, step=1e-3)
    if "axis" not in keywords or isinstance(keywords["axis"], int):
        assert_smooth(called(name, **keywords), *uniform((2, 3), seed=9), step=1e-3)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", "sum prod max min ptp nansum nanprod nanmax nanmin".split())
def test_the_first_axis_of_a_number(name, axis):
    """NumPy's universal functions reduce a number along it."""
    assert_smooth(called(name, axis=axis, keepdims=True), np.array(1.7), step=1e-3)
    assert_value(called(name, axis=axis), np.array(-2))
    with pytest.raises(ShapeError, match="there is no axis 1"):
        assert_value(called(name, axis=1), np.array(1.7))


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", COUNTS)
def test_truths_along_the_first_axis_of_a_number(name, axis):
    for x in (1.7, 0.0):
        assert_value(lambda library, a: 1.0 * getattr(library, name)(a, axis=axis), np.array(x))


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", PEERS)
def test_reductions_as_pytorch(name, axis):
    for shape in ((3, 2, 4), (5,)):
        assert_as_torch(
            called(name, axis=axis),
            lambda torch: lambda x: getattr(torch, name)(x, dim=axis, **PEERS[name]),
            *uniform(shape),
        )


@pytest.mark.parametrize("keywords", AXES, ids=str)
@pytest.mark.parametrize("name", [*COUNTS, *[n for n in SMOOTH if n != "ptp"]])
def test_reductions_of_truths_and_whole_numbers(name, keywords):
    rng = np.random.default_rng(3)
    x = rng.integers(-4, 5, (3, 2, 4))
    assert_value(called(name, **keywords), x, rtol=1e-15)
    assert_value(called(name, **keywords), x > 0, rtol=1e-15)
    assert_value(called(name, **keywords), x.astype(float), rtol=1e-15)


@pytest.mark.parametrize("keywords", [{}, {"axis": 0}, {"axis": -1}, {"keepdims": True}], ids=str)
@pytest.mark.parametrize("name", POSITIONS)
def test_positions(name, keywords):
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]])
    assert_value(called(name, **keywords), x)
    assert_value(called(name, **keywords), x > 1)


MASK = np.array([[True, False, True, True], [True] * 4, [False, False, True, False]])


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("name", "sum prod mean var std nansum nanmean nanvar".split())
def test_where(name, axis):
    (x,) = uniform((3, 4))
    assert_smooth(called(name, axis=axis, where=MASK), x, step=1e-3)
    assert_smooth(called(name, axis=axis, where=MASK[1]), x, step=1e-3)
    assert_value(called("any", axis=axis, where=MASK), x > 0)
    assert_value(called("all", axis=axis, where=MASK), x > 0)


@pytest.mark.parametrize("name", "sum prod max min".split())
def test_initial(name):
    (x,) = uniform((3, 4))
    assert_smooth(called(name, axis=1, initial=0.5), x, step=1e-3)
    assert_smooth(called(name, axis=1, initial=0.5, where=MASK), x, step=1e-3)
    assert_value(called(name, initial=2), np.arange(6).reshape(2, 3))


OTHERS = {
    "no axes": (lambda np, x: np.sum(x, axis=()), [(2, 3)]),
    "a mean of no axes": (lambda np, x: np.mean(x, axis=()), [(2, 3)]),
    "float sums": (lambda np, x: np.sum(x > 0, dtype=float) * np.sum(x, dtype="float64"), [(4,)]),
    "degrees of freedom": (lambda np, x: np.var(x, axis=0, ddof=1), [(4, 2)]),
    "a correction": (lambda np, x: np.std(x, correction=1, keepdims=True), [(4, 2)]),
    "a known mean": (lambda np, x: np.var(x, 0, mean=np.mean(x, 0, keepdims=True)), [(4, 2)]),
    "nanvar with ddof": (lambda np, x: np.nanvar(x, 1, ddof=1, keepdims=True), [(2, 4)]),
    "average": (lambda np, x: np.average(x, axis=1, returned=True), [(3, 4)]),
    "weights": (lambda np, x, w: np.average(x, weights=w), [(3, 4), (3, 4)]),
    "weights of an axis": (lambda np, x, w: np.average(x, 1, w, keepdims=True), [(3, 4), (4,)]),
    "weights of two": (lambda np, x, w: np.average(x, (0, 2), w, returned=True),
                       [(3, 2, 4), (3, 4)]),
    "cumsum": (lambda np, x: np.cumsum(x, axis=1), [(2, 4)]),
    "cumsum of all": (lambda np, x: np.cumsum(x), [(2, 3)]),
    "cumprod": (lambda np, x: np.cumprod(x, axis=0), [(5, 2)]),
    "cummax": (lambda np, x: np.maximum.accumulate(x, 1), [(3, 4)]),
    "cummin": (lambda np, x: np.minimum.accumulate(x), [(4, 2)]),
    "cumprod of all": (lambda np, x: np.cumprod(x), [(2, 3)]),
    "nancumsum": (lambda np, x: np.nancumsum(x, axis=-1), [(2, 3)]),
    "nancumprod": (lambda np, x: np.nancumprod(x, axis=0), [(3,)]),
    "cumulative_sum": (lambda np, x: np.cumulative_sum(x), [(4,)]),
    "cumulative_sum from 0": (lambda np, x: np.cumulative_sum(x, axis=0, include_initial=True),
                              [(3, 2)]),
    "cumulative_prod from 1": (lambda np, x: np.cumulative_prod(x, axis=1, include_initial=True),
                               [(2, 3)]),
    "diff": (lambda np, x: np.diff(x), [(5,)]),
    "diff twice": (lambda np, x: np.diff(x, n=2, axis=0), [(4, 3)]),
    "diff between": (lambda np, x: np.diff(x, prepend=0.5, append=[[1.0, 2.0], [3.0, 4.0]]),
                     [(2, 3)]),
    "no diff": (lambda np, x: np.diff(x, n=0) * x, [(3,)]),
    "ediff1d": (lambda np, x: np.ediff1d(x), [(2, 3)]),
    "ediff1d between": (lambda np, x: np.ediff1d(x, to_end=[1.0, 2.0], to_begin=-9.0), [(4,)]),
    "trapezoid": (lambda np, x: np.trapezoid(x, dx=0.3, axis=0), [(4, 2)]),
    "trapezoid over points": (lambda np, y, x: np.trapezoid(y, x), [(3, 4), (4,)]),
    "trapezoid over rows": (lambda np, y, x: np.trapezoid(y, x, axis=0), [(3, 2), (3,)]),
    "trapezoid over a grid": (lambda np, y, x: np.trapezoid(y, x, axis=0), [(3, 2), (3, 2)]),
    "sort": (lambda np, x: np.sort(x), [(3, 4)]),
    "sort along another": (lambda np, x: np.sort(x, axis=0, kind="stable"), [(4, 2)]),
    "sort of all": (lambda np, x: np.sort(x, axis=None), [(2, 3)]),
    "percentile": (lambda np, x: np.percentile(x, 37, axis=1), [(3, 5)]),
    "percentiles": (lambda np, x: np.percentile(x, [25, 50, 75]), [(6,)]),
    "the norm's gradient": (lambda np, x: np.sqrt(np.sum(x**2.0, axis=0)), [(3, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_keywords_and_neighbours(name):
    expression, shapes = OTHERS[name]
    low = 0.2 if "weights" in name else -1.5
    assert_smooth(expression, *uniform(*shapes, low=low, seed=12), rtol=1e-14, step=1e-3)


POINTS = np.array([0.0, 0.5, 1.2, 2.9])
GRADIENTS = {
    "alone": lambda np, x, h, s: np.gradient(x, axis=0),
    "all axes": lambda np, x, h, s: np.gradient(x),
    "axes in another order": lambda np, x, h, s: np.gradient(x, axis=(1, 0)),
    "one spacing": lambda np, x, h, s: np.gradient(x, s),
    "two spacings": lambda np, x, h, s: np.gradient(x, s, 2.0),
    "points": lambda np, x, h, s: np.gradient(x, h, axis=0),
    "points and a spacing": lambda np, x, h, s: np.gradient(x, h, s),
}


@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(name, edge_order):
    def expression(library, x, h, s):
        gradient = library.gradient

        class Library:
            @staticmethod
            def gradient(*args, **keywords):
                return gradient(*args, edge_order=edge_order, **keywords)

        return GRADIENTS[name](Library, x, h, s)

    for shape in ((4, 5), (4, 3)):
        x = uniform(shape, seed=4)[0]
        assert_smooth(expression, x, POINTS, np.array(0.7), rtol=1e-14, step=1e-3)


METHODS = (
    "linear lower higher nearest midpoint weibull hazen interpolated_inverted_cdf median_unbiased"
    " normal_unbiased"
).split()


@pytest.mark.spread(2)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
@pytest.mark.parametrize("method", METHODS)
def test_quantile(method, axis, keepdims):
    (x,) = uniform((4, 5), seed=1)
    for q in (0.3, [0, 0.25, 0.9, 1.0], [[0.1, 0.5]]):
        expression = called("quantile", q, axis=axis, method=method, keepdims=keepdims)
        assert_value(expression, x, rtol=1e-15)
        assert_smooth(expression, x, step=1e-5, gradient_rtol=1e-6)
    assert_value(called("quantile", 0.3, method=method), np.arange(7))


HOLES = uniform((3, 4))[0]
HOLES[0, 1] = HOLES[2, 2] = HOLES[2, 0] = NAN
HOLES[1] = NAN


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize(
    "name",
    "nansum nanprod nanmean nanmax nanmin nanvar nanstd nancumsum nancumprod median sum max"
    " std".split(),
)
def test_values_that_are_not_numbers(name, axis):
    assert_value(called(name, axis=axis), HOLES, rtol=1e-15)
    assert_value(called("quantile", 0.4, axis=axis), HOLES, rtol=1e-15)


@pytest.mark.parametrize("name", "sum prod mean max min var std cumsum cumprod".split())
def test_no_gradient_where_there_is_no_number(name):
    x, hole = np.array([1.0, NAN, 2.5, -0.5]), 1
    full = np.delete(x, hole)
    weights = np.array([2.0, 0.0, -1.0, 3.0]) if "cum" in name else np.array(1.0)
    kept = np.delete(weights, hole) if "cum" in name else weights
    _, (found,) = value_and_gradient(called(f"nan{name}"), x, weights=[weights])
    _, (wanted,) = value_and_gradient(called(name), full, weights=[kept])
    assert found[hole] == 0.0
    np.testing.assert_allclose(np.delete(found, hole), wanted, rtol=1e-15)


def test_ties_share_equally_and_a_constant_has_no_spread():
    _, (found,) = value_and_gradient(called("max"), np.array([2.0, 1.0, 2.0]), weights=[1.0])
    np.testing.assert_array_equal(found, [0.5, 0.0, 0.5])
    _, (found,) = value_and_gradient(
        called("std", axis=0), np.array([[2.0, 1.0], [2.0, 3.0]]), weights=[np.ones(2)]
    )
    np.testing.assert_allclose(found, [[0.0, -0.5], [0.0, 0.5]])
    for expression in (
        lambda np, x: np.sqrt(np.sum(x * x)),
        lambda np, x: np.sqrt(np.mean(x**2.0)),
        lambda np, x: np.sqrt(np.dot(x, x)),
    ):
        _, (found,) = value_and_gradient(expression, np.zeros(3), weights=[1.0])
        np.testing.assert_array_equal(found, np.zeros(3))


def test_a_product_with_zeros():
    for zeros in ([1], [0, 2]):
        x = np.array([1.5, -2.0, 3.0, 0.5])
        x[zeros] = 0.0
        assert_smooth(called("prod"), x)
        assert_smooth(called("cumprod"), x)


def test_constants_of_the_derivative():
    (x,) = uniform((3, 4))
    for name in ("argsort", "sort"):
        for axis in (0, -1, None):
            assert_value(called(name, axis=axis), x)
    for side in ("left", "right"):
        ordered = np.sort(x[0])
        found = np.append(x[1], ordered[2])
        assert_value(called("searchsorted", side=side), ordered, found)
    assert_value(lambda np, x: np.digitize(x, [-1.0, 0.0, 1.0]), x)
    assert_value(lambda np, x: np.allclose(x, x + 1e-12), x)
    assert_value(lambda np, x: np.array_equal(x, x), x)


@pytest.mark.parametrize("kth", [2, [1, 3]])
def test_a_partition_is_sorted(kth):
    (x,) = uniform((3, 5))
    place = (slice(None), kth)
    assert_smooth(lambda np, x: np.read(np.partition(x, kth), place), x, step=1e-3)


NAMED = {
    "mean": lambda np, x: np.mean(x),
    "mean of an axis": lambda np, x: np.mean(x, axis=0, keepdims=True),
    "var": lambda np, x: np.var(x, axis=0, ddof=1),
    "std": lambda np, x: np.std(x, ddof=1),
    "std, half a degree of freedom": lambda np, x: np.std(x, axis=0, ddof=0.5, keepdims=True),
    "nanmean": lambda np, x: np.nanmean(x, axis=0),
    "average": lambda np, x: np.average(x, 0, returned=True),
    "max": lambda np, x: np.max(x, axis=0),
    "cumsum": lambda np, x: np.cumsum(x, axis=0),
    "diff": lambda np, x: np.diff(x, axis=0),
    "gradient": lambda np, x: np.gradient(x, axis=0),
    "trapezoid": lambda np, x: np.trapezoid(x, axis=0),
    "sort": lambda np, x: np.sort(x, axis=0),
    "median of the other axis": lambda np, x: np.median(x, axis=1),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_lengths(name):
    shapes = [("N", 3)]
    for count in (4, 5):
        assert_smooth(NAMED[name], *uniform((count, 3), seed=count), shapes=shapes, step=1e-3)


def test_named_lengths_that_matter_are_refused():
    for expression in (called("median"), called("quantile", 0.5, axis=0)):
        with pytest.raises(UnsupportedError, match="length that is a number"):
            assert_value(expression, np.ones((4, 3)), shapes=[("N", 3)])


REFUSED = "nanargmax nanargmin lexsort unique".split()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    with pytest.raises(UnsupportedError, match=f"{name} is not supported"):
        assert_value(called(name), np.ones(3))


REFUSALS = {
    "where= without initial=": (lambda np, x: np.max(x, where=x > 0), "needs initial="),
    "shares that are computed": (lambda np, x: np.quantile(x, np.sum(x)), "that are computed"),
    "shares beyond 1": (lambda np, x: np.quantile(x, 1.5), "between 0 and 1"),
    "another method": (lambda np, x: np.quantile(x, 0.5, method="inverted_cdf"), "inverted_cdf"),
    "weights of quantiles": (lambda np, x: np.quantile(x, 0.5, weights=x), "with weights"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(name):
    expression, message = REFUSALS[name]
    with pytest.raises(UnsupportedError, match=message):
        assert_value(expression, np.ones(3))


def test_wrong_shapes_are_named():
    with pytest.raises(ShapeError, match="there is no axis 2"):
        assert_value(called("sum", axis=2), np.ones(3))
    with pytest.raises(ShapeError, match="no largest or smallest"):
        assert_value(called("max"), np.ones(0))
    with pytest.raises(ShapeError, match="stands twice"):
        assert_value(called("sum", axis=(0, -1)), np.ones(3))
    with pytest.raises(ShapeError, match="weights"):
        assert_value(lambda np, x: np.average(x, 0, np.ones(2)), np.ones(3))

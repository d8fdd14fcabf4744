"""Elementwise functions: values against NumPy, gradients against differences and PyTorch."""

import numpy as np
import pytest

from symdiff.errors import UnsupportedError
from tests.frontend.lowering.evaluate import (
    assert_smooth,
    assert_value,
    value_and_gradient,
)
from tests.frontend.lowering.peers import assert_as_torch, special, uniform

INF, NAN = np.inf, np.nan
SHAPES = ((3,), (2, 3))
PAIRS = (((2, 3), (3,)), ((2, 1), (1, 3)), ((), (4,)))

# the function, the interval, and PyTorch's name where it is another one ("" where it has none)
ONE = [
    *[(name, -1.4, 1.4, None) for name in
      "negative absolute abs exp exp2 expm1 sin cos tan sinh cosh tanh arcsinh asinh arctan atan"
      " deg2rad rad2deg square sinc".split()],
    ("positive", -1.0, 1.0, None), ("fabs", -1.0, 1.0, "abs"), ("cbrt", 0.3, 1.5, ""),
    ("radians", -9.0, 9.0, "deg2rad"), ("degrees", -1.0, 1.0, "rad2deg"),
    ("reciprocal", 0.5, 2.0, None), ("nan_to_num", -2.0, 2.0, None),
    *[(name, 0.3, 3.0, None) for name in "log log2 log10 log1p sqrt".split()],
    *[(name, -0.8, 0.8, None) for name in
      "arcsin asin arccos acos arctanh atanh".split()],
    ("arccosh", 1.3, 3.0, None), ("acosh", 1.3, 3.0, None),
    ("real", -1.0, 1.0, ""), ("conj", -1.0, 1.0, ""), ("conjugate", -1.0, 1.0, ""),
    ("real_if_close", -1.0, 1.0, ""),
]  # fmt: skip
STEPS = "sign rint floor ceil trunc fix round around".split()
TWO = [
    *[(name, 0.5, 2.0, None) for name in
      "add subtract multiply divide true_divide pow float_power arctan2 atan2 hypot logaddexp"
      " logaddexp2 copysign maximum minimum fmax fmin".split()],
    ("power", 0.5, 2.0, "pow"), ("remainder", 0.7, 2.0, None),
    ("mod", 0.7, 2.0, "remainder"), ("fmod", 0.7, 2.0, None),
    ("heaviside", 0.5, 2.0, ""),
]  # fmt: skip
TRUTHS = (
    "less less_equal greater greater_equal equal not_equal logical_and logical_or logical_xor"
    " isclose"
).split()
QUESTIONS = "isnan isfinite isinf isposinf isneginf signbit logical_not isreal iscomplex".split()


def called(name, **keywords):
    def expression(library, *args):
        return getattr(library, name)(*args, **keywords)

    return expression


def of_special(name, **keywords):
    def expression(library, *args):
        return getattr(special(library), name)(*args, **keywords)

    return expression


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "low", "high", "peer"), ONE, ids=[row[0] for row in ONE])
def test_functions_of_one(name, low, high, peer, shape):
    args = uniform(shape, low=low, high=high, seed=len(name))
    assert_smooth(called(name), *args, step=1e-3)
    if peer != "":
        assert_as_torch(called(name), lambda torch: getattr(torch, peer or name), *args)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", STEPS)
def test_steps(name, shape):
    assert_smooth(called(name), *uniform(shape, seed=3), step=1e-4)


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize(("name", "low", "high", "peer"), TWO, ids=[row[0] for row in TWO])
def test_functions_of_two(name, low, high, peer, shapes):
    args = uniform(*shapes, low=low, high=high, seed=len(name))
    assert_smooth(called(name), *args, step=1e-3)
    if peer != "":
        assert_as_torch(called(name), lambda torch: getattr(torch, peer or name), *args)


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("name", ["divmod", "floor_divide"])
def test_quotients(name, shapes):
    assert_smooth(called(name), *uniform(*shapes, low=0.7, high=2.0, seed=2), step=1e-3)


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("name", TRUTHS)
def test_truths(name, shapes):
    assert_value(called(name), *np.round(uniform(*shapes)[0:1]), np.round(uniform(*shapes)[1]))


EDGES = np.array([NAN, 1.0, INF, -INF, -0.0, 0.0, 2.0, -3.5])


@pytest.mark.parametrize(
    "name", [*QUESTIONS, "nan_to_num", "modf", "absolute", "sign", "trunc", "fabs"]
)
def test_edge_values_of_one(name):
    assert_value(called(name), EDGES)


@pytest.mark.parametrize("name", ["fmax", "fmin", "maximum", "minimum", "isclose", "heaviside"])
def test_edge_values_of_two(name):
    assert_value(called(name), *np.meshgrid(EDGES, EDGES))


WHOLE = np.arange(-3, 4)
MASK = np.array([True, False, True, True])


@pytest.mark.parametrize(
    "name",
    "add subtract multiply divide remainder fmod floor_divide maximum fmax less equal copysign"
    " hypot arctan2 divmod".split(),
)
@pytest.mark.parametrize("other", [np.array(3), np.float64(2.5), np.arange(1, 8)], ids=repr)
def test_whole_numbers_of_two(name, other):
    assert_value(called(name), WHOLE, other, rtol=1e-15)


@pytest.mark.parametrize(
    "name",
    "negative absolute square sign rint floor ceil trunc fix round exp sqrt isnan isfinite isinf"
    " signbit sinc nan_to_num positive real".split(),
)
def test_whole_numbers_of_one(name):
    assert_value(called(name), np.arange(1, 5), rtol=1e-15)


def test_powers_of_whole_numbers():
    assert_value(called("power"), WHOLE, np.array(2))
    assert_value(lambda np, x: np.power(x, 3), WHOLE)
    assert_value(lambda np, x: np.power(x, -1.5), np.arange(1, 4), rtol=1e-15)
    with pytest.raises(UnsupportedError, match="no negative whole powers"):
        assert_value(lambda np, x: np.power(x, -1), np.arange(1, 4))


@pytest.mark.parametrize(
    "name",
    "add multiply divide maximum minimum logical_and bitwise_and bitwise_or bitwise_xor".split(),
)
def test_truths_of_two(name):
    with np.errstate(all="ignore"):
        assert_value(called(name), MASK, np.array([True, True, False, True]))


@pytest.mark.parametrize("mask", [0, 1, 5, 6, 12])
@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_or", "bitwise_xor"])
def test_bits_of_whole_numbers(name, mask):
    assert_value(lambda np, x: getattr(np, name)(x, mask), np.arange(-9, 21))
    assert_value(lambda np, x: getattr(np, name)(mask, x), np.arange(-9, 21))


@pytest.mark.parametrize("name", "add subtract multiply divide maximum".split())
def test_truths_beside_numbers(name):
    assert_value(called(name), MASK, np.arange(1, 5))
    assert_value(called(name), MASK, np.arange(1.0, 5.0))
    assert_value(lambda np, x: getattr(np, name)(x, 2), MASK)
    assert_value(lambda np, x: getattr(np, name)(x, 2.0), MASK)
    assert_value(lambda np, x: getattr(np, name)(x, 1.0), WHOLE)


CHOICES = {
    "where": lambda np, x, y: np.where(x > 0.2, x * y, y),
    "where of a number": lambda np, x, y: np.where(x > 0.2, x, 0),
    "where of whole numbers": lambda np, x, y: np.where(x > 0.2, 1, 0) * y,
    "where of numbers as conditions": lambda np, x, y: np.where(np.floor(x), y, x),
    "clip": lambda np, x, y: np.clip(x, -0.5, 0.7) * y,
    "clip from above": lambda np, x, y: np.clip(x, None, 0.7) * y,
    "clip by name": lambda np, x, y: np.clip(x, min=-0.3) * y,
    "clip by arrays": lambda np, x, y: np.clip(x, y - 2.0, y - 1.0),
    "round to decimals": lambda np, x, y: np.round(x, 2) * y,
    "round to tens": lambda np, x, y: np.round(100.0 * x, -1) * y,
    "around by name": lambda np, x, y: np.around(x, decimals=1) * y,
    "ldexp": lambda np, x, y: np.ldexp(x, [1, -2, 3]) * y,
    "modf": lambda np, x, y: np.modf(x * y),
    "imag": lambda np, x, y: np.imag(x) + y,
    "as another type": lambda np, x, y: np.add(x, y, dtype=float),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choices_and_keywords(name):
    assert_smooth(CHOICES[name], *uniform((2, 3), (2, 3), seed=6), step=1e-4)


def test_a_known_condition_alone_gives_places():
    assert_value(lambda np, x: x + len(np.where(np.array([1, 0, 2]))[0]), np.ones(3))


# --- SciPy's ----------------------------------------------------------------------------------

SPECIAL = [
    *[(name, 0.4, 1.5, "") for name in
      "j0 j1 y0 y1 i0 i1 k0 k1 exp10 log_expit softplus cbrt".split()],
    *[(name, 0.4, 1.5, name) for name in
      "erf erfc ndtr expit digamma psi gammaln entr log1p expm1 exp2".split()],
    ("gamma", 0.4, 1.5, ""), ("loggamma", 0.4, 1.5, ""),
    ("erfinv", -0.7, 0.7, "erfinv"), ("logit", 0.1, 0.9, "logit"), ("airy", -1.0, 1.0, ""),
]  # fmt: skip
SPECIAL_OF_TWO = [
    ("beta", ""), ("betaln", ""), ("xlogy", "xlogy"), ("xlog1py", "xlog1py"), ("rel_entr", ""),
    ("kl_div", ""), ("huber", ""), ("pseudo_huber", ""),
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "low", "high", "peer"), SPECIAL, ids=[row[0] for row in SPECIAL])
def test_special_functions(name, low, high, peer, shape):
    args = uniform(shape, low=low, high=high, seed=len(name))
    assert_smooth(of_special(name), *args, rtol=1e-12, step=1e-2, gradient_rtol=1e-7)
    if peer:
        assert_as_torch(of_special(name), lambda torch: getattr(torch.special, peer), *args)


@pytest.mark.parametrize("shapes", PAIRS[:2], ids=str)
@pytest.mark.parametrize(("name", "peer"), SPECIAL_OF_TWO, ids=[row[0] for row in SPECIAL_OF_TWO])
def test_special_functions_of_two(name, peer, shapes):
    args = uniform(*shapes, low=0.4, high=1.5, seed=len(name))
    assert_smooth(of_special(name), *args, rtol=1e-12, step=1e-3)
    if peer:
        assert_as_torch(of_special(name), lambda torch: getattr(torch.special, peer), *args)


@pytest.mark.parametrize("name", ["jv", "yv", "iv", "kv", "jn", "kn", "polygamma"])
def test_special_functions_of_an_order(name):
    assert_smooth(
        lambda np, x: getattr(special(np), name)(1, x),
        *uniform((2, 3), low=0.5, high=1.5),
        gradient_rtol=1e-7,
    )


ZEROS = [np.array([0.0, 0, 0, 1, 2, -1, NAN, 0]), np.array([0.0, -1, INF, 0, 3, 2, 1, NAN])]


@pytest.mark.parametrize("name", ["xlogy", "xlog1py", "rel_entr", "kl_div"])
def test_logarithms_that_meet_zeros(name):
    assert_value(of_special(name), *ZEROS, rtol=1e-15)


AXES = ({}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)})


@pytest.mark.parametrize("keywords", AXES, ids=str)
@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_exponentials_over_axes(name, keywords):
    assert_smooth(of_special(name, **keywords), *uniform((3, 4)))
    assert_smooth(of_special(name, **keywords), 700.0 + uniform((2, 3))[0], step=0.125)
    axis = keywords.get("axis")
    if isinstance(axis, int):
        assert_as_torch(
            of_special(name, **keywords),
            lambda torch: lambda x: getattr(torch, name)(x, axis),
            *uniform((3, 4)),
        )


@pytest.mark.parametrize("keywords", AXES, ids=str)
def test_logsumexp_with_weights_and_axes_that_stay(keywords):
    x, w = uniform((3, 4), (4,), low=0.3)
    assert_smooth(
        lambda np, x, w: special(np).logsumexp(x, b=w, keepdims=True, **keywords), x, w, step=1e-3
    )


# --- conventions ------------------------------------------------------------------------------

KINKS = [
    ("absolute", (0.0,), (0.0,)),
    ("fabs", (0.0,), (0.0,)),
    ("sign", (0.0,), (0.0,)),
    ("maximum", (1.0, 1.0), (0.5, 0.5)),
    ("minimum", (1.0, 1.0), (0.5, 0.5)),
    ("fmax", (1.0, 1.0), (0.5, 0.5)),
    ("fmax", (NAN, 1.0), (0.0, 1.0)),
    ("fmin", (2.0, NAN), (1.0, 0.0)),
    ("hypot", (0.0, 0.0), (0.0, 0.0)),
    ("floor", (1.0,), (0.0,)),
    ("heaviside", (0.0, 0.5), (0.0, 0.0)),
    ("sqrt", (0.0,), (INF,)),
    ("power", (0.0, 0.0), (0.0, 0.0)),
]


@pytest.mark.parametrize(("name", "point", "gradient"), KINKS, ids=lambda x: str(x))
def test_kinks(name, point, gradient):
    args = [np.array([x]) for x in point]
    _, found = value_and_gradient(called(name), *args, weights=[np.ones(1)])
    assert [float(x[0]) for x in found] == list(gradient)


@pytest.mark.parametrize("degrees", [False, True])
def test_the_angle_of_real_numbers_is_0_or_pi(degrees):
    x = np.array([1.0, -2.0, 0.0, -0.0, NAN])
    assert_value(lambda np, x: np.angle(x, deg=degrees), x)
    _, (found,) = value_and_gradient(
        lambda np, x: np.angle(x, degrees), x[:2], weights=[np.ones(2)]
    )
    np.testing.assert_array_equal(found, 0.0)


def test_the_closed_interval_has_gradient_one():
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    for limits in ((0.0, 1.0), (None, 1.0), (0.0, None)):
        _, (found,) = value_and_gradient(
            lambda np, x, limits=limits: np.clip(x, *limits), x, weights=[np.ones(4)]
        )
        inside = np.array([limits[0] is None, 1.0, 1.0, limits[1] is None], float)
        np.testing.assert_array_equal(found, inside)


REFUSED = "frexp spacing nextafter gcd lcm left_shift right_shift bitwise_count".split()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    with pytest.raises(UnsupportedError, match=f"{name} is not supported"):
        assert_value(called(name), np.ones(3))


REFUSALS = {
    "bits of numbers": (lambda np, x: np.bitwise_and(x, 1), "bitwise_and of numbers"),
    "a difference of truths": (lambda np, x: np.subtract(x > 0, x > 1), "difference of truths"),
    "a negative truth": (lambda np, x: np.negative(x > 0), "negative of truths"),
    "where= of a ufunc": (lambda np, x: np.add(x, 1.0, where=x > 0), "leaves elements undefined"),
    "a small type": (lambda np, x: np.add(x, 1.0, dtype="float16"), "the type float16"),
    "text": (lambda np, x: np.add(x, "a"), "no real numbers"),
    "1/x of whole numbers": (lambda np, x: np.reciprocal(np.floor(x) > 0), "write 1.0/x"),
    "an exponent that is computed": (lambda np, x: np.ldexp(x, np.argmax(x)), "known"),
    "places of a computed mask": (lambda np, x: np.where(x > 0), "depends on values"),
    "another branch": (lambda np, x: special(np).lambertw(x, 1), "branch 1"),
    "an order that is computed": (lambda np, x: special(np).jv(np.sum(x), x), "known number"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(name):
    expression, message = REFUSALS[name]
    with pytest.raises(UnsupportedError, match=message):
        value_and_gradient(expression, np.ones(3), weights=[np.ones(3)])

"""A check of every verb agrees with right derivatives, and finds one wrong entry."""

from dataclasses import replace

import numpy as np
import pytest

import symdiff as sd
from symdiff.verbs import VERBS
from symdiff.verify.check import check_derivative

NUMBERS = sd.function("x**2*y + sin(x*y)")
SEVERAL = sd.function("(x*y**2, sin(x) + y, 3*y)")
ARRAYS = sd.function("sum(tanh(W @ x)) * sum(x**3)", shapes={"W": (2, 3), "x": (3,)})
OF_ARRAYS = sd.function("(tanh(W @ x), x**2)", shapes={"W": ("N", 3), "x": (3,)})
MATRICES = [name for name, verb in VERBS.items() if verb.order and not verb.has_gradient]
PAIRS = [
    (function, name)
    for function in (NUMBERS, SEVERAL, ARRAYS, OF_ARRAYS)
    for name in MATRICES
    if VERBS[name].order == 1 or len(function.outputs) == 1
]


def wrong(result, factor):
    """The result with its last number off."""
    if isinstance(result, tuple):
        return (*result[:-1], wrong(result[-1], factor))
    made = np.array(result, float)
    made[(-1,) * made.ndim] *= factor
    return made if made.ndim else float(made)


def point_of(derivative, seed=0):
    """Random values for the inputs of a call; named lengths are 2."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(size=[n if isinstance(n, int) else 2 for n in shape])
        for name, shape in derivative.shapes.items()
    }


@pytest.mark.parametrize(("function", "name"), PAIRS, ids=lambda p: p if type(p) is str else "")
def test_a_derivative_agrees_and_a_wrong_one_does_not(function, name):
    derivative = getattr(function, name)()
    computed, at = derivative._computed, point_of(derivative)
    assert check_derivative(computed, at).ok
    for factor in (1.0 + 1e-6, np.nan):
        off = replace(computed, call=lambda *v, c=computed.call, k=factor: wrong(c(*v), k))
        assert not check_derivative(off, at).ok, factor


@pytest.mark.parametrize("name", MATRICES)
def test_each_row_is_on_its_own_at_points_that_are_drawn(name):
    derivative = getattr(NUMBERS, name)()
    assert derivative.check().ok
    computed = derivative._computed
    off = replace(computed, call=lambda *v: wrong(computed.call(*v), 1.0 + 1e-9))
    assert not check_derivative(off).ok


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("sum(x[1:]*x[:-1]**2)", {"x": (4,)}),
        ("(a - b)**2 * b + c**3", {}),
    ],
)
def test_a_sparse_hessian(text, shapes):
    hessian = sd.function(text, shapes=shapes or None).hessian(sparse=True)
    computed, at = hessian._computed, point_of(hessian)
    assert check_derivative(computed, at).ok

    def off(*values):
        numbers, places = computed.call(*values)
        return wrong(numbers, 1.001), places

    assert not check_derivative(replace(computed, call=off), at).ok


def test_rows_of_a_second_derivative_stand_behind_those_of_the_gradient():
    report = NUMBERS.hessian().check(at={"x": 1.0, "y": 2.0})
    names = [row.name for row in report.rows if row.method == "50 digits"]
    assert names == ["value", "x", "y", "hessian by x", "hessian by y"]
    assert report.ok


def test_vectors_are_part_of_a_point():
    product = NUMBERS.hvp()
    point = {"x": 1.0, "y": 2.0, "x_dot": 0.5, "y_dot": -1.0}
    assert product.check(at=point).ok
    with pytest.raises(sd.SymdiffError, match="x_dot"):
        product.check(at={"x": 1.0, "y": 2.0})


@pytest.mark.parametrize("name", ["hessian", "laplacian"])
@pytest.mark.parametrize("text", ["hypot(x, y)", "abs(x)*x + y", "relu(x)**2*y", "sqrt(x)*y**2"])
def test_no_second_derivative_is_no_error(text, name):
    """At 0 these have a kink, or no second derivative: NaN there is right, and so is a side."""
    derivative = getattr(sd.function(text), name)()
    assert check_derivative(derivative._computed, {"x": 0.7, "y": 0.3}).ok
    assert all(row.ok for row in derivative.check(at={"x": 0.0, "y": 0.0}).rows)


def test_a_derivative_of_a_derivative():
    for derivative in (NUMBERS.grad().jacobian(), SEVERAL.jacobian().vjp()):
        assert check_derivative(derivative._computed, point_of(derivative)).ok


def test_a_loop():
    def loss(w, x):
        s = w[0]
        for i in range(x.shape[0]):
            s = s * w[1] + np.sin(x[i])
        return s

    traced = sd.function(loss, shapes={"w": 2, "x": "N"})
    for derivative in (traced.hessian("w"), traced.jvp("w")):
        assert derivative.check(at=point_of(derivative)).ok

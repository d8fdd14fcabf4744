"""Softmax and its kin: the shift by a maximum has no derivative, and what comes out is right.

The oracle is the closed form with 50 digits: for the cross-entropy of weights y, the gradient is
sum(y)*softmax(z) - y, and the Hessian sum(y)*(diag(p) - p p^T).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import symdiff as sd
from symdiff.graph.graph import Graph

Function = Callable[..., Any]


def _kept(z, y):
    z = z - np.max(z, axis=1, keepdims=True)
    return -np.sum(y * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))))


def _indexed(z, y):
    shifted = z - z.max(axis=1)[:, None]
    total = np.exp(shifted).sum(axis=1)
    return -np.sum(y * (shifted - np.log(total)[:, None]))


def _softmax(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return -np.sum(y * np.log(e / e.sum(axis=1, keepdims=True)))


def _unshifted_softmax(z, y):
    return -np.sum(y * np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)))


def _unshifted(z, y):
    return -np.sum(y * (z - np.log(np.sum(np.exp(z), axis=1))[:, None]))


def _by_one_maximum(z, y):
    z = z - z.max()
    return -np.sum(y * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))))


def _put_back(z, y):
    m = z.max(axis=1)
    total = m + np.log(np.sum(np.exp(z - m[:, None]), axis=1))
    return np.sum(y.sum(axis=1) * total) - np.sum(y * z)


def _transposed(z, y):
    z = z.T
    e = np.exp(z - z.max(axis=0))
    return -np.sum(y.T * np.log(e / e.sum(axis=0)))


def _of_a_part(z, y):
    shifted = z - np.max(z, axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -sum(np.sum(y[:, k] * log_p[:, k]) for k in range(4))


def _of_scipy(z, y):
    return -np.sum(y * special.log_softmax(z, axis=1))


def _softmax_of_scipy(z, y):
    return -np.sum(y * np.log(special.softmax(z, axis=1)))


SPELLINGS = (
    _kept,
    _indexed,
    _softmax,
    _unshifted_softmax,
    _unshifted,
    _by_one_maximum,
    _put_back,
    _transposed,
    _of_a_part,
    _of_scipy,
    _softmax_of_scipy,
)
every_spelling = pytest.mark.parametrize(
    "function", SPELLINGS, ids=[f.__name__.strip("_") for f in SPELLINGS]
)
SHAPES = {"z": (3, 4), "y": (3, 4)}


def _point(scale: float) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(1)
    return tuple(rng.normal(size=(3, 4)) * s for s in (scale, 1.0, 1.0))


def _exact(z: Any, y: Any, v: Any) -> tuple[Any, Any]:
    """Gradient and product of the Hessian with a vector, row by row."""
    slopes, products = np.empty(z.shape), np.empty(z.shape)
    with mpmath.workdps(400):  # exp(1000) and exp(-1000) meet
        for i in range(len(z)):
            e = [mpmath.exp(mpmath.mpf(x)) for x in z[i]]
            p = [x / mpmath.fsum(e) for x in e]
            weight = mpmath.fsum(map(mpmath.mpf, y[i]))
            mean = mpmath.fsum(a * mpmath.mpf(b) for a, b in zip(p, v[i], strict=True))
            for j in range(len(p)):
                slopes[i, j] = weight * p[j] - mpmath.mpf(y[i, j])
                products[i, j] = weight * p[j] * (mpmath.mpf(v[i, j]) - mean)
    return slopes, products


def _operations(graph: Graph) -> set[str]:
    return {node.op for node in graph.nodes}


@every_spelling
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_first_and_second_derivatives_are_those_of_the_closed_form(
    function: Function, scale: float
) -> None:
    z, y, v = _point(scale)
    made = sd.function(function, shapes=SHAPES, wrt="z")
    slopes, products = _exact(z, y, v)
    with np.errstate(all="ignore"):  # the value overflows as it is written
        assert made.grad()(z, y) == pytest.approx(slopes, rel=1e-13, abs=1e-14)
        assert made.hvp()(z, y, v) == pytest.approx(products, rel=1e-12, abs=1e-14)
        tangent = made.jvp()(z, y, v)[1]
    assert tangent == pytest.approx(np.sum(slopes * v), rel=1e-12, abs=1e-13)


@every_spelling
def test_nothing_asks_where_the_maximum_is(function: Function) -> None:
    """Its derivative would compare: the first one has none, nor has the second."""
    made = sd.function(function, shapes=SHAPES, wrt="z")
    for derived in (made.value_and_grad(), made.jvp(), made.hvp()):
        assert "equal" not in _operations(derived.graph), derived


def test_a_maximum_cancels_where_the_exponents_are_exponentials() -> None:
    """The stable form selects where an exponential vanishes: each way moves with the maximum."""

    def loss(a, s):
        x = a[:, None] - np.exp(s)
        m = np.max(x, axis=0)
        return np.sum(m + np.log(np.sum(np.exp(x - m), axis=0)))

    rng = np.random.default_rng(0)
    a, s = rng.normal(size=5), rng.normal(size=(5, 7))
    a[1], s[2, 3] = -900.0, 7.0  # whose exponentials vanish
    gradient = sd.function(loss, shapes={"a": (5,), "s": (5, 7)}, wrt="a s").grad()
    assert "equal" not in _operations(gradient.graph)
    softmax = special.softmax(a[:, None] - np.exp(s), axis=0)
    for found, exact in zip(
        gradient(a, s), (softmax.sum(axis=1), -np.exp(s) * softmax), strict=True
    ):
        np.testing.assert_allclose(found, exact, rtol=1e-13, atol=1e-300)


def test_the_gradient_is_the_softmax_minus_the_target_in_three_lines() -> None:
    made = sd.function(_kept, shapes=SHAPES, wrt="z").value_and_grad()
    assert "y.sum(axis=1, keepdims=True) / sum_exp_z2 * exp_z2 - y" in made.emit()
    # a sum, a quotient that is repeated, a product, a difference
    assert made.ops - made.optimized_value.ops == 5


def test_labels() -> None:
    def loss(z, labels):
        z = z - np.max(z, axis=1, keepdims=True)
        log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
        return -np.sum(log_p[np.arange(3), labels])

    z, _, v = _point(30.0)
    labels = np.array([3, 0, 3])
    made = sd.function(loss, shapes={"z": (3, 4), "labels": "int 3"}, wrt="z")
    slopes, products = _exact(z, np.eye(4)[labels], v)
    assert made.grad()(z, labels) == pytest.approx(slopes, rel=1e-13, abs=1e-14)
    assert made.hvp()(z, labels, v) == pytest.approx(products, rel=1e-12, abs=1e-14)
    assert "equal" not in _operations(made.hvp().graph)


def test_attention() -> None:
    """A softmax times values: compared with central differences of the function itself."""

    def loss(q, k, v):
        s = q @ k.T
        e = np.exp(s - s.max(axis=-1, keepdims=True))
        return np.sum((e / e.sum(axis=-1, keepdims=True) @ v) ** 2)

    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(5, 4)), rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
    found = sd.grad(loss, wrt=("q", "k", "v"))(q, k, v)
    for place, x in enumerate((q, k, v)):
        for at in np.ndindex(*x.shape):
            before = x[at]
            ends = []
            for step in (1e-5, -1e-5):
                x[at] = before + step
                ends.append(loss(q, k, v))
            x[at] = before
            assert found[place][at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-7)
    names = {"q": (5, 4), "k": (6, 4), "v": (6, 3)}
    assert "equal" not in _operations(sd.function(loss, shapes=names, wrt="q").grad().graph)


# --- shifts that stay ----------------------------------------------------------------------------


def _at_maximum(z: Any) -> Any:
    return (z == z.max(axis=1, keepdims=True)).astype(float)


def _softmax_of(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _weights_that_sum_to_anything(z, y):
    """log(sum(exp(z - m))) - sum(y*(z - m)) keeps (sum(y) - 1)*m."""
    z = z - z.max(axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(z), axis=1)) - np.sum(y * z, axis=1))


STAYING: list[tuple[Function, Function]] = [
    (
        _weights_that_sum_to_anything,
        lambda z, y: _softmax_of(z) - y + (y.sum(axis=1, keepdims=True) - 1.0) * _at_maximum(z),
    ),
    (lambda z, y: np.sum(z - z.max(axis=1, keepdims=True)), lambda z, y: 1.0 - 4 * _at_maximum(z)),
    (lambda z, y: np.sum(z.max(axis=1)), lambda z, y: _at_maximum(z)),
    (
        lambda z, y: np.sum(np.exp(z - z.max(axis=1, keepdims=True))),
        lambda z, y: (
            (e := np.exp(z - z.max(axis=1, keepdims=True)))
            - e.sum(axis=1, keepdims=True) * _at_maximum(z)
        ),
    ),
    (  # one row's maximum in another row's logarithm
        lambda z, y: np.sum(
            (s := z - z.max(axis=1, keepdims=True)) - np.log(np.exp(s).sum(axis=1))[::-1, None]
        ),
        lambda z, y: 1.0 - 4 * _softmax_of(z),
    ),
    (  # a sum over rows that are shifted differently
        lambda z, y: np.sum(np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=0))),
        lambda z, y: (
            (r := (e := np.exp(z - z.max(axis=1, keepdims=True))) / e.sum(axis=0))
            - r.sum(axis=1, keepdims=True) * _at_maximum(z)
        ),
    ),
]


@pytest.mark.parametrize(("function", "right"), STAYING)
def test_a_shift_that_does_not_cancel_has_its_derivative(
    function: Function, right: Function
) -> None:
    z, y, _ = _point(1.0)
    made = sd.function(function, shapes=SHAPES, wrt="z")
    assert made.grad()(z, y) == pytest.approx(right(z, y), rel=1e-12, abs=1e-13)

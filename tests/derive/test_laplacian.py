"""The Laplacian against SymPy, 50 digits and formulas by hand; how it is called, and refused."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import symdiff as sd

FORMULAS = (
    "x**2*y + sin(x*y)",
    "x**2 - y**2 + 2*x*y",  # harmonic
    "log(x**2 + y**2)",
    "1/sqrt(x**2 + y**2 + z**2)",
    "exp(-x**2*y)*tanh(z) + x**y",
    "3*x + y",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_agree_with_sympy(text: str) -> None:
    made = sd.function(text)
    symbols = [sympy.Symbol(name) for name in made.inputs]
    exact = sum(sympy.diff(sympy.sympify(text), x, 2) for x in symbols)
    point = dict(zip(symbols, (0.75, 1.25, -0.5), strict=False))
    wanted = exact.evalf(50, subs={x: sympy.Rational(v) for x, v in point.items()})
    size = sum(
        abs(float(sympy.diff(sympy.sympify(text), x, 2).evalf(20, subs=point))) for x in symbols
    )
    assert abs(made.laplacian()(*point.values()) - float(wanted)) <= 1e-14 * size


def test_some_inputs_alone() -> None:
    assert sd.function("x**3*y**2").laplacian("y")(2.0, 5.0) == 16.0
    assert sd.laplacian("x**3*y**2", wrt=0)(2.0, 5.0) == 300.0


def test_a_batch() -> None:
    x, y = np.linspace(0.1, 1.0, 4), np.linspace(-1.0, 1.0, 3)[:, None]
    np.testing.assert_allclose(sd.function("x**2*y**2").laplacian()(x, y), 2 * y**2 + 2 * x**2)
    constant = sd.function("x**2 + 3*y").laplacian()(x, y)
    np.testing.assert_array_equal(constant, np.full((3, 4), 2.0))


def energy(x: Any, c: Any) -> Any:
    return np.sum(c * np.exp(-x * x)) + np.sum(x) ** 2


def energy_by_hand(x: Any, c: Any) -> Any:
    return np.sum(c * (4 * x * x - 2) * np.exp(-x * x)) + 2.0 * x.size


def test_functions_of_arrays() -> None:
    rng = np.random.default_rng(0)
    x, c = rng.normal(size=(2, 3)), rng.normal(size=3)
    wanted = energy_by_hand(x, c)
    np.testing.assert_allclose(sd.laplacian(energy)(x, c), wanted, rtol=1e-13)
    made = sd.function(energy, shapes={"x": ("N", 3), "c": (3,)}).laplacian()
    np.testing.assert_allclose(made(x, c), wanted, rtol=1e-13)
    np.testing.assert_allclose(made(x[:1], c), energy_by_hand(x[:1], c), rtol=1e-13)
    both = sd.laplacian(energy, wrt=("x", "c"))(x, c)  # linear in c
    np.testing.assert_allclose(both, wanted, rtol=1e-13)


def test_structures_give_one_number() -> None:
    found = sd.laplacian(lambda p: p["a"] ** 3 + np.sum(p["b"] ** 2))({"a": 2.0, "b": np.ones(3)})
    assert found == 18.0


def test_against_50_digits() -> None:
    """A network, by second differences of its value in long arithmetic."""
    W, b = np.linspace(-1.0, 1.2, 6).reshape(2, 3), np.array([0.3, -0.7])
    x = np.array([0.25, -0.5, 0.75])

    def network(x: Any) -> Any:
        return np.sum(np.tanh(W @ x + b) ** 3)

    with mpmath.workdps(50):
        step = mpmath.mpf(10) ** -15

        def value(moved: Any) -> Any:
            sums = [sum(mpmath.mpf(w) * m for w, m in zip(row, moved, strict=True)) for row in W]
            return sum(
                mpmath.tanh(s + mpmath.mpf(float(k))) ** 3 for s, k in zip(sums, b, strict=True)
            )

        here = [mpmath.mpf(v) for v in x]
        exact = mpmath.mpf(0)
        for k in range(3):
            up, down = list(here), list(here)
            up[k] += step
            down[k] -= step
            exact += (value(up) - 2 * value(here) + value(down)) / step**2
    assert sd.laplacian(network)(x) == pytest.approx(float(exact), rel=1e-13)


def test_it_can_be_differentiated_and_batched() -> None:
    assert sd.function("x**4*y").laplacian().grad()(2.0, 3.0) == (72.0 * 2, 48.0)
    assert sd.function("x**4 + y**4").laplacian().laplacian()(2.0, 3.0) == 48.0  # biharmonic
    assert sd.grad(sd.laplacian(lambda x: np.sum(x**3)))(np.array([1.0, 2.0])).tolist() == [
        6.0,
        6.0,
    ]
    made = sd.function("x: [3]; sum(x**3)", batch=True).laplacian()
    np.testing.assert_allclose(made(np.arange(6.0).reshape(2, 3)), [18.0, 72.0])


def test_a_second_derivative_at_a_kink_is_nan_and_a_smooth_one_is_right() -> None:
    assert np.isnan(sd.function("hypot(x, y)").laplacian()(0.0, 0.0))
    assert sd.function("hypot(x, y)**2").laplacian()(0.0, 0.0) == 4.0
    np.testing.assert_allclose(sd.laplacian(np.linalg.norm)(np.array([3.0, 4.0])), 0.2)


def test_the_module() -> None:
    module = sd.function("x**2*y + y**3", name="u").laplacian().load()
    assert module.laplacian(1.0, 2.0) == 16.0
    assert module.value(1.0, 2.0) == 10.0
    assert "its Laplacian by x, y" in (module.__doc__ or "")
    assert (
        "laplacian(u) = 2*y + 6*y" in module.laplacian.__doc__ or "8*y" in module.laplacian.__doc__
    )


def test_what_has_none() -> None:
    with pytest.raises(sd.UnsupportedError, match="a Laplacian needs one output"):
        sd.function("(x, x**2)").laplacian()
    with pytest.raises(sd.UnsupportedError, match="a Laplacian needs a number"):
        sd.laplacian(lambda x: x**2)(np.ones(3))
    with pytest.raises(sd.UnsupportedError, match="nothing to differentiate by"):
        sd.function("3.0").laplacian()

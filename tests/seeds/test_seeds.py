"""The tutorials' programs, as formulas, as programs with arrays and as NumPy functions.

The results are those of PyTorch 2.13 in float64. The two networks stand in test_networks.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

import symdiff as sd
from symdiff.commands import group

DIGITS = 1e-12

# S2: the points, and what 100 steps at the rate 0.01 lead to; one tutorial prints 1.9999 and 0.0001
X, Y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])
LINE = (1.9231736836595785, 0.22587870467172175)
LAST_LOSS = 0.008572419887111587


def near(wanted: object) -> object:
    return pytest.approx(wanted, rel=DIGITS, abs=DIGITS)


# --- S1: a composition -------------------------------------------------------------------------


def test_s1_composition() -> None:
    """One tutorial prints 96."""
    assert sd.function("y = x**2; z = y**3").grad()(2.0) == near(192.0)


def test_s1_as_a_numpy_function() -> None:
    def f(x):
        y = x**2
        return y**3

    assert sd.grad(f)(2.0) == near(192.0)


# --- S2: a line through four points ------------------------------------------------------------


def descended(value_and_grad, w=1.0, b=0.0):
    """The weights after 100 steps, and the loss before the last of them."""
    loss = np.nan
    for _ in range(100):
        loss, (w_bar, b_bar) = value_and_grad(w, b)
        w, b = w - 0.01 * w_bar, b - 0.01 * b_bar
    return (w, b), loss


def test_s2_gradient_descent_of_a_line() -> None:
    terms = " + ".join(f"(w*{x} + b - {y})**2" for x, y in ((1, 2), (2, 4), (3, 6), (4, 8)))
    line, loss = descended(sd.function(f"loss = ({terms})/4").value_and_grad("w, b"))
    assert line == near(LINE)
    assert loss == near(LAST_LOSS)


def test_s2_with_a_batch_of_points() -> None:
    """The batch is the caller's: the mean of the terms' gradients is that of the mean."""
    grad = sd.function("(w*x + b - y)**2").value_and_grad("w, b")

    def value_and_grad(w, b):
        values, bars = grad(w=w, b=b, x=X, y=Y)
        return values.mean(), [bar.mean() for bar in bars]

    line, loss = descended(value_and_grad)
    assert line == near(LINE)
    assert loss == near(LAST_LOSS)


def test_s2_as_a_program_with_arrays() -> None:
    text = "w: float; b: float; x: [N]; y: [N]; y_pred = w*x + b; mean((y_pred - y)**2)"
    grad = sd.function(text).value_and_grad("w, b")
    line, loss = descended(lambda w, b: grad(w, b, X, Y))
    assert line == near(LINE)
    assert loss == near(LAST_LOSS)


def test_s2_as_a_numpy_function() -> None:
    def loss(w, b):
        y_pred = w * X + b
        return np.mean((y_pred - Y) ** 2)

    line, last_loss = descended(sd.value_and_grad(loss, wrt=("w", "b")))
    assert line == near(LINE)
    assert last_loss == near(LAST_LOSS)


# --- S3: two inputs ----------------------------------------------------------------------------


def test_s3_two_inputs() -> None:
    assert sd.function("z = x**2 + y**3").grad()(3.0, 2.0) == near((6.0, 12.0))


def test_s3_as_a_numpy_function() -> None:
    assert sd.grad(lambda x, y: x**2 + y**3, wrt=(0, 1))(3.0, 2.0) == near((6.0, 12.0))


# --- S5: differentiated twice ------------------------------------------------------------------


def test_s5_second_derivative() -> None:
    first = sd.function("x**3").grad()
    assert (first(2.0), first.grad()(2.0)) == near((12.0, 12.0))


def test_s5_as_a_numpy_function() -> None:
    first = sd.grad(lambda x: x**3)
    assert (first(2.0), sd.grad(first)(2.0)) == near((12.0, 12.0))


# --- S6: a mean --------------------------------------------------------------------------------


def test_s6_mean() -> None:
    grad = sd.function("z = (2*x1 + 2*x2 + 2*x3)/3").grad()
    assert grad(1.0, 2.0, 3.0) == near((2 / 3, 2 / 3, 2 / 3))


def test_s6_as_a_program_with_arrays() -> None:
    gradient = sd.function("x: [3]; mean(2*x)").grad()([1.0, 2.0, 3.0])
    assert gradient.tolist() == near([2 / 3, 2 / 3, 2 / 3])


def test_s6_as_a_numpy_function() -> None:
    gradient = sd.grad(lambda x: np.mean(2 * x))(np.array([1.0, 2.0, 3.0]))
    assert gradient.tolist() == near([2 / 3, 2 / 3, 2 / 3])


# --- S7: one step ------------------------------------------------------------------------------


def test_s7_one_step() -> None:
    w, b = 1.0, 0.0
    w_bar, b_bar = sd.function("loss = (w*x + b - y_true)**2").grad("w, b")(w, 2.0, b, 3.0)
    assert (w_bar, b_bar) == near((-4.0, -2.0))
    assert (w - 0.1 * w_bar, b - 0.1 * b_bar) == near((1.4, 0.2))


def test_s7_as_a_numpy_function() -> None:
    def loss(params, x, y_true):
        return (params["w"] * x + params["b"] - y_true) ** 2

    params = {"w": 1.0, "b": 0.0}
    bars = sd.grad(loss)(params, 2.0, 3.0)
    assert bars == near({"w": -4.0, "b": -2.0})
    assert {name: params[name] - 0.1 * bars[name] for name in params} == near({"w": 1.4, "b": 0.2})


# --- S8: half the sum of squares ---------------------------------------------------------------


def test_s8_half_the_sum_of_squares() -> None:
    steps = "y1 = x1**2; y2 = x2**2; o = 0.5*(y1 + y2)"
    value, gradient = sd.function(steps).value_and_grad()(2.0, 4.0)
    assert (value, gradient) == (near(10.0), near((2.0, 4.0)))
    assert sd.function("x1**2, x2**2")(2.0, 4.0) == near((4.0, 16.0))


def test_s8_as_a_program_with_arrays() -> None:
    y, o = sd.function("x: [2]; y = x**2; o = 0.5*sum(y); return y, o")([2.0, 4.0])
    assert (y.tolist(), o) == (near([4.0, 16.0]), near(10.0))
    gradient = sd.function("x: [2]; y = x**2; o = 0.5*sum(y)").grad()([2.0, 4.0])
    assert gradient.tolist() == near([2.0, 4.0])


def test_s8_as_a_numpy_function() -> None:
    def o(x):
        y = x**2
        return 0.5 * np.sum(y)

    value, gradient = sd.value_and_grad(o)(np.array([2.0, 4.0]))
    assert (value, gradient.tolist()) == (near(10.0), near([2.0, 4.0]))


# --- S10: the comparison of methods ------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "methods"),
    [
        (
            "w = 1.5; (w*x - y)**2 + sin(x)",
            ("differences", "complex step", "SymPy diff", "SymPy diff, cse", "symdiff"),
        ),
        ("x: [3]; mean(sin(2*x)**2)", ("differences", "symdiff")),
    ],
)
def test_s10_compare_prints_its_table(source: str, methods: tuple[str, ...]) -> None:
    result = CliRunner().invoke(group, ["compare", source])
    assert result.exit_code == 0, result.output
    rows = result.stdout.splitlines()
    for method in methods:
        (row,) = [row for row in rows if row.startswith(f"{method}  ")]
        error = float(row.removeprefix(method).split()[0])
        assert error < (1e-7 if method == "differences" else 1e-14)


# --- what PyTorch calls otherwise --------------------------------------------------------------


def test_requires_grad_is_wrt() -> None:
    grad = sd.grad(lambda w, x, b: w * x + b, wrt=("w", "b"))
    assert grad(2.0, 3.0, 4.0) == near((3.0, 1.0))


def test_create_graph_is_the_derivative_of_a_derivative() -> None:
    """A penalty on the gradient, differentiated: what double backward is used for."""

    def penalty(x):
        return np.sum(sd.grad(lambda z: np.sum(z**3))(x) ** 2)

    x = np.array([1.0, -2.0])
    assert sd.grad(penalty)(x).tolist() == near((36 * x**3).tolist())


def test_no_grad_is_value() -> None:
    """The forward pass alone holds nothing of the adjoint."""
    f = sd.function(lambda x: np.sum(np.sin(x)), shapes={"x": ("N",)})
    assert f(np.array([0.0, np.pi / 2])) == near(1.0)
    assert "cos" not in f.emit()
    assert "cos" in f.grad().emit()


def test_detach_is_stop_gradient() -> None:
    assert sd.grad(lambda x: x * sd.stop_gradient(x))(3.0) == near(3.0)


def test_retain_graph_is_not_needed() -> None:
    value_and_grad = sd.value_and_grad(lambda x: np.sum(x**2))
    x = np.array([1.0, 2.0])
    first, second = value_and_grad(x), value_and_grad(x)
    assert first[0] == second[0]
    assert first[1].tolist() == second[1].tolist() == [2.0, 4.0]
    assert not np.shares_memory(first[1], second[1])


def test_zero_grad_is_not_needed_and_accumulate_adds() -> None:
    grad = sd.grad(lambda w, x: np.sum(w * x))
    w, total = np.ones(2), np.zeros(2)
    assert grad(w, np.array([1.0, 2.0])).tolist() == [1.0, 2.0]
    assert grad(w, np.array([3.0, 4.0])).tolist() == [3.0, 4.0]
    for x in ([1.0, 2.0], [3.0, 4.0]):
        assert grad(w, np.array(x), accumulate=total) is total
    assert total.tolist() == [4.0, 6.0]


def test_accumulated_batches_are_the_full_batch() -> None:
    def loss(params, x, y):
        return np.sum((x @ params["w"] + params["b"] - y) ** 2)

    random = np.random.default_rng(0)
    x, y = random.normal(size=(12, 3)), random.normal(size=12)
    params = {"w": random.normal(size=3), "b": 0.5}
    grad = sd.grad(loss)
    total = {"w": np.zeros(3), "b": np.zeros(())}
    for start in range(0, 12, 4):
        grad(params, x[start : start + 4], y[start : start + 4], accumulate=total)
    full = grad(params, x, y)
    assert total["w"].tolist() == near(full["w"].tolist())
    assert float(total["b"]) == near(float(full["b"]))


@pytest.mark.parametrize(
    ("function", "at_the_kink"),
    [
        (lambda x: np.maximum(x, 0.0 * x), 0.5),  # a tie of two arrays, as torch.maximum
        (lambda x: np.abs(x), 0.0),
        (lambda x: np.where(x > 0, x, 0.0), 0.0),  # relu, as a tutorial writes it
        (lambda x: np.where(x >= 0, x, -x), 1.0),
        (lambda x: np.clip(x, 0.0, 1.0), 1.0),
        (lambda x: np.sign(x) + np.floor(x), 0.0),
        (lambda x: np.sqrt(x), np.inf),
        (lambda x: np.linalg.norm(x), 0.0),
    ],
)
def test_kinks_are_pytorchs(function, at_the_kink) -> None:
    total = sd.grad(lambda x: np.sum(function(x)))
    assert total(np.zeros(2)).tolist() == [at_the_kink] * 2

"""Uncertainties, against closed forms, the package `uncertainties` and Monte Carlo."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

import symdiff as sd
from symdiff.commands import group


def ohm(U, I):  # noqa: E741
    return U / I


def polar(x, y):
    return np.sqrt(x**2 + y**2), np.arctan2(y, x)


def drawn(f, mean, covariance, count=400_000):
    """Moments of a function of normal inputs, and their standard errors."""
    points = np.random.default_rng(1).multivariate_normal(mean, covariance, count).T
    values = np.stack(np.broadcast_arrays(*np.atleast_1d(f(*points)))).reshape(-1, count)
    return values.mean(axis=1), np.cov(values).reshape(len(values), -1), count


def test_the_law_of_propagation_in_closed_form():
    found = sd.propagate(ohm, (230.0, 2.0), std=(1.0, 0.05))
    assert found.value == 115.0
    assert found.std == pytest.approx(np.hypot(1.0 / 2.0, 230.0 / 4.0 * 0.05), rel=1e-14)
    first, second = found.budget
    assert (first.input, first.output, first.std) == ("U", "ohm", 1.0)
    assert first.derivative == 0.5
    assert second.contribution == pytest.approx(-2.875, rel=1e-14)
    assert first.fraction == pytest.approx(0.25 / (0.25 + 2.875**2), rel=1e-12)
    assert sum(share.fraction for share in found.budget) == pytest.approx(1.0)


def test_correlated_inputs_and_several_outputs():
    covariance = np.array([[0.04, 0.015], [0.015, 0.01]])
    found = sd.propagate(polar, {"y": 4.0, "x": 3.0}, covariance[::-1, ::-1])
    # the covariance is in the order of the values; y stands first here
    J = np.array([[4 / 5, 3 / 5], [3 / 25, -4 / 25]])
    np.testing.assert_allclose(found.covariance, J @ covariance[::-1, ::-1] @ J.T, rtol=1e-12)
    np.testing.assert_allclose(found.std, np.sqrt(np.diag(found.covariance)), rtol=1e-14)
    for name in ("polar_0", "polar_1"):
        shares = [share.fraction for share in found.budget if share.output == name]
        assert sum(shares) == pytest.approx(1.0)
    swapped = sd.propagate("(sqrt(x**2 + y**2), atan2(y, x))", [3.0, 4.0], covariance)
    np.testing.assert_allclose(swapped.covariance, found.covariance, rtol=1e-12)


def test_variances_are_a_covariance_of_what_is_not_correlated():
    one = sd.propagate(ohm, (230.0, 2.0), [1.0, 0.0025])
    other = sd.propagate(ohm, (230.0, 2.0), std=(1.0, 0.05))
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-14)


@pytest.mark.parametrize(
    ("f", "mean", "covariance"),
    [
        (lambda x, y: x * y**2, [1.0, 2.0], [[0.04, 0.01], [0.01, 0.02]]),
        (lambda x, y: (x**2 - y, x * y), [0.5, -1.0], [[0.09, -0.02], [-0.02, 0.04]]),
        (lambda x, y: np.exp(0.3 * x) + y**2, [0.0, 0.0], [[0.04, 0.0], [0.0, 0.05]]),
    ],
    ids=["cubic", "two outputs", "flat in one"],
)
def test_second_order_is_nearer_to_monte_carlo(f, mean, covariance):
    means, cov, count = drawn(f, mean, covariance)
    second = sd.propagate(f, tuple(mean), covariance, order=2)
    first = sd.propagate(f, tuple(mean), covariance)
    spread = np.sqrt(np.diag(cov))
    np.testing.assert_allclose(np.ravel(second.mean), means, atol=6 * spread.max() / count**0.5)
    np.testing.assert_allclose(second.covariance, cov, rtol=0.02, atol=0.02 * cov.max())
    assert np.abs(second.covariance - cov).max() < np.abs(first.covariance - cov).max()
    assert np.abs(np.ravel(second.mean) - means).max() < np.abs(np.ravel(first.mean) - means).max()


def test_second_order_of_a_quadratic_form_in_closed_form():
    """Of x'Ax + b'x with normal x, mean and variance are exact."""
    rng = np.random.default_rng(3)
    A, b, mu = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3)
    A = A + A.T
    root = rng.standard_normal((3, 3))
    sigma = root @ root.T
    found = sd.propagate(lambda x: x @ A @ x + b @ x, (mu,), sigma, order=2)
    slope = 2 * A @ mu + b
    np.testing.assert_allclose(found.mean, mu @ A @ mu + b @ mu + np.trace(A @ sigma), rtol=1e-12)
    variance = slope @ sigma @ slope + 2 * np.trace(A @ sigma @ A @ sigma)
    np.testing.assert_allclose(found.covariance, [[variance]], rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "traced", "values"),
    [
        ("w: [3]; y = w*w*k; return y, sum(w)", lambda w, k: (w * w * k, np.sum(w)), (3, 0)),
        ("w: [3]; y = sum(w**3); return y", lambda w: np.sum(w**3), (3,)),
        ("k**3", lambda k: k**3, (0,)),
    ],
    ids=["two outputs", "one array", "one number"],
)
def test_arrays_of_formulas_agree_with_traced_functions(text, traced, values):
    given = tuple(1.0 + np.arange(n) if n else 2.0 for n in values)
    n = sum(map(np.size, given))
    covariance = np.full((n, n), 0.01) + 0.02 * np.eye(n)
    one = sd.propagate(text, given, covariance, order=2)
    other = sd.propagate(traced, given, covariance, order=2)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-12)
    for ours, theirs in ((one.mean, other.mean), (one.std, other.std)):
        pairs = zip(ours, theirs, strict=True) if isinstance(ours, tuple) else [(ours, theirs)]
        for part, wanted in pairs:
            np.testing.assert_allclose(part, wanted, rtol=1e-12)


@dataclasses.dataclass
class Lens:
    focal: float
    distances: np.ndarray


def test_nested_arguments_and_an_exact_one():
    def image(lens, scale):
        return {"at": scale / (1.0 / lens.focal - 1.0 / lens.distances)}

    lens = Lens(0.1, np.array([0.5, 1.0]))
    found = sd.propagate(image, (lens, 2), std=(Lens(0.001, np.array([0.01, 0.0])), None))
    inverse = 1.0 / (10.0 - 1.0 / lens.distances)
    by_focal = 2.0 * inverse**2 * 100.0 * 0.001
    by_first = -2.0 * inverse[0] ** 2 * 4.0 * 0.01
    wanted = [np.hypot(by_focal[0], by_first), by_focal[1]]
    np.testing.assert_allclose(found.std["at"], wanted, rtol=1e-12)
    assert [share.input for share in found.budget[:4]] == [
        "lens_focal", "lens_distances[0]", "lens_distances[1]", "scale",
    ]  # fmt: skip
    assert "image_at[1] = " in str(found)


def test_inputs_that_are_not_differentiated_by_are_exact():
    f = sd.function("a*x**2", wrt="x")
    found = sd.propagate(f, {"a": 3.0, "x": 2.0}, std={"x": 0.1, "a": 0.0})
    assert found.std == pytest.approx(1.2)
    with pytest.raises(sd.SymdiffError, match="'a' has an uncertainty"):
        sd.propagate(f, {"a": 3.0, "x": 2.0}, std={"x": 0.1, "a": 0.5})


def test_the_package_uncertainties_agrees():
    uncertainties = pytest.importorskip("uncertainties")
    from uncertainties import umath, unumpy

    x, y = uncertainties.ufloat(3.0, 0.1), uncertainties.ufloat(4.0, 0.2)
    correlated = x + 0.5 * y  # shares both
    found = sd.propagate(polar, (x, correlated))
    own = umath.sqrt(x**2 + correlated**2), umath.atan2(correlated, x)
    np.testing.assert_allclose(found.std, [each.std_dev for each in own], rtol=1e-12)
    np.testing.assert_allclose(
        found.covariance, uncertainties.covariance_matrix(own), rtol=1e-12, atol=1e-18
    )
    r, angle = found.ufloats
    back = r * umath.cos(angle) - x  # exact to first order: they know of each other
    assert back.std_dev == pytest.approx(0.0, abs=1e-14)
    w = unumpy.uarray([1.0, 2.0, 3.0], [0.1, 0.2, 0.3])
    total = sd.propagate(lambda w, k: np.sum(w**2) * k, (w, 2.0))
    assert total.ufloats.std_dev == pytest.approx((2.0 * (w**2).sum()).std_dev, rel=1e-12)
    listed = sd.propagate(lambda w: np.sum(w**2), (list(w),))
    assert listed.std == pytest.approx(total.std / 2.0, rel=1e-12)
    with pytest.raises(sd.SymdiffError, match="given twice"):
        sd.propagate(polar, (x, 1.0), std=(1.0, 1.0))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sd.propagate(ohm, (1.0, 2.0)), sd.SymdiffError, "no argument has an uncertainty"),
        (lambda: sd.propagate(ohm, (1.0, 2.0), np.eye(3)), sd.ShapeError, "hold 2 numbers"),
        (lambda: sd.propagate(ohm, (1.0, 2.0), [[1, 2], [0, 1]]), sd.SymdiffError, "symmetric"),
        (lambda: sd.propagate(ohm, (1.0, 2.0), [-1.0, 1.0]), sd.SymdiffError, "negative"),
        (lambda: sd.propagate(ohm, (1.0, 2.0), std=(-1.0, 1.0)), sd.SymdiffError, "negative"),
        (lambda: sd.propagate(ohm, (1.0, 2.0), std=([1.0, 2.0], 1.0)), sd.ShapeError, "structure"),
        (lambda: sd.propagate(ohm, (1.0, 2.0, 3.0), std=(1,)), sd.SymdiffError, "3 values"),
        (lambda: sd.propagate(ohm, {"V": 1.0}, std=(1,)), sd.SymdiffError, "'V' is given"),
        (lambda: sd.propagate("U/I", {"U": 1.0}, std=(1,)), sd.SymdiffError, "none to I"),
        (lambda: sd.propagate(ohm, (1.0, 2.0), [1, 1], order=3), sd.SymdiffError, "no order 3"),
        (
            lambda: sd.propagate("U/I", {"U": [1.0, 2.0], "I": 1.0}, [1, 1, 1]),
            sd.ShapeError,
            "'U' is a number",
        ),
        (lambda: sd.propagate(ohm, (1.0, 2.0), [1, 1]).ufloats, sd.SymdiffError, "no argument is"),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def run(*arguments):
    return CliRunner().invoke(group, ["propagate", *arguments])


@pytest.mark.parametrize("sign", ["+-", "±", "+/-"])
def test_the_command(sign):
    done = run("U/I", "--at", f"U=230{sign}1, I=2.0{sign}0.05", "--order", "2")
    assert done.exit_code == 0, done.output
    first, *rest = done.output.splitlines()
    # U/I to second order: mean U/I + U/I**3 var(I), variance by the derivatives -1/I**2 and 2U/I**3
    mean = 115.0 + 230.0 / 8.0 * 0.0025
    variance = 0.25 + 2.875**2 + 0.25**2 * 0.0025 + 0.5 * (2 * 230.0 / 8.0 * 0.0025) ** 2
    assert first == f"f = 115 ± {variance**0.5:.4g}, mean {mean:.10g} to second order"
    assert rest[-1].split() == ["I", "2", "0.05", "-57.5", "-2.875", "97.1", "%"]


def test_the_command_takes_correlations_and_lists():
    done = run("U*I", "--at", "U=2+-0.1,I=3+-0.2", "--correlation", "U,I=-0.5", "--format", "json")
    data = json.loads(done.output)
    variance = 0.3**2 + 0.4**2 - 2 * 0.5 * 0.3 * 0.4
    assert data["std"][0] == pytest.approx(variance**0.5, rel=1e-12)
    assert [row["input"] for row in data["budget"]] == ["U", "I"]
    done = run("sum(w)*k", "--shape", "w: 2", "--at", "k=3±0.2,w=[1+-0.1,2]", "--format", "json")
    assert json.loads(done.output)["std"][0] == pytest.approx(np.hypot(0.3, 0.6), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--at", "U=230±x,I=2"], "the value '230±x', which is no number"),
        (["--at", "U=230+-1"], "no value to I"),
        (["--at", "U=1+-1,I=2", "--correlation", "U,J=1"], "names 'J'"),
        (["--at", "U=1+-1,I=2", "--correlation", "U,I"], "write x,y=0.5"),
        (["--at", "U=1+-1,I=2", "--correlation", "U,I=2"], "from -1 to 1"),
        (["--at", "U=1+--1,I=2"], "negative"),
    ],
)
def test_the_command_refuses(arguments, words):
    done = run("U/I", *arguments)
    assert done.exit_code == 2
    assert words in done.output


@pytest.mark.parametrize(
    ("shapes", "at", "words"),
    [
        (["w: 2", "v: 2"], "w=[1,2,3],v=[1,2]", "w: expected the shape (2,), got (3,)"),
        (["w: 2", "v: 2"], "w=1+-0.1,v=[1,2]", "w: expected the shape (2,), got ()"),
        (["w: N", "v: N"], "w=[1,2,3],v=[1,2]", "v: expected the shape (N,), got (2,)"),
        (["w: N", "v: int N"], "w=[1,2],v=[1,0.5]", "whole numbers"),
        (["w: 2", "v: 2"], "w=[1,[2]],v=[1,2]", "no number or array"),
    ],
)
def test_the_command_refuses_what_does_not_fit(shapes, at, words):
    shapes = [part for shape in shapes for part in ("--shape", shape)]
    done = run("sum(w*v)", *shapes, "--at", at)
    assert done.exit_code == 2
    assert words in done.output


def test_the_command_refuses_a_singular_matrix():
    done = run("sum(inv(A))", "--shape", "A: 2 2", "--at", "A=[[1,2],[2,4]]")
    assert done.exit_code == 2
    assert "LinAlgError: Singular matrix" in done.output


@pytest.mark.parametrize(("kind", "given"), [("int", "3"), ("bool", "true"), ("bool", "1")])
def test_the_command_takes_whole_numbers_and_truths(kind, given):
    done = run("x*k", "--shape", f"k: {kind}", "--at", f"x=2+-0.1,k={given}", "--format", "json")
    factor = 3.0 if kind == "int" else 1.0
    assert json.loads(done.output)["std"] == [pytest.approx(0.1 * factor, rel=1e-14)]


def test_correlations_that_no_inputs_have_are_refused():
    pairs = ["--correlation", "a,b=1", "--correlation", "b,c=1", "--correlation", "a,c=-1"]
    done = run("a*b*c", "--at", "a=1+-1,b=1+-1,c=1+-1", *pairs)
    assert done.exit_code == 2
    assert "not positive" in done.output


def test_functions_of_libraries_and_keywords_are_taken():
    for function in (math.sin, np.sin):
        found = sd.propagate(function, 1.0, std=0.1)
        assert found.std == pytest.approx(0.1 * math.cos(1.0), rel=1e-14)
    scaled = sd.propagate(lambda x, *, k: k * x, {"x": 1.0, "k": 3.0}, std={"x": 0.1})
    assert scaled.std == pytest.approx(0.3, rel=1e-14)

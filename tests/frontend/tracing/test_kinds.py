"""Arguments of kinds that a function of NumPy's or SciPy's does not take, or not yet known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError

integrate = pytest.importorskip("scipy.integrate", reason="SciPy is not installed")
interpolate = pytest.importorskip("scipy.interpolate")
linalg = pytest.importorskip("scipy.linalg")
spatial = pytest.importorskip("scipy.spatial")
stats = pytest.importorskip("scipy.stats")

X = np.array([0.6, 1.35, 2.1, 0.85])
PLANE = np.array([[0.1, 0.2], [1.3, 0.1], [0.4, 1.7], [1.1, 1.2], [0.6, 0.5]])
BANDS = np.array([[0.0, 1.0, 1.0, 1.0], [4.0, 5.0, 6.0, 7.0], [1.0, 1.0, 1.0, 0.0]])
MASKED = np.ma.masked_array(X, mask=X > 1.0)
TRIANGLES = spatial.Delaunay(PLANE)
LINEAR = interpolate.LinearNDInterpolator(PLANE, PLANE[:, 0])


def decay(y: Any, t: Any) -> Any:
    del t
    return -y


REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "a computed array for a pair": (
        lambda x: linalg.solve_banded(x, BANDS, x),
        r"scipy\.linalg\.solve_banded does not take these arguments: a value .* not known yet",
    ),
    "a number for a pair": (
        lambda x: linalg.solve_banded(1, BANDS, x),
        r"scipy\.linalg\.solve_banded does not take these arguments: 'int' object",
    ),
    "a computed bandwidth": (
        lambda x: linalg.solve_banded((x[0], 1), BANDS, x),
        r"scipy\.linalg\.solve_banded does not take these arguments: .*not known yet",
    ),
    "a computed choice": (
        lambda x: linalg.cho_solve((np.diag(x), x[0] > 0), x),
        r"scipy\.linalg\.cho_solve does not take these arguments: .*no choice",
    ),
    "a computed axis": (
        lambda x: linalg.norm(np.outer(x, x), axis=x),
        r"scipy\.linalg\.norm does not take these arguments",
    ),
    "a computed axis of a rule": (
        lambda x: integrate.simpson(x, axis=x[0]),
        r"scipy\.integrate\.simpson does not take these arguments",
    ),
    "a computed axis of NumPy's": (
        lambda x: np.sum(np.outer(x, x), axis=x),
        r"np\.sum does not take these arguments",
    ),
    "a keyword that is not known": (
        lambda x: linalg.solve_circulant(x, X, singular="lstsq"),
        r"a call of scipy\.linalg\.solve_circulant is not supported: .*'singular'",
    ),
    "a number for times": (
        lambda x: integrate.odeint(decay, x, 0.5),
        r"scipy\.integrate\.odeint does not take these arguments: 'float'",
    ),
    "an array for a function": (
        lambda x: integrate.odeint(x, x, [0.0, 1.0]),
        r"scipy\.integrate\.odeint does not take these arguments: .*not callable",
    ),
    "a number for a span": (
        lambda x: integrate.solve_ivp(lambda t, y: -t * y, 1.0, x, t_eval=[1.0]).y,
        r"scipy\.integrate\.solve_ivp does not take these arguments",
    ),
    "a mask": (
        lambda x: np.ma.masked_where(x > 1.0, x).mean(),
        r"a mask of np\.ma depends on values",
    ),
    "a masked array on the left": (lambda x: MASKED * x, "this takes a masked array"),
    "a distribution": (
        lambda x: stats.levy_stable.pdf(x, 1.5, 0.0),
        r"scipy\.stats\.levy_stable\.pdf is not supported",
    ),
    "a frozen distribution": (
        lambda x: stats.levy_stable(1.5, 0.0).logpdf(x),
        r"scipy\.stats\.levy_stable\.logpdf is not supported",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_error_of_types_escapes(name: str) -> None:
    function, sentence = REFUSED[name]
    with pytest.raises(UnsupportedError, match=sentence) as refused:
        sd.grad(lambda x: np.sum(function(x)))(X)
    assert refused.value.span is not None
    assert "Handle" not in refused.value.message


def test_an_error_of_types_of_the_users_own_stays() -> None:
    def right(y: Any, t: Any) -> Any:
        raise TypeError(f"of mine, of {len(y)} numbers, at {type(t).__name__}")

    with pytest.raises(TypeError, match="of mine"):
        sd.grad(lambda x: np.sum(integrate.odeint(right, x, [0.0, 1.0])))(X)


def test_what_is_advised_in_place_of_a_mask_is_what_numpys_masked_arrays_give() -> None:
    mask = MASKED.mask
    masked = np.ma.masked_array(X**2, mask=mask)

    def written(x: Any) -> Any:
        y = x**2
        return np.mean(y, where=~mask) + np.var(y[~mask]) + np.sum(np.where(mask, 0.0, y))

    wanted = masked.mean() + masked.var() + masked.sum()
    np.testing.assert_allclose(written(X), wanted, rtol=1e-14)
    steps = 1e-6 * np.eye(len(X))
    slopes = [(written(X + step) - written(X - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(sd.grad(written)(X), slopes, rtol=1e-6, atol=1e-9)


COMPILED: dict[str, tuple[Callable[..., Any], str]] = {
    "a class": (lambda p: spatial.ConvexHull(p).area, "ConvexHull"),
    "a class without methods of Python's": (lambda p: spatial.cKDTree(p).n, "cKDTree"),
    "a class by another way": (lambda p: spatial.KDTree(p).n, "KDTree"),
    "a method": (lambda p: TRIANGLES.find_simplex(p).sum(), "find_simplex"),
    "an object that is called": (lambda p: LINEAR(p).sum(), "LinearNDInterpolator"),
}


@pytest.mark.parametrize("name", COMPILED)
def test_what_is_compiled_asks_for_no_memory_of_a_traced_array(name: str) -> None:
    function, named = COMPILED[name]
    with pytest.raises(UnsupportedError, match=named):
        sd.grad(function)(PLANE)


def test_a_compiled_class_takes_what_is_known() -> None:
    def scaled(p: Any) -> Any:
        corners = np.zeros((3, 2)) + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        return np.sum(p) * spatial.ConvexHull(corners).volume

    np.testing.assert_allclose(sd.grad(scaled)(PLANE), np.full(PLANE.shape, 0.5), rtol=1e-15)

"""SciPy's functions of matrices: values are SciPy's, derivatives are differences of them."""

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from symdiff.verify.finite_difference import central

linalg = pytest.importorskip("scipy.linalg")

DRAW = np.random.default_rng(0)
ROOT = DRAW.normal(size=(3, 3))
GENERAL = ROOT + 3.0 * np.eye(3)
DEFINITE = ROOT @ ROOT.T + np.eye(3)
TWO = DRAW.normal(size=(3, 2))
ONE = DRAW.normal(size=3)
OTHER = DRAW.normal(size=(2, 2))


def by_cholesky(a, b):
    return linalg.cho_solve(linalg.cho_factor(a), b)


def by_lower_cholesky(a, b):
    return linalg.cho_solve((linalg.cholesky(a, lower=True), True), b)


CASES = {
    "solve": (lambda a, b: linalg.solve(a, b), GENERAL, TWO),
    "solve_vector": (lambda a, b: linalg.solve(a, b), GENERAL, ONE),
    "solve_symmetric": (lambda a, b: linalg.solve(a, b, assume_a="sym"), DEFINITE, TWO),
    "solve_definite": (lambda a, b: linalg.solve(a, b, lower=True, assume_a="pos"), DEFINITE, ONE),
    "solve_transposed": (lambda a, b: linalg.solve(a, b, transposed=True), GENERAL, ONE),
    "solve_triangular": (lambda a, b: linalg.solve_triangular(a, b), GENERAL, TWO),
    "solve_lower": (lambda a, b: linalg.solve_triangular(a, b, lower=True), GENERAL, ONE),
    "solve_turned": (lambda a, b: linalg.solve_triangular(a, b, trans=1), GENERAL, ONE),
    "solve_named": (
        lambda a, b: linalg.solve_triangular(a, b, trans="T", lower=True),
        GENERAL,
        ONE,
    ),
    "solve_unit": (lambda a, b: linalg.solve_triangular(a, b, unit_diagonal=True), GENERAL, ONE),
    "cholesky": (lambda a: linalg.cholesky(a), DEFINITE),
    "cholesky_lower": (lambda a: linalg.cholesky(a, lower=True, overwrite_a=False), DEFINITE),
    "cho_factor": (lambda a: linalg.cho_factor(a)[0], DEFINITE),
    "cho_factor_lower": (lambda a: linalg.cho_factor(a, lower=True)[0], DEFINITE),
    "cho_solve": (by_cholesky, DEFINITE, TWO),
    "cho_solve_lower": (by_lower_cholesky, DEFINITE, ONE),
    "inv": (lambda a: linalg.inv(a), GENERAL),
    "det": (lambda a: linalg.det(a), GENERAL),
    "norm": (lambda a: linalg.norm(a), GENERAL),
    "norm_of_order": (lambda a: linalg.norm(a, 1), GENERAL),
    "norm_along": (lambda a: linalg.norm(a, axis=0), GENERAL),
    "eigvalsh": (lambda a: linalg.eigvalsh(a), DEFINITE),
    "eigvalsh_upper": (lambda a: linalg.eigvalsh(a, lower=False), DEFINITE),
    "eigh": (lambda a: linalg.eigh(a)[1] ** 2, DEFINITE),
    "eigh_only": (lambda a: linalg.eigh(a, eigvals_only=True), DEFINITE),
    "svdvals": (lambda a: linalg.svdvals(a), TWO),
    "pinv": (lambda a: linalg.pinv(a), TWO),
    "block_diag": (lambda a, b: linalg.block_diag(a, b, b), TWO, OTHER),
    "toeplitz": (lambda c: linalg.toeplitz(c), ONE),
    "toeplitz_rows": (lambda c, r: linalg.toeplitz(c, r), ONE, DRAW.normal(size=4)),
    "circulant": (lambda c: linalg.circulant(c), DRAW.normal(size=4)),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_are_scipys(name):
    function, *args = CASES[name]
    weights = np.cos(np.arange(np.size(function(*args)))).reshape(np.shape(function(*args)))

    def loss(*given):
        return np.sum(weights * function(*given))

    names = "abc"[: len(args)]
    space = {"loss": loss}
    exec(f"def named({', '.join(names)}): return loss({', '.join(names)})", space)
    value, found = sd.value_and_grad(space["named"], wrt=tuple(names))(*args)
    assert value == pytest.approx(loss(*args), rel=1e-12)
    for number, given in enumerate(args):
        for entry in np.ndindex(given.shape):

            def along(z, number=number, entry=entry):
                moved = [arg.copy() for arg in args]
                moved[number][entry] = z
                return float(loss(*moved))

            expected = central(along, float(given[entry]), step=0.02)
            assert found[number][entry] == pytest.approx(expected.value, rel=1e-6, abs=1e-8)


def test_a_matrix_of_data_stays_scipys():
    found = sd.grad(lambda b: np.sum(linalg.solve(GENERAL, b) ** 2))(ONE)
    inverse = np.linalg.inv(GENERAL)
    np.testing.assert_allclose(found, 2.0 * inverse.T @ inverse @ ONE, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda a: linalg.logm(a), r"scipy\.linalg\.logm is not supported"),
        (lambda a: linalg.lu_factor(a)[0], r"scipy\.linalg\.lu_factor is not supported"),
        (lambda a: linalg.solve(a, a, assume_a="banded"), "assume_a='banded' is not supported"),
        (lambda a: linalg.eigh(a, a)[0], "eigh of two matrices"),
    ],
)
def test_what_is_not_known_is_refused_by_name(call, sentence):
    with pytest.raises(UnsupportedError, match=sentence):
        sd.grad(lambda a: np.sum(call(a)))(DEFINITE)

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


def by_elimination(a, b, trans=0):
    return linalg.lu_solve(linalg.lu_factor(a), b, trans)


ODD = np.array([[0.3, 2.0, -0.4], [1.5, 0.2, 0.7], [0.1, -0.9, 1.2]])  # rows are exchanged
NEAR = ROOT * 0.3 + 2.0 * np.eye(3)
BANDS = DRAW.normal(size=(3, 3)) + np.array([[0.0], [4.0], [0.0]])

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
    "solve_diagonal": (lambda a, b: linalg.solve(a, b, assume_a="diagonal"), GENERAL, ONE),
    "solve_tridiagonal": (lambda a, b: linalg.solve(a, b, assume_a="tridiagonal"), GENERAL, ONE),
    "solve_upper": (lambda a, b: linalg.solve(a, b, assume_a="upper triangular"), GENERAL, ONE),
    "lu_solve": (by_elimination, ODD, TWO),
    "lu_solve_vector": (by_elimination, ODD, ONE),
    "lu_solve_turned": (lambda a, b: by_elimination(a, b, 1), ODD, ONE),
    "lu_solve_known": (lambda b: linalg.lu_solve(linalg.lu_factor(ODD), b), TWO),
    "lu_factor": (lambda a: linalg.lu_factor(a)[0], ODD),
    "lu_logdet": (lambda a: np.log(np.abs(np.diag(linalg.lu_factor(a)[0]))), ODD),
    "lu": (lambda a: np.stack(linalg.lu(a)), ODD),
    "lu_permuted": (lambda a: np.stack(linalg.lu(a, permute_l=True)), ODD),
    "lu_indices": (lambda a: linalg.lu(a, p_indices=True)[1], ODD),
    "qr": (lambda a: np.stack(linalg.qr(a)), ODD),
    "qr_tall": (lambda a: linalg.qr(a, mode="economic")[0], TWO),
    "svd": (lambda a: linalg.svd(a, full_matrices=False)[1], TWO),
    "lstsq": (lambda a, b: linalg.lstsq(a, b)[0], TWO, ONE),
    "eigh_of_two": (lambda a, b: linalg.eigh(a, b)[1] ** 2, DEFINITE, NEAR @ NEAR.T),
    "eigh_of_two_upper": (
        lambda a, b: linalg.eigh(a, b, lower=False)[1] ** 2, DEFINITE, NEAR @ NEAR.T,
    ),
    "eigvalsh_of_two": (lambda a, b: linalg.eigvalsh(a, b), DEFINITE, NEAR @ NEAR.T),
    "sqrtm": (lambda a: linalg.sqrtm(a), NEAR),
    "sqrtm_symmetric": (lambda a: linalg.sqrtm(a @ a.T), NEAR),
    "logm": (lambda a: linalg.logm(a), NEAR),
    "logm_symmetric": (lambda a: linalg.logm(a @ a.T), NEAR),
    "power": (lambda a, t: linalg.fractional_matrix_power(a, t[0]), NEAR, np.array([0.7])),
    "power_whole": (lambda a: linalg.fractional_matrix_power(a, 3), NEAR),
    "expm_frechet": (lambda a, e: linalg.expm_frechet(a, e)[1], NEAR, ROOT),
    **{
        name: (lambda a, name=name: getattr(linalg, name)(a), ROOT)
        for name in "sinm cosm tanm sinhm coshm tanhm".split()
    },
    "solve_toeplitz": (lambda c, b: linalg.solve_toeplitz(c, b), np.array([3.0, 0.4, 0.2]), TWO),
    "solve_toeplitz_rows": (
        lambda c, r, b: linalg.solve_toeplitz((c, r), b), np.array([3.0, 0.4, 0.2]), ONE, TWO,
    ),
    "matmul_toeplitz": (lambda c, b: linalg.matmul_toeplitz(c, b), ONE, TWO),
    "solve_circulant": (lambda c, b: linalg.solve_circulant(c, b), np.array([3.0, 0.4, 0.2]), ONE),
    "solve_banded": (lambda ab, b: linalg.solve_banded((1, 1), ab, b), BANDS, TWO),
    "solveh_banded": (lambda ab, b: linalg.solveh_banded(ab, b), BANDS[:2], ONE),
    "solveh_banded_lower": (
        lambda ab, b: linalg.solveh_banded(ab, b, lower=True), BANDS[1:], ONE,
    ),
    "discrete_lyapunov": (
        lambda a, q: linalg.solve_discrete_lyapunov(a, q), 0.3 * ROOT, DEFINITE,
    ),
    "circulant": (lambda c: linalg.circulant(c), DRAW.normal(size=4)),
}  # fmt: skip


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
        (lambda a: linalg.schur(a)[0], r"scipy\.linalg\.schur is not supported"),
        (lambda a: linalg.lu_factor(a[:2])[0], "a matrix that is not square"),
        (lambda a: linalg.solve(a, a, assume_a="round"), "assume_a='round' is not supported"),
        (lambda a: linalg.qr(a[:, :2])[0], "mode='full' of a tall matrix"),
        (lambda a: linalg.sqrtm(1j * a).real, "sqrtm of a complex matrix"),
    ],
)
def test_what_is_not_known_is_refused_by_name(call, sentence):
    with pytest.raises(UnsupportedError, match=sentence):
        sd.grad(lambda a: np.sum(call(a)))(DEFINITE)

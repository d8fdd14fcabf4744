"""numpy.linalg: values against NumPy, gradients against differences and PyTorch.

What reads one triangle of a symmetric matrix has a symmetric cotangent, and is compared on
(a + a')/2.
"""

import numpy as np
import pytest

from symdiff.errors import ShapeError, UnsupportedError
from tests.frontend.lowering.evaluate import (
    assert_smooth,
    assert_value,
    lines,
    value_and_gradient,
)
from tests.frontend.lowering.peers import assert_as_torch, uniform

INF = np.inf
TOLERANCE = {"rtol": 1e-11, "gradient_rtol": 1e-7, "step": 1e-3}


def called(name, *more, **keywords):
    def expression(library, *args):
        return getattr(library.linalg, name)(*args, *more, **keywords)

    return expression


def turned(library, a):
    return library.einsum("...ij->...ji", a)


def symmetric(library, a):
    return library.add(library.multiply(0.5, a), library.multiply(0.5, turned(library, a)))


def positive(library, a):
    return library.add(library.matmul(a, turned(library, a)), np.eye(a.shape[-1]))


def regular(*shape, seed=0):
    return uniform(shape, seed=seed)[0] + 2.0 * np.eye(shape[-1])


SOLVE = [
    [(3, 3), (3,)], [(3, 3), (3, 2)], [(2, 3, 3), (3,)], [(2, 3, 3), (2, 3, 2)],
    [(2, 3, 3), (3, 2)], [(3, 3), (2, 3, 1)], [(2, 1, 3, 3), (4, 3, 2)],
]  # fmt: skip


@pytest.mark.parametrize("shapes", SOLVE, ids=str)
def test_solve(shapes):
    first, second = shapes
    args = regular(*first), uniform(second, seed=1)[0]
    assert_smooth(called("solve"), *args, **TOLERANCE)
    if len(second) > 1 or len(first) == 2:
        assert_as_torch(called("solve"), lambda torch: torch.linalg.solve, *args)


SQUARE = {
    "inv": (called("inv"), lambda torch: torch.linalg.inv),
    "det": (called("det"), lambda torch: torch.linalg.det),
    "slogdet": (called("slogdet"), lambda torch: lambda a: tuple(torch.linalg.slogdet(a))),
    "pinv": (called("pinv"), lambda torch: torch.linalg.pinv),
    "cond": (called("cond"), lambda torch: torch.linalg.cond),
    "cond of 1": (called("cond", 1), lambda torch: lambda a: _cond(torch, a, 1)),
    "cond of -2": (called("cond", -2), lambda torch: lambda a: torch.linalg.cond(a, -2)),
    "cond of inf": (called("cond", INF), lambda torch: lambda a: _cond(torch, a, INF)),
    "cond of fro": (called("cond", "fro"), lambda torch: lambda a: _cond(torch, a, "fro")),
    "svd": (called("svd"), None),
    "qr": (called("qr"), lambda torch: lambda a: tuple(torch.linalg.qr(a))),
    "complete qr": (called("qr", "complete"), None),
}


def _cond(torch, a, order):
    """PyTorch's own fails where it is differentiated."""
    inverse = torch.linalg.inv(a)
    return torch.linalg.matrix_norm(a, order) * torch.linalg.matrix_norm(inverse, order)


@pytest.mark.parametrize("name", SQUARE)
def test_square_matrices(name):
    expression, peer = SQUARE[name]
    for a in (regular(3, 3), regular(2, 3, 3), -regular(2, 2)[::-1]):
        assert_smooth(expression, a, **TOLERANCE)
        if peer is not None:
            assert_as_torch(expression, peer, a)


def _unsigned(parts):
    """Vectors without their sign, which is the library's choice."""
    return [part * part for part in parts]


SYMMETRIC = {
    "cholesky": lambda np, a: np.linalg.cholesky(positive(np, a)),
    "upper cholesky": lambda np, a: np.linalg.cholesky(positive(np, a), upper=True),
    "eigh": lambda np, a: np.linalg.eigh(symmetric(np, a)),
    "eigh of the upper triangle": lambda np, a: np.linalg.eigh(symmetric(np, a), "U"),
    "eigvalsh": lambda np, a: np.linalg.eigvalsh(symmetric(np, a)),
    "eigvalsh of the upper triangle": lambda np, a: np.linalg.eigvalsh(symmetric(np, a), "U"),
    "named results": lambda np, a: np.linalg.eigh(symmetric(np, a)).eigenvalues,
}


@pytest.mark.parametrize("name", SYMMETRIC)
def test_symmetric_matrices(name):
    for shape in ((3, 3), (2, 3, 3)):
        assert_smooth(SYMMETRIC[name], *uniform(shape, seed=2), **TOLERANCE)


def test_cotangent_by_a_symmetric_part_is_pytorchs():
    """PyTorch's is symmetric, ours that by the triangle that is read: the same by a + a.T."""
    a = symmetric(np, uniform((3, 3), seed=2)[0])
    for name, x in (("cholesky", a @ a + np.eye(3)), ("eigvalsh", a), ("eigh", a)):
        assert_as_torch(
            lambda np, x, name=name: called(name)(np, symmetric(np, x)),
            lambda torch, name=name: lambda s: _parts(torch, name, (s + s.T) / 2),
            x,
        )


def _parts(torch, name, x):
    found = getattr(torch.linalg, name)(x)
    return found if torch.is_tensor(found) else tuple(found)


RECTANGULAR = {
    "pinv": called("pinv"),
    "cond": called("cond"),
    "svdvals": called("svdvals"),
    "svd, values": called("svd", compute_uv=False),
    "svd": called("svd", full_matrices=False),
    "svd without signs": lambda np, a: _unsigned(np.linalg.svd(a, full_matrices=False)),
    "qr": called("qr"),
    "r": called("qr", mode="r"),
    "q": lambda np, a: np.linalg.qr(a)[0],
}
RECTANGULAR_PEERS = {
    "pinv": lambda torch: torch.linalg.pinv,
    "svdvals": lambda torch: torch.linalg.svdvals,
    "svd without signs": lambda torch: (
        lambda a: _unsigned(torch.linalg.svd(a, full_matrices=False))
    ),
    "qr": lambda torch: lambda a: tuple(torch.linalg.qr(a)),
}


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 3, 2), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("name", RECTANGULAR)
def test_rectangular_matrices(name, shape):
    (a,) = uniform(shape, seed=3)
    assert_smooth(RECTANGULAR[name], a, **TOLERANCE)
    if name in RECTANGULAR_PEERS:
        assert_as_torch(RECTANGULAR[name], RECTANGULAR_PEERS[name], a, rtol=1e-8)


@pytest.mark.parametrize(
    "shapes",
    [[(5, 3), (5,)], [(5, 3), (5, 2)], [(3, 3), (3,)], [(2, 4), (2,)], [(2, 4), (2, 3)]],
    ids=str,
)
def test_lstsq(shapes):
    args = uniform(*shapes, seed=3)
    made = lines(called("lstsq"), *args)
    _, residuals, rank, values = made.results
    wanted = np.linalg.lstsq(*args)
    assert rank == wanted[2]
    assert residuals.shape == wanted[1].shape
    assert values.shape == wanted[3].shape
    for part in (0, 1, 3):
        assert_smooth(lambda np, a, b, k=part: np.linalg.lstsq(a, b)[k], *args, **TOLERANCE)
    if shapes[0][0] >= shapes[0][1] and len(shapes[1]) == 2:
        assert_as_torch(
            lambda np, a, b: np.linalg.lstsq(a, b)[0],
            lambda torch: lambda a, b: torch.linalg.lstsq(a, b).solution,
            *args,
        )


# --- norms -------------------------------------------------------------------------------------

VECTOR_ORDERS = (None, 1, 2, INF, -INF, 0, 3, 1.5, -1, 0.5)
MATRIX_ORDERS = (None, "fro", "nuc", 1, -1, 2, -2, INF, -INF)


@pytest.mark.parametrize("ord", VECTOR_ORDERS, ids=str)
def test_vector_norms(ord):
    v, a, c = uniform((5,), (3, 4), (2, 3, 2), seed=5)
    assert_smooth(called("norm", ord), v, **TOLERANCE)
    assert_smooth(called("norm", ord, keepdims=True), v, **TOLERANCE)
    assert_smooth(called("norm", ord, axis=1), a, **TOLERANCE)
    assert_smooth(called("norm", ord, axis=0, keepdims=True), a, **TOLERANCE)
    order = 2 if ord is None else ord
    assert_smooth(called("vector_norm", ord=order), a, **TOLERANCE)
    assert_smooth(called("vector_norm", ord=order, axis=(0, 2), keepdims=True), c, **TOLERANCE)
    assert_as_torch(
        called("norm", order, axis=1),
        lambda torch: lambda x: torch.linalg.vector_norm(x, order, dim=1),
        a,
    )


@pytest.mark.parametrize("ord", MATRIX_ORDERS, ids=str)
def test_matrix_norms(ord):
    a, c = uniform((3, 4), (3, 2, 4), seed=6)
    assert_smooth(called("norm", ord), a, **TOLERANCE)
    assert_smooth(called("norm", ord, axis=(2, 0)), c, **TOLERANCE)
    assert_smooth(called("norm", ord, axis=(0, 1), keepdims=True), c, **TOLERANCE)
    order = "fro" if ord is None else ord
    assert_smooth(called("matrix_norm", ord=order), c, **TOLERANCE)
    assert_smooth(called("matrix_norm", ord=order, keepdims=True), a, **TOLERANCE)
    assert_as_torch(
        called("matrix_norm", ord=order),
        lambda torch: lambda x: torch.linalg.matrix_norm(x, order),
        c,
    )


def test_norms_of_more_axes():
    (c,) = uniform((2, 3, 4))
    assert_smooth(called("norm"), c, **TOLERANCE)
    assert_smooth(called("norm", keepdims=True), c, **TOLERANCE)
    assert_smooth(called("vector_norm", axis=(0, 1, 2)), *uniform((2, 3, 2, 2)), **TOLERANCE)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5])
def test_the_gradient_of_a_norm_at_the_origin_is_zero(ord):
    _, (found,) = value_and_gradient(called("norm", ord), np.zeros(3), weights=[1.0])
    np.testing.assert_array_equal(found, np.zeros(3))


def test_the_determinant_of_singular_matrices():
    for rank in (2, 1):
        a = np.diag([1.0, 2.0, 3.0][:rank] + [0.0] * (3 - rank)) @ regular(3, 3)
        assert_smooth(called("det"), regular(3, 3) @ a, **TOLERANCE)


# --- named lengths, refusals -------------------------------------------------------------------

NAMED = {
    "solve": (called("solve"), [("N", "N"), ("N",)]),
    "solve of columns": (called("solve"), [("N", "N"), ("N", 2)]),
    "inv": (called("inv"), [("N", "N")]),
    "det": (called("det"), [("N", "N")]),
    "slogdet": (called("slogdet"), [("N", "N")]),
    "eigvalsh": (SYMMETRIC["eigvalsh"], [("N", "N")]),
    "norm": (called("norm"), [("N", 3)]),
    "norm of rows": (called("norm", axis=1), [("N", 3)]),
    "norm of columns": (called("norm", 1), [("N", 3)]),
    "lstsq": (lambda np, a, b: np.linalg.lstsq(a, b)[:2], [("N", 3), ("N",)]),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_lengths(name):
    expression, shapes = NAMED[name]
    for count in (4, 5):
        numbers = [tuple(count if n == "N" else n for n in shape) for shape in shapes]
        args = uniform(*numbers, seed=count)
        if shapes[0] == ("N", "N"):
            args[0] += 2.0 * np.eye(count)
        assert_smooth(expression, *args, shapes=shapes, **TOLERANCE)


REFUSALS = {
    "matrix_rank": (called("matrix_rank"), "linalg.matrix_rank is not supported"),
    "tensorsolve": (called("tensorsolve"), "linalg.tensorsolve is not supported"),
    "full svd": (called("svd"), "full_matrices=False"),
    "hermitian svd": (called("svd", hermitian=True), "hermitian"),
    "complete qr": (called("qr", "complete"), "mode='reduced'"),
    "pinv with rcond": (called("pinv", 1e-3), "rcond"),
    "lstsq with rcond": (lambda np, a: np.linalg.lstsq(a, a, rcond=0.1), "rcond"),
    "norm": (called("norm", "nuk"), "no norm of the order"),
    "vector norm": (called("norm", "fro", axis=0), "no norm of the order"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(name):
    expression, message = REFUSALS[name]
    with pytest.raises(UnsupportedError, match=message):
        lines(expression, np.ones((4, 2)))


WRONG = {
    "inv": (called("inv"), "square"),
    "det of a vector": (lambda np, a: np.linalg.det(np.sum(a, axis=0)), "takes a matrix"),
    "solve": (lambda np, a: np.linalg.solve(np.matmul(a, turned(np, a)), [1.0, 2.0]), "fit"),
    "norm": (called("norm", 1, axis=(0, 0)), "two axes that differ"),
    "lstsq": (lambda np, a: np.linalg.lstsq(a, [1.0, 2.0]), "do not fit together"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_shapes(name):
    expression, message = WRONG[name]
    with pytest.raises(ShapeError, match=message):
        assert_value(expression, np.ones((4, 2)))

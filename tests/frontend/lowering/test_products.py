"""Products, Einstein sums, convolutions, polynomials, covariance and interpolation."""

import numpy as np
import pytest

from symdiff.errors import ShapeError, UnsupportedError
from tests.frontend.lowering.evaluate import assert_smooth, assert_value, text, value_and_gradient
from tests.frontend.lowering.peers import assert_as_torch, uniform


def called(name, *more, **keywords):
    def expression(library, *args):
        found = library
        for part in name.split("."):
            found = getattr(found, part)
        return found(*args, *more, **keywords)

    return expression


MATMUL = [
    [(3,), (3,)], [(2, 3), (3,)], [(3,), (3, 4)], [(2, 3), (3, 4)], [(5, 2, 3), (3, 4)],
    [(5, 2, 3), (5, 3, 4)], [(1, 2, 3), (5, 3, 4)], [(3,), (5, 3, 4)], [(5, 2, 3), (3,)],
    [(2, 1, 2, 3), (4, 3, 2)],
]  # fmt: skip


@pytest.mark.parametrize("shapes", MATMUL, ids=str)
def test_matmul(shapes):
    args = uniform(*shapes)
    assert_smooth(called("matmul"), *args)
    assert_smooth(called("linalg.matmul") if min(map(len, shapes)) > 1 else called("matmul"), *args)
    assert_as_torch(called("matmul"), lambda torch: torch.matmul, *args)


PRODUCTS = {
    "dot": [[(3,), (3,)], [(2, 3), (3,)], [(2, 3), (3, 4)], [(2, 3, 2), (4, 2, 3)], [(), (2, 2)],
            [(3,), (2, 3, 2)]],
    "vdot": [[(3,), (3,)], [(2, 3), (2, 3)]],
    "inner": [[(3,), (3,)], [(2, 3), (4, 3)], [(2, 2, 3), (3,)], [(2, 3), ()]],
    "outer": [[(3,), (4,)], [(2, 3), (2,)]],
    "linalg.outer": [[(3,), (4,)], [(2,), (2,)]],
    "vecdot": [[(2, 3), (3,)], [(4, 1, 3), (2, 3)]],
    "linalg.vecdot": [[(2, 3), (2, 3)], [(3,), (3,)]],
    "matvec": [[(2, 3, 4), (4,)], [(3, 4), (2, 4)]],
    "vecmat": [[(3,), (3, 4)], [(2, 3), (5, 1, 3, 4)]],
    "kron": [[(2, 3), (3, 2)], [(2,), (3,)], [(2,), (2, 3)], [(2, 1, 2), (3,)]],
    "cross": [[(3,), (3,)], [(4, 3), (3,)], [(4, 1, 3), (5, 3)]],
    "linalg.cross": [[(3,), (3,)], [(4, 3), (4, 3)]],
    "tensordot": [[(2, 3, 4), (3, 4, 2)], [(2, 3), (2, 3)]],
    "convolve": [[(5,), (3,)], [(2,), (4,)], [(3,), (1,)]],
    "polyval": [[(4,), (2, 3)], [(3,), ()]],
    "cov": [[(3, 5)], [(5,)], [(5,), (5,)], [(2, 4), (2, 4)]],
    "corrcoef": [[(3, 5)], [(5,), (5,)]],
    "vander": [[(3,)], [(4,)]],
}  # fmt: skip
PEERS = {
    "dot": [(3,), (3,)],
    "vdot": [(4,), (4,)],
    "inner": [(2, 3), (4, 3)],
    "outer": [(3,), (4,)],
    "kron": [(2, 1, 2), (3, 2, 1)],
    "tensordot": [(2, 3), (2, 3)],
    "cov": [(3, 5)],
    "corrcoef": [(3, 5)],
    "linalg.vecdot": [(4, 3), (4, 3)],
    "linalg.cross": [(4, 3), (4, 3)],
}


@pytest.mark.parametrize(
    ("name", "shapes"), [(n, s) for n, all_shapes in PRODUCTS.items() for s in all_shapes], ids=str
)
def test_products(name, shapes):
    assert_smooth(called(name), *uniform(*shapes, seed=5), rtol=1e-14)


@pytest.mark.parametrize("name", PEERS)
def test_products_as_pytorch(name):
    args = uniform(*PEERS[name], seed=5)
    assert_as_torch(called(name), lambda torch: lambda *x: called(name)(torch, *x), *args)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("shapes", [[(2,), (2,)], [(5, 2), (5, 2)], [(2,), (3,)], [(3,), (2,)]])
def test_vector_products_of_two_numbers(shapes):
    assert_smooth(called("cross"), *uniform(*shapes))


KEYWORDS = {
    "cross, axis": (called("cross", axis=0), [(3, 4), (3, 4)]),
    "cross, axes": (called("cross", axisa=0, axisc=0), [(3, 4), (4, 3)]),
    "linalg.cross, axis": (called("linalg.cross", axis=0), [(3, 2), (3, 2)]),
    "vecdot, axis": (called("linalg.vecdot", axis=0), [(3, 2), (3, 2)]),
    "tensordot, one": (called("tensordot", 1), [(2, 3), (3, 2)]),
    "tensordot, none": (called("tensordot", 0), [(2,), (3,)]),
    "tensordot, pairs": (called("tensordot", axes=([0, 2], [1, 0])), [(2, 3, 4), (4, 2, 3)]),
    "tensordot, a pair": (called("tensordot", axes=(0, -1)), [(2, 3), (4, 2)]),
    "vander, N": (called("vander", 2), [(3,)]),
    "vander, increasing": (called("vander", N=4, increasing=True), [(3,)]),
    "vander, one": (lambda np, x: np.multiply(np.vander(x, 1), np.sum(x)), [(3,)]),
    "polyval of a list": (lambda np, p, x: np.polyval([1, 2.0, np.sum(p)], x), [(2,), (3,)]),
    "cov, columns": (called("cov", rowvar=False, bias=True), [(5, 3)]),
    "cov, ddof": (called("cov", ddof=2), [(3, 5)]),
    "cov, two of columns": (lambda np, x, y: np.cov(x, y, rowvar=False), [(5, 2), (5, 2)]),
    "cov, frequencies": (called("cov", fweights=[1, 2, 3, 1, 2]), [(3, 5)]),
    "corrcoef, columns": (called("corrcoef", rowvar=False), [(5, 3)]),
    "multi_dot": (lambda np, a, b: np.linalg.multi_dot([a, b]), [(2, 3), (3, 4)]),
    "multi_dot of three": (lambda np, a, b, c: np.linalg.multi_dot([a, b, c]),
                           [(2, 3), (3, 4), (4, 2)]),
    "multi_dot between vectors": (lambda np, a, b, c, d: np.linalg.multi_dot([a, b, c, d]),
                                  [(3,), (3, 4), (4, 2), (2,)]),
    "multi_dot from a vector": (lambda np, a, b, c: np.linalg.multi_dot([a, b, c]),
                                [(3,), (3, 4), (4, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYWORDS)
def test_keywords(name):
    expression, shapes = KEYWORDS[name]
    assert_smooth(expression, *uniform(*shapes, seed=2), rtol=1e-14)


@pytest.mark.parametrize("keywords", [{}, {"ddof": 0}, {"fweights": [1, 2, 3, 1, 2]}], ids=str)
def test_cov_with_weights(keywords):
    (x,), (w,) = uniform((3, 5)), uniform((5,), low=0.3)
    assert_smooth(lambda np, x, w: np.cov(x, aweights=w, **keywords), x, w, step=1e-3, rtol=1e-14)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 3, 5, 6])
def test_matrix_power(n):
    for shape in ((3, 3), (2, 2, 2)):
        x = uniform(shape)[0] + 2.0 * np.eye(shape[-1])
        assert_smooth(
            lambda np, x: np.linalg.matrix_power(x, n) * x, x, rtol=1e-11, gradient_rtol=1e-7
        )
        assert_as_torch(
            called("linalg.matrix_power", n),
            lambda torch: lambda y: torch.linalg.matrix_power(y, n) + 0.0 * y,
            x,
            rtol=1e-7,
        )


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_convolution_modes(name, mode):
    for n, m in ((5, 3), (3, 5), (4, 4), (6, 2), (2, 6), (7, 4), (4, 7), (3, 1)):
        assert_smooth(called(name, mode), *uniform((n,), (m,)), rtol=1e-14)


# --- Einstein's sums ---------------------------------------------------------------------------

SUMS = {
    "ij,jk->ik": [(2, 3), (3, 4)],
    "ij,jk": [(2, 3), (3, 4)],
    "ij->ji": [(2, 3)],
    "ij->": [(2, 3)],
    "ij->j": [(2, 3)],
    "ba": [(2, 3)],
    "ii->i": [(3, 3)],
    "ii": [(3, 3)],
    "ijj->i": [(2, 3, 3)],
    "iij->ij": [(3, 3, 2)],
    "iji->j": [(3, 2, 3)],
    "iii->": [(2, 2, 2)],
    "ij,ij->": [(2, 3), (2, 3)],
    "ij,ij->i": [(2, 3), (2, 3)],
    "i,j->ij": [(2,), (3,)],
    "i,i": [(3,), (3,)],
    "ij,ji->": [(2, 3), (3, 2)],
    "ij,kl->": [(2, 3), (2, 2)],
    "ij,k->ij": [(2, 3), (2,)],
    ",ij->ij": [(), (2, 3)],
    "bij,bjk->bik": [(2, 3, 4), (2, 4, 3)],
    "...ij,...jk->...ik": [(5, 1, 2, 3), (4, 3, 2)],
    "ij...,jk...->ik...": [(2, 3, 2), (3, 4, 2)],
    "...i->...": [(2, 3)],
    "i...->...": [(2, 3, 2)],
    "...ii->...i": [(2, 3, 3)],
    "...,...": [(4, 1), (3,)],
    " i j , j k ->i k ": [(2, 3), (3, 2)],
    "ij,jk->ik ": [(2, 1), (3, 2)],
    "ij,ij->ij": [(2, 1), (1, 3)],
    "ii,ij,j->i": [(3, 3), (3, 2), (2,)],
    "ij,jk,kl->il": [(2, 3), (3, 4), (4, 2)],
    "ab,ac,ad->bcd": [(2, 3), (2, 4), (2, 2)],
    "i,ij,jk,k->": [(2,), (2, 3), (3, 4), (4,)],
    "ij,jk,kl,lm,mi->": [(2, 3), (3, 2), (2, 4), (4, 2), (2, 2)],
}


@pytest.mark.parametrize("letters", SUMS)
def test_einsum(letters):
    args = uniform(*SUMS[letters], seed=7)

    def expression(library, *arrays):
        return library.einsum(letters, *arrays)

    assert_smooth(expression, *args, rtol=1e-14)
    assert_as_torch(expression, lambda torch: lambda *x: torch.einsum(letters, *x), *args)


LISTS = {
    "two": (lambda np, a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), [(2, 3), (3, 4)]),
    "no result": (lambda np, a, b: np.einsum(a, [0, 1], b, [1, 2]), [(2, 3), (3, 4)]),
    "dots": (lambda np, a, b: np.einsum(a, [..., 0, 1], b, [1, 2], [..., 0, 2]),
             [(5, 2, 3), (3, 4)]),
    "a trace": (lambda np, a: np.einsum(a, [0, 0]), [(3, 3)]),
    "optimize": (lambda np, a, b: np.einsum("ij,j", a, b, optimize=True), [(2, 3), (3,)]),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_einsum_of_lists(name):
    expression, shapes = LISTS[name]
    assert_smooth(expression, *uniform(*shapes), rtol=1e-14)


# --- interpolation -----------------------------------------------------------------------------

NODES = np.array([0.0, 0.5, 1.2, 2.0, 3.1])
PLACES = np.array([[-0.5, 0.2, 0.7], [1.9, 2.4, 3.5]])
INTERPOLATIONS = {
    "all": lambda np, x, xp, fp: np.interp(x, xp, fp),
    "of a number": lambda np, x, xp, fp: np.interp(np.sum(x) / 8.0, xp, fp),
    "outside": lambda np, x, xp, fp: np.interp(x, xp, fp, left=-1.5, right=2.0),
    "outside, computed": lambda np, x, xp, fp: np.interp(x, xp, fp, left=np.sum(x)),
    "known nodes": lambda np, x, xp, fp: np.interp(x, [0.0, 1.0, 3.0], [1, 2, 5]),
    "one node": lambda np, x, xp, fp: np.interp(x, [0.3], [2.0]) * x,
}


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_interp(name):
    (values,) = uniform((5,))
    assert_smooth(INTERPOLATIONS[name], PLACES, NODES, values, step=1e-2, rtol=1e-14)


def test_interp_at_its_nodes():
    (values,) = uniform((5,))
    assert_value(INTERPOLATIONS["all"], NODES, NODES, values, rtol=1e-15)
    _, gradient = value_and_gradient(
        INTERPOLATIONS["all"], NODES[1:2], NODES, values, weights=[np.ones(1)]
    )
    slope = (values[2] - values[1]) / (NODES[2] - NODES[1])  # the derivative from the right
    assert gradient[0] == pytest.approx(slope)


# --- other kinds, named lengths, refusals --------------------------------------------------------

WHOLE = np.arange(6).reshape(2, 3)


@pytest.mark.parametrize("name", ["matmul", "dot"])
def test_products_of_whole_numbers_and_truths(name):
    assert_value(called(name), WHOLE, WHOLE.T)
    assert_value(called(name), WHOLE > 2, WHOLE.T > 1)
    assert_value(called(name), WHOLE > 2, WHOLE.T)
    assert_smooth(called(name), WHOLE > 2, *uniform((3, 2)))
    assert_smooth(called(name), WHOLE, *uniform((3, 2)))


@pytest.mark.parametrize("name", ["kron", "inner", "vecdot", "cross", "vdot", "outer"])
def test_other_products_of_whole_numbers(name):
    assert_value(called(name), WHOLE, WHOLE[::-1])


def test_convolutions_of_whole_numbers():
    assert_value(called("convolve"), WHOLE[0], WHOLE[1])
    assert_value(called("correlate"), WHOLE[0] > 1, WHOLE[1])


NAMED = {
    "a loss": (lambda np, x, w, y: np.mean((np.matmul(x, w) - y) ** 2.0), [("N", 3), (3,), ("N",)]),
    "a Gram matrix": (lambda np, x: np.einsum("ni,nj->ij", x, x), [("N", 3)]),
    "three operands": (lambda np, x, y: np.einsum("ni,nj,n->ij", x, x, y), [("N", 3), ("N",)]),
    "outer": (lambda np, x, y: np.outer(x, y), [("N",), (3,)]),
    "kron": (lambda np, x, y: np.kron(x, y), [("N",), (3,)]),
    "cross": (lambda np, x, y: np.cross(x, y), [("N", 3), (3,)]),
    "cov": (lambda np, x: np.cov(x, rowvar=False), [("N", 3)]),
    "corrcoef": (lambda np, x: np.corrcoef(x, rowvar=False), [("N", 3)]),
    "convolve": (lambda np, x, y: np.convolve(x, y), [("N",), (3,)]),
    "vander": (lambda np, x: np.vander(x, 3), [("N",)]),
    "multi_dot": (lambda np, x, y: np.linalg.multi_dot([x, y, x]), [("N", 3), (3, "N")]),
    "matrix_power": (lambda np, x: np.linalg.matrix_power(x, 3), [("N", "N")]),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_lengths(name):
    expression, shapes = NAMED[name]
    for count in (4, 5):
        numbers = [tuple(count if n == "N" else n for n in shape) for shape in shapes]
        assert_smooth(expression, *uniform(*numbers), shapes=shapes, rtol=1e-12)


def test_idiomatic_text():
    x, y = uniform((4, 3), (3, 2))
    for expression, written in (
        (lambda np, x, y: np.matmul(x, y), "x0 @ x1"),
        (lambda np, x, y: np.einsum("ij,jk->ik", x, y), "x0 @ x1"),
        (lambda np, x, y: np.tensordot(x, y, 1), "x0 @ x1"),
    ):
        assert written in text(expression, x, y)


WRONG = {
    "matmul": (lambda np, x: np.matmul(x, np.ones((1, 3))), "differ"),
    "matmul of a number": (lambda np, x: np.matmul(x, 2.0), "takes arrays"),
    "dot": (lambda np, x: np.dot(x, np.ones(3)), "differ"),
    "einsum": (lambda np, x: np.einsum("ij,jk->ik", x, np.ones((5, 2))), "stands for 2 and for 5"),
    "letters": (lambda np, x: np.einsum("ijk->i", x), "3 letters"),
    "operands": (lambda np, x: np.einsum("ij,jk->ik", x), "2 operands"),
    "a result twice": (lambda np, x: np.einsum("ij->ii", x), "each found once"),
    "a result without dots": (lambda np, x: np.einsum("i...->i", x), "no place"),
    "a diagonal": (lambda np, x: np.einsum("ii", x), "lengths that differ"),
    "cross": (lambda np, x: np.cross(x, np.ones(4)), "2 or 3 numbers"),
    "matrix_power": (lambda np, x: np.linalg.matrix_power(x, 2), "square"),
    "convolve": (lambda np, x: np.convolve(x, x), "two vectors"),
    "interp": (lambda np, x: np.interp(x, [0.0, 1.0], [1.0]), "of one length"),
    "tensordot": (lambda np, x: np.tensordot(x, x, 3), "over 3 axes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_shapes(name):
    expression, message = WRONG[name]
    with pytest.raises(ShapeError, match=message):
        assert_value(expression, np.ones((3, 2)))


def test_refused():
    with pytest.raises(UnsupportedError, match="period"):
        assert_value(lambda np, x: np.interp(x, [0.0, 1.0], [1.0, 2.0], period=2.0), np.ones(3))
    with pytest.raises(UnsupportedError, match="modes"):
        assert_value(called("convolve", "half"), np.ones(3), np.ones(2))
    with pytest.raises(UnsupportedError, match="length that is a number"):
        assert_value(called("convolve", "same"), np.ones(5), np.ones(3), shapes=[("N",), (3,)])

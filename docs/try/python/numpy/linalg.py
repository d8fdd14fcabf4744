"""Linear algebra on the matrices of stacks, by mpmath's algorithms, rounded to floats.

Eigenvectors and singular vectors may have other signs than NumPy's.
"""

import math

from mpmath.ctx_mp import MPContext

from numpy.arrays import asarray, made
from numpy.axes import reduced
from numpy.functions import abs, log, sign
from numpy.kinds import ArraysError, Number
from numpy.making import ndindex, stack

mp = MPContext()
mp.prec = 80


class LinAlgError(ValueError):
    """A matrix has no such inverse or factor."""


def norm(value, axis=None, keepdims=False):
    value = asarray(value)
    if isinstance(value, Number):
        return abs(value)
    return reduced(value, axis, keepdims, lambda line: math.hypot(*line))


vector_norm = norm


def _of_matrices(function):
    """A function of matrices of a stack, which gives a list of matrices, vectors or numbers."""

    def computed(*given):
        arrays = [asarray(x) for x in given]
        batch = arrays[0].shape[:-2]
        results = []
        for at in ndindex(batch):
            try:
                found = function(*[mp.matrix(x[at].tolist()) for x in arrays])
            except (ZeroDivisionError, ValueError) as error:
                raise LinAlgError(str(error).capitalize()) from None
            results.append([_as_array(part) for part in found])
        columns = [stack(column) for column in zip(*results, strict=True)]
        return [column.reshape((*batch, *column.shape[1:])) for column in columns]

    return computed


def _as_array(found):
    if isinstance(found, mp.matrix):
        return made(map(_rounded, found), (found.rows, found.cols))
    return asarray([*map(_rounded, found)] if isinstance(found, list) else _rounded(found))


def _rounded(x):
    return complex(x) if isinstance(x, mp.mpc) else float(x)


# --- in many digits -------------------------------------------------------------------------------


def _inverse(a):
    if not mp.det(a):
        raise ZeroDivisionError("singular matrix")
    return [mp.inverse(a)]


def _symmetric(a):
    """The symmetric matrix with the same lower triangle, which is what NumPy reads."""
    found = a.copy()
    for row in range(a.rows):
        for column in range(row):
            found[column, row] = a[row, column]
    return found


def _eigh(a):
    values, vectors = mp.eigsy(_symmetric(a))
    order = sorted(range(a.rows), key=lambda k: values[k])
    return [values[k] for k in order], _columns(vectors, order)


def _svd(a):
    if a.rows < a.cols:
        u, values, v = _svd(a.T)
        return v.T, values, u.T
    u, values, v = mp.svd_r(a)
    order = sorted(range(a.cols), key=lambda k: -values[k])
    return _columns(u, order), [values[k] for k in order], _columns(v.T, order).T


def _columns(matrix, order):
    return mp.matrix([[matrix[row, k] for k in order] for row in range(matrix.rows)])


_inv = _of_matrices(_inverse)
_det = _of_matrices(lambda a: [mp.det(a)])
_cholesky = _of_matrices(lambda a: [mp.cholesky(_symmetric(a))])
_solve = _of_matrices(lambda a, b: [_inverse(a)[0] * b])
_eigenvalues = _of_matrices(_eigh)
_singular_values = _of_matrices(_svd)
qr = _of_matrices(lambda a: mp.qr(a, mode="skinny"))

# --- as NumPy has them ----------------------------------------------------------------------------


def inv(a):
    return _inv(a)[0]


def det(a):
    return _det(a)[0]


def cholesky(a):
    return _cholesky(a)[0]


def solve(a, b):
    a, b = asarray(a), asarray(b)
    if b.ndim == 1:
        return _solve(a, b.reshape((-1, 1)))[0].reshape(-1)
    return _solve(a, b)[0]


def slogdet(a):
    found = det(a)
    return sign(found), log(abs(found))


def eigh(a, UPLO="L"):
    a = asarray(a)
    return _eigenvalues(a if UPLO == "L" else a.swapaxes(-2, -1))


def svd(a, full_matrices=True):
    if full_matrices:
        raise ArraysError("np.linalg.svd(full_matrices=True)")
    return _singular_values(a)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ArraysError(f"np.linalg.{name}")

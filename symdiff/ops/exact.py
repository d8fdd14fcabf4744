"""Operations on arrays in many digits: NumPy's object arrays of mpmath's numbers.

A formula takes a context of mpmath's, the parameters and the arrays. NumPy moves, adds and sorts
objects as it does floats; linear algebra is mpmath's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any  # mpmath's numbers have no types

Function = Callable[..., Any]


def unchanged(mp: Any, x: Any) -> Any:
    """The argument itself; the parts of a decomposition start from the matrix."""
    return x


def reduced(name: str) -> Function:
    """NumPy's reduction over axes, by the name of its method."""

    def formula(mp: Any, axes: tuple[int, ...], keepdims: bool, x: Any) -> Any:  # noqa: FBT001
        return getattr(x, name)(axis=axes, keepdims=keepdims)

    return formula


def of_numpy(name: str, **keywords: Any) -> Function:
    """NumPy's function of the parameters and arguments, by its name."""

    def formula(mp: Any, *given: Any) -> Any:
        import numpy as np

        return getattr(np, name)(*given, **keywords)

    return formula


def along(name: str, **keywords: Any) -> Function:
    """NumPy's function along one axis, by its name."""
    of_axis = of_numpy(name, **keywords)
    return lambda mp, axis, x: of_axis(mp, x, axis)


def joined(mp: Any, axis: int, *arrays: Any) -> Any:
    """The arrays one after the other."""
    import numpy as np

    return np.concatenate(arrays, axis)


def norm(mp: Any, axes: tuple[int, ...], keepdims: bool, x: Any) -> Any:  # noqa: FBT001
    """The Euclidean length."""
    return _each(mp.sqrt, (x * x).sum(axis=axes, keepdims=keepdims))


def logsumexp(mp: Any, axes: tuple[int, ...], keepdims: bool, x: Any) -> Any:  # noqa: FBT001
    """The logarithm of the sum of exponentials: nothing overflows in many digits."""
    return _each(mp.ln, _each(mp.exp, x).sum(axis=axes, keepdims=keepdims))


def _each(function: Function, x: Any) -> Any:
    import numpy as np

    return np.frompyfunc(function, 1, 1)(x)


def root(mp: Any, function: Function, name: str, *given: Any) -> Any:
    """Where a function is 0, from the floats of SciPy's function of this name on."""
    from scipy import special

    start = mp.mpf(float(getattr(special, name)(*[float(x) for x in given])))
    if not mp.isfinite(start):
        raise ValueError(f"{name} is not finite there")
    # two more points: the step of a secant is an error of SciPy's, relative to what it found
    near = start * (1 + mp.mpf(2) ** -40) if start else mp.mpf(2) ** -40
    return mp.findroot(function, (start, near), solver="secant", tol=mp.power(mp.eps, 1.8))


# --- linear algebra ----------------------------------------------------------------------------


@dataclass(frozen=True)
class OfMatrices:
    """A function of mpmath's matrices, on every matrix of stacks.

    Args:
        function: `(mp, *matrices)`.
        count: how many of the arguments it takes; all if not given. A part of a decomposition is
            a function of the matrix itself.
    """

    function: Function
    count: int | None = None

    def __call__(self, mp: Any, *given: Any) -> Any:
        """The elements in their order: of an empty stack there is no shape to find."""
        import numpy as np

        stacks = given[: self.count]
        found = [
            _listed(self.function(mp, *[mp.matrix(x[at].tolist()) for x in stacks]))
            for at in np.ndindex(stacks[0].shape[:-2])
        ]
        return np.array(found, object)


def _listed(result: Any) -> Any:
    return result.tolist() if hasattr(result, "tolist") else result


def _det(mp: Any, a: Any) -> Any:
    """By elimination: mpmath's own stumbles over columns of zeros."""
    a, product = a.copy(), mp.one
    for k in range(a.rows):
        pivot = max(range(k, a.rows), key=lambda row: abs(a[row, k]))
        if not a[pivot, k]:
            return mp.zero
        for column in range(a.cols):
            a[k, column], a[pivot, column] = a[pivot, column], a[k, column]
        product *= a[k, k] if pivot == k else -a[k, k]
        for row in range(k + 1, a.rows):
            factor = a[row, k] / a[k, k]
            for column in range(k, a.cols):
                a[row, column] -= factor * a[k, column]
    return product


def _eliminated(mp: Any, a: Any) -> tuple[Any, Any, list[int]]:
    """Both factors in one matrix, the matrix that exchanges rows, and the pivots."""
    a, exchanges, pivots = a.copy(), mp.eye(a.rows), []
    for k in range(a.rows):
        pivot = max(range(k, a.rows), key=lambda row: abs(a[row, k]))
        pivots.append(pivot)
        for matrix in (a, exchanges):
            for column in range(a.cols):
                kept = matrix[k, column]
                matrix[k, column], matrix[pivot, column] = matrix[pivot, column], kept
        for row in range(k + 1, a.rows):
            a[row, k] /= a[k, k]
            for column in range(k + 1, a.cols):
                a[row, column] -= a[row, k] * a[k, column]
    return a, exchanges, pivots


def _inverse(mp: Any, a: Any) -> Any:
    if not _det(mp, a):
        raise ZeroDivisionError("the matrix is singular")
    return mp.inverse(a)


def _pinv(mp: Any, a: Any) -> Any:
    if a.rows < a.cols:
        return _pinv(mp, a.T).T
    return _inverse(mp, a.T * a) * a.T


def _symmetric(a: Any) -> Any:
    """The symmetric matrix with the same lower triangle, which is what NumPy reads."""
    found = a.copy()
    for row in range(a.rows):
        for column in range(row):
            found[column, row] = a[row, column]
    return found


def _signs(mp: Any, vectors: Any, floats: Any) -> Any:
    """The diagonal matrix that turns columns as NumPy has them: either sign would be right."""
    signs = []
    for column in range(vectors.cols):
        row = max(range(vectors.rows), key=lambda row: abs(vectors[row, column]))
        signs.append(1 if (vectors[row, column] > 0) == (floats[row, column] > 0.0) else -1)
    return mp.diag(signs)


def _decomposed(name: str, a: Any, **keywords: Any) -> Any:
    """NumPy's decomposition of the nearest floats."""
    import numpy as np

    return getattr(np.linalg, name)(np.array(a.tolist(), float), **keywords)


def _sorted_eigenvectors(mp: Any, a: Any, *, sign: int) -> tuple[list[Any], Any]:
    values, vectors = mp.eigsy(a)
    order = sorted(range(len(values)), key=lambda k: sign * values[k])
    columns = [[vectors[row, k] for k in order] for row in range(a.rows)]
    return [values[k] for k in order], mp.matrix(columns)


def _eigenvectors(mp: Any, a: Any) -> Any:
    _, vectors = _sorted_eigenvectors(mp, _symmetric(a), sign=1)
    return vectors * _signs(mp, vectors, _decomposed("eigh", a)[1])


def _singular_vectors(mp: Any, a: Any) -> tuple[Any, Any]:
    """The left ones and the right ones, as columns; of a pair both are turned or neither."""
    tall = a if a.rows >= a.cols else a.T
    squares, inner = _sorted_eigenvectors(mp, tall.T * tall, sign=-1)
    outer = tall * inner * mp.diag([1 / mp.sqrt(square) for square in squares])
    left, right = (outer, inner) if tall is a else (inner, outer)
    signs = _signs(mp, left, _decomposed("svd", a, full_matrices=False)[0])
    return left * signs, right * signs


def _qr(mp: Any, a: Any) -> tuple[Any, Any]:
    q, r = mp.qr(a, mode="skinny")
    signs = _signs(mp, q, _decomposed("qr", a)[0])
    return q * signs, signs * r


def _general(mp: Any, a: Any) -> tuple[list[Any], Any]:
    """Eigenvalues and vectors of the length 1, in the order and of the signs of NumPy's."""
    values, vectors = mp.eig(a)
    floats, columns = _decomposed("eig", a)
    order = _nearest(values, floats)
    found = mp.matrix([[mp.re(vectors[row, k]) for k in order] for row in range(a.rows)])
    sizes = [mp.norm(found[:, k]) for k in range(a.rows)]
    found = found * mp.diag([1 / size for size in sizes])
    return [mp.re(values[k]) for k in order], found * _signs(mp, found, columns)


def _nearest(numbers: Any, floats: Any) -> list[int]:
    """For each float the place of the number that it is nearest to."""
    left, found = list(range(len(numbers))), []
    for value in floats:
        found.append(min(left, key=lambda k: abs(complex(numbers[k]) - complex(value))))
        left.remove(found[-1])
    return found


def roots(mp: Any, p: Any) -> Any:
    """The roots of polynomials along the last axis, in the order of NumPy's."""
    import numpy as np

    found = np.empty((*p.shape[:-1], p.shape[-1] - 1), object)
    for at in np.ndindex(p.shape[:-1]):
        numbers = mp.polyroots(list(p[at]), maxsteps=200, extraprec=4 * mp.prec)
        order = _nearest(numbers, np.roots(np.array(p[at], float)))
        found[at] = [mp.mpc(numbers[k]) for k in order]
    return found


def _eigenvalues(mp: Any, a: Any) -> list[Any]:
    return sorted(mp.eigsy(_symmetric(a), eigvals_only=True))


def _singular_values(mp: Any, a: Any) -> list[Any]:
    tall = a if a.rows >= a.cols else a.T
    return sorted(mp.svd_r(tall, compute_uv=False), reverse=True)


inv = OfMatrices(_inverse)
expm = OfMatrices(lambda mp, a: mp.expm(a))
sqrtm = OfMatrices(lambda mp, a: mp.sqrtm(a))
logm = OfMatrices(lambda mp, a: mp.logm(a))
lu_factors = OfMatrices(lambda mp, a: _eliminated(mp, a)[0], 1)
lu_exchanges = OfMatrices(lambda mp, a: _eliminated(mp, a)[1], 1)
lu_pivots = OfMatrices(lambda mp, a: _eliminated(mp, a)[2], 1)
solve = OfMatrices(lambda mp, a, b: _inverse(mp, a) * b)
pinv = OfMatrices(_pinv)
lstsq = OfMatrices(lambda mp, a, b: _pinv(mp, a) * b)
det = OfMatrices(_det)
logabsdet = OfMatrices(lambda mp, a: mp.ln(abs(_det(mp, a))), 1)
signdet = OfMatrices(lambda mp, a: mp.sign(_det(mp, a)), 1)
cholesky = OfMatrices(lambda mp, a: mp.cholesky(_symmetric(a)))
eigenvalues = OfMatrices(_eigenvalues, 1)
eigenvectors = OfMatrices(_eigenvectors, 1)
general_values = OfMatrices(lambda mp, a: _general(mp, a)[0], 1)
general_vectors = OfMatrices(lambda mp, a: _general(mp, a)[1], 1)
svd_values = OfMatrices(_singular_values, 1)
svd_left = OfMatrices(lambda mp, a: _singular_vectors(mp, a)[0], 1)
svd_right = OfMatrices(lambda mp, a: _singular_vectors(mp, a)[1].T, 1)
qr_orthogonal = OfMatrices(lambda mp, a: _qr(mp, a)[0], 1)
qr_triangular = OfMatrices(lambda mp, a: _qr(mp, a)[1], 1)

"""Operations on arrays in many digits: NumPy's object arrays of mpmath's numbers.

NumPy moves, adds and sorts objects as it does floats; linear algebra is mpmath's.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any  # mpmath's numbers have no types

from symdiff.ops.creation import made_array

Function = Callable[..., Any]

DECOMPOSITIONS = frozenset(("slogdet", "eigh", "svd", "qr"))  # several results in one line


# --- what NumPy does with objects --------------------------------------------------------------


def _key(pattern: Sequence[tuple[Any, ...]], arrays: Sequence[Any]) -> tuple[Any, ...]:
    """An index pattern as NumPy takes it."""
    return tuple(
        arrays[rest[0]] if kind == "array" else _ENTRIES[kind](*rest) for kind, *rest in pattern
    )


def _slice(start: int, length: int, step: int) -> slice:
    stop = start + length * step
    return slice(start, None if stop < 0 else stop, step)


_ENTRIES: Mapping[str, Function] = {
    "slice": _slice,
    "int": lambda position: position,
    "new": lambda: None,
}


def _put(pattern: Any, x: Any, v: Any, *arrays: Any) -> Any:
    x = x.copy()
    x[_key(pattern, arrays)] = v[()]  # a number itself, not an array of it
    return x


def _put_add(pattern: Any, x: Any, v: Any, *arrays: Any) -> Any:
    import numpy as np

    x = x.copy()
    np.add.at(x, _key(pattern, arrays), v)
    return x


def _array(shape: Any, dtype: str, data: str) -> Any:
    import numpy as np

    return np.frombuffer(b64decode(data), dtype).reshape(shape)


def _numpys(name: str, **keywords: Any) -> Function:
    """NumPy's function of the parameters and arguments."""

    def function(*given: Any) -> Any:
        import numpy as np

        return getattr(np, name)(*given, **keywords)

    return function


def _along(name: str, **keywords: Any) -> Function:
    """NumPy's function along one axis."""
    call = _numpys(name, **keywords)
    return lambda axis, x: call(x, axis)


def _largest_so_far(axis: int, x: Any) -> Any:
    import numpy as np

    return np.maximum.accumulate(x, axis)


def _reduction(name: str) -> Function:
    """NumPy's reduction."""

    def function(axes: Any, keepdims: Any, x: Any) -> Any:
        import numpy as np

        return getattr(np, name)(x, axis=axes, keepdims=keepdims)

    return function


def _each(function: Function, x: Any) -> Any:
    import numpy as np

    return np.frompyfunc(function, 1, 1)(x)


def _stack(new: Any, axis: int, *args: Any) -> Any:
    import numpy as np

    shape = np.shape(args[0])
    return np.stack(args, axis).reshape((*shape[:axis], *new, *shape[axis:]))


_JOIN, _REPEAT = _numpys("concatenate"), _numpys("broadcast_to")
_LEFT, _RIGHT = (_numpys("searchsorted", side=side) for side in ("left", "right"))

MOVED: Mapping[str, Function] = {
    "reshape": lambda shape, x: x.reshape(shape),
    "transpose": lambda axes, x: x.transpose(axes),
    "index": lambda pattern, x, *arrays: x[_key(pattern, arrays)],
    "put": _put,
    "put_add": _put_add,
    "concatenate": lambda axis, *args: _JOIN(args, axis),
    "stack": _stack,
    "as_float64": lambda x: x,
    "as_int64": lambda x: _each(int, x),
    "as_bool": lambda x: x != 0,
    "stop": lambda x: x,
    "array": _array,
    "index_array": _array,
    "mask_array": _array,
    "made": lambda *params: made_array(*params[:-1]),
    "arange": _numpys("arange"),
    "unit_matrix": _numpys("eye"),
    "length": lambda length: length,
    "broadcast": lambda shape, x: _REPEAT(x, shape),
    "sum": _reduction("sum"),
    "prod": _reduction("prod"),
    "max": _reduction("max"),
    "min": _reduction("min"),
    "all": _reduction("all"),
    "any": _reduction("any"),
    "cumsum": _along("cumsum"),
    "cumprod": _along("cumprod"),
    "cummax": _largest_so_far,
    "sort": _along("sort", kind="stable"),
    "argsort": _along("argsort", kind="stable"),
    "argmax": _along("argmax"),
    "argmin": _along("argmin"),
    "searchsorted": lambda side, x, v: (_LEFT if side == "left" else _RIGHT)(x, v),
    "convolve": _numpys("convolve"),
    "contract": _numpys("einsum"),
    **dict.fromkeys(DECOMPOSITIONS, lambda a: a),  # their parts start from the matrix
}


# --- what mpmath does --------------------------------------------------------------------------


def _norm(context: Any, axes: Any, keepdims: Any, x: Any) -> Any:
    return _each(context.sqrt, (x * x).sum(axis=axes, keepdims=keepdims))


def _logsumexp(context: Any, axes: Any, keepdims: Any, x: Any) -> Any:
    return _each(context.ln, _each(context.exp, x).sum(axis=axes, keepdims=keepdims))


@dataclass(frozen=True)
class OfMatrices:
    """A function of mpmath's matrices, on every matrix of stacks.

    Args:
        function: `(context, *matrices)`.
        count: how many of the arguments it takes; all if not given. A part of a decomposition is
            a function of the matrix itself.
    """

    function: Function
    count: int | None = None

    def __call__(self, context: Any, *given: Any) -> Any:
        """The elements in their order: of an empty stack there is no shape to find."""
        import numpy as np

        stacks = given[: self.count]
        found = [
            _listed(self.function(context, *[context.matrix(x[at].tolist()) for x in stacks]))
            for at in np.ndindex(stacks[0].shape[:-2])
        ]
        return np.array(found, object)


def _listed(result: Any) -> Any:
    return result.tolist() if hasattr(result, "tolist") else result


def _det(context: Any, a: Any) -> Any:
    """By elimination: mpmath's own stumbles over columns of zeros."""
    a, product = a.copy(), context.one
    for k in range(a.rows):
        pivot = max(range(k, a.rows), key=lambda row: abs(a[row, k]))
        if not a[pivot, k]:
            return context.zero
        for column in range(a.cols):
            a[k, column], a[pivot, column] = a[pivot, column], a[k, column]
        product *= a[k, k] if pivot == k else -a[k, k]
        for row in range(k + 1, a.rows):
            factor = a[row, k] / a[k, k]
            for column in range(k, a.cols):
                a[row, column] -= factor * a[k, column]
    return product


def _inverse(context: Any, a: Any) -> Any:
    if not _det(context, a):
        raise ZeroDivisionError("the matrix is singular")
    return context.inverse(a)


def _pinv(context: Any, a: Any) -> Any:
    if a.rows < a.cols:
        return _pinv(context, a.T).T
    return _inverse(context, a.T * a) * a.T


def _symmetric(a: Any) -> Any:
    """The symmetric matrix with the same lower triangle, which is what NumPy reads."""
    found = a.copy()
    for row in range(a.rows):
        for column in range(row):
            found[column, row] = a[row, column]
    return found


def _signs(context: Any, vectors: Any, floats: Any) -> Any:
    """The diagonal matrix that turns columns as NumPy has them: either sign would be right."""
    signs = []
    for column in range(vectors.cols):
        row = max(range(vectors.rows), key=lambda row: abs(vectors[row, column]))
        signs.append(1 if (vectors[row, column] > 0) == (floats[row, column] > 0.0) else -1)
    return context.diag(signs)


def _decomposed(name: str, a: Any, **keywords: Any) -> Any:
    """NumPy's decomposition of the nearest floats."""
    import numpy as np

    return getattr(np.linalg, name)(np.array(a.tolist(), float), **keywords)


def _sorted_eigenvectors(context: Any, a: Any, *, sign: int) -> tuple[list[Any], Any]:
    values, vectors = context.eigsy(a)
    order = sorted(range(len(values)), key=lambda k: sign * values[k])
    columns = [[vectors[row, k] for k in order] for row in range(a.rows)]
    return [values[k] for k in order], context.matrix(columns)


def _eigenvectors(context: Any, a: Any) -> Any:
    _, vectors = _sorted_eigenvectors(context, _symmetric(a), sign=1)
    return vectors * _signs(context, vectors, _decomposed("eigh", a)[1])


def _singular_vectors(context: Any, a: Any) -> tuple[Any, Any]:
    """The left ones and the right ones, as columns; of a pair both are turned or neither."""
    tall = a if a.rows >= a.cols else a.T
    squares, inner = _sorted_eigenvectors(context, tall.T * tall, sign=-1)
    outer = tall * inner * context.diag([1 / context.sqrt(square) for square in squares])
    left, right = (outer, inner) if tall is a else (inner, outer)
    signs = _signs(context, left, _decomposed("svd", a, full_matrices=False)[0])
    return left * signs, right * signs


def _qr(context: Any, a: Any) -> tuple[Any, Any]:
    q, r = context.qr(a, mode="skinny")
    signs = _signs(context, q, _decomposed("qr", a)[0])
    return q * signs, signs * r


def _eigenvalues(context: Any, a: Any) -> list[Any]:
    return sorted(context.eigsy(_symmetric(a), eigvals_only=True))


def _singular_values(context: Any, a: Any) -> list[Any]:
    tall = a if a.rows >= a.cols else a.T
    return sorted(context.svd_r(tall, compute_uv=False), reverse=True)


COMPUTED: Mapping[str, Function] = {
    "norm": _norm,
    "logsumexp": _logsumexp,
    "inv": OfMatrices(_inverse),
    "solve": OfMatrices(lambda context, a, b: _inverse(context, a) * b),
    "pinv": OfMatrices(_pinv),
    "lstsq": OfMatrices(lambda context, a, b: _pinv(context, a) * b),
    "det": OfMatrices(_det),
    "logabsdet": OfMatrices(lambda context, a: context.ln(abs(_det(context, a))), 1),
    "signdet": OfMatrices(lambda context, a: context.sign(_det(context, a)), 1),
    "cholesky": OfMatrices(lambda context, a: context.cholesky(_symmetric(a))),
    "eigenvalues": OfMatrices(_eigenvalues, 1),
    "eigenvectors": OfMatrices(_eigenvectors, 1),
    "svd_values": OfMatrices(_singular_values, 1),
    "svd_left": OfMatrices(lambda context, a: _singular_vectors(context, a)[0], 1),
    "svd_right": OfMatrices(lambda context, a: _singular_vectors(context, a)[1].T, 1),
    "qr_orthogonal": OfMatrices(lambda context, a: _qr(context, a)[0], 1),
    "qr_triangular": OfMatrices(lambda context, a: _qr(context, a)[1], 1),
}


def _without_context(function: Function, _context: Any, *given: Any) -> Any:
    return function(*given)


EXACT_ARRAYS: Mapping[str, Function] = {
    **{name: partial(_without_context, function) for name, function in MOVED.items()},
    **COMPUTED,
}

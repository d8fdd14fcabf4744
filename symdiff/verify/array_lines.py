"""An interpreter of graphs of arrays in many digits: NumPy's object arrays of mpmath's numbers.

Elementwise operations are the formulas of their records; NumPy moves, adds and sorts objects as it
does floats; linear algebra is mpmath's. Truths and whole numbers stay NumPy's.
"""

from __future__ import annotations

import operator
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.nested import with_lengths as lengths_changed
from symdiff.graph.node import CONSTANT, FLOAT, INPUT, INT, Node, constant_value
from symdiff.graph.shape import evaluate
from symdiff.ops.creation import made_array
from symdiff.ops.registry import OPERATIONS
from symdiff.verify.evaluate import real_result
from symdiff.verify.reference import is_step_function

Function = Callable[..., Any]
Lines = list[Any]

CONSTANT_TO_DERIVATIVES = frozenset(("stop",))
DECOMPOSITIONS = frozenset(("slogdet", "eigh", "svd", "qr"))  # several results in one line


class Disturbance(Protocol):
    """A model of rounding errors: what becomes of the arguments and of the result of a line."""

    def arguments(self, position: int, args: list[Any]) -> list[Any]:
        """The arguments to go on with."""

    def result(self, position: int, value: Any) -> Any:
        """The result to go on with."""


def with_lengths(graph: Graph, lengths: Mapping[str, int]) -> Graph:
    """The graph with numbers in the place of named dimensions."""
    plain = Graph(graph.nodes, graph.inputs, graph.outputs, graph.output_names, graph.primal)
    return lengths_changed(plain, lambda length: evaluate(length, lengths))


def obstacle(graph: Graph) -> str:
    """The operation that has no counterpart in many digits; empty where all have one."""
    for node in graph.nodes:
        if node.op in (INPUT, CONSTANT) or node.op in MOVED or node.op in COMPUTED:
            continue
        record = OPERATIONS[node.op]
        if not (record.is_elementwise and record.mpmath):
            return node.op
    return ""


def exact_lines(
    graph: Graph,
    values: Mapping[str, Any],
    context: Any,
    disturb: Disturbance | None = None,
    frozen: Sequence[Any] | None = None,
) -> Lines:
    """The value of every line: object arrays for floats, NumPy's own for the rest.

    Args:
        graph: without named dimensions.
        values: by name, an array for every input; of objects for floats.
        context: mpmath's, see `high_precision`.
        disturb: a model of rounding errors.
        frozen: the lines at another point, for what is a constant to every derivative.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        return _lines(graph, values, context, disturb, frozen)


def _lines(
    graph: Graph,
    values: Mapping[str, Any],
    context: Any,
    disturb: Disturbance | None,
    frozen: Sequence[Any] | None,
) -> Lines:
    lines: Lines = []
    for position, node in enumerate(graph.nodes):
        args = [lines[argument] for argument in node.args]
        if frozen is not None and node.op in CONSTANT_TO_DERIVATIVES:
            lines.append(frozen[position])
            continue
        if disturb is not None and node.args and node.dtype == FLOAT:
            args = disturb.arguments(position, args)
        value = _line(node, args, values, context)
        if disturb is not None and node.args and node.dtype == FLOAT:
            value = disturb.result(position, value)
        lines.append(value)
    return lines


def jumps(graph: Graph) -> list[int]:
    """The lines that jump: difference quotients across a jump say nothing."""
    return [
        position
        for position, node in enumerate(graph.nodes)
        if is_step_function(node) and node.op not in DECOMPOSITIONS
    ]


def _line(node: Node, args: list[Any], values: Mapping[str, Any], context: Any) -> Any:
    import numpy as np

    if node.op == INPUT:
        return values[node.params[0]]
    if node.op == CONSTANT:
        return _of_kind(np.full(node.shape, constant_value(node)), node.dtype, context)
    if node.op in MOVED:
        value = MOVED[node.op](*node.params, *args)
    elif node.op in COMPUTED:
        value = COMPUTED[node.op](context, *node.params, *args)
    else:
        record = OPERATIONS[node.op]

        def on_numbers(*numbers: Any) -> Any:
            return real_result(record, numbers, node.params, context)

        given = [_as_objects(arg) for arg in args]
        value = np.frompyfunc(on_numbers, len(args), 1)(*given)
    if node.op in DECOMPOSITIONS:
        return value
    return _of_kind(value, node.dtype, context).reshape(node.shape)


def _as_objects(array: Any) -> Any:
    """Python's own numbers and truths, as mpmath takes them."""
    return array if array.dtype == object else array.astype(object)


def _of_kind(value: Any, kind: str, context: Any) -> Any:
    """A result as an array of its kind: an operation on objects gives a bare one for no axes."""
    import numpy as np

    array = np.asarray(value, object if _is_number(value) else None)
    if kind == FLOAT:
        return as_exact(array, context)
    return array.astype(np.int64 if kind == INT else bool)


def _is_number(value: Any) -> bool:
    return hasattr(value, "_mpf_")


def as_exact(array: Any, context: Any) -> Any:
    """An object array of mpmath's numbers, each exactly the one given."""
    import numpy as np

    with np.errstate(all="ignore"):  # NaN passes through, as it does later
        found = np.frompyfunc(lambda x: context.mpf(_plain(x)), 1, 1)(np.asarray(array))
    return np.asarray(found, object)


def _plain(x: Any) -> Any:
    """A number that mpmath takes: NumPy's scalars become Python's."""
    return x.item() if hasattr(x, "item") else x


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
    x[_key(pattern, arrays)] = v
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


def _on_stacks(function: Function) -> Function:
    """A function of mpmath's matrices, on every matrix of stacks.

    Every argument is a stack. What comes back has the elements in their order, for `_line` to
    give the shape: an empty stack has none to find it by.
    """

    def on_stacks(context: Any, *stacks: Any) -> Any:
        import numpy as np

        stack = stacks[0].shape[:-2]
        found = [
            _listed(function(context, *[context.matrix(x[at].tolist()) for x in stacks]))
            for at in np.ndindex(stack)
        ]
        return np.array(found, object)

    return on_stacks


def _listed(result: Any) -> Any:
    return result.tolist() if hasattr(result, "tolist") else result


def _of_first(function: Function) -> Function:
    """A part of a decomposition: of the matrix itself, whatever the whole is."""
    on_stacks = _on_stacks(function)
    return lambda context, *given: on_stacks(context, given[0])


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
    "inv": _on_stacks(_inverse),
    "solve": _on_stacks(lambda context, a, b: _inverse(context, a) * b),
    "pinv": _on_stacks(_pinv),
    "lstsq": _on_stacks(lambda context, a, b: _pinv(context, a) * b),
    "det": _on_stacks(_det),
    "logabsdet": _of_first(lambda context, a: context.ln(abs(_det(context, a)))),
    "signdet": _of_first(lambda context, a: context.sign(_det(context, a))),
    "cholesky": _on_stacks(lambda context, a: context.cholesky(_symmetric(a))),
    "eigenvalues": _of_first(_eigenvalues),
    "eigenvectors": _of_first(_eigenvectors),
    "svd_values": _of_first(_singular_values),
    "svd_left": _of_first(lambda context, a: _singular_vectors(context, a)[0]),
    "svd_right": _of_first(lambda context, a: _singular_vectors(context, a)[1].T),
    "qr_orthogonal": _of_first(lambda context, a: _qr(context, a)[0]),
    "qr_triangular": _of_first(lambda context, a: _qr(context, a)[1]),
}


def changed(lines: Sequence[Any], others: Sequence[Any], positions: Iterable[int]) -> bool:
    """Whether one of these lines differs between two points."""
    return any(bool(operator.ne(lines[at], others[at]).any()) for at in positions)

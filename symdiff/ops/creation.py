"""Conversions, arrays that are known, and arrays out of nothing."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.errors import ShapeError
from symdiff.graph.node import (
    BOOL,
    COMPLEX,
    CONSTANT,
    CONTINUOUS,
    EXTENT,
    FLOAT,
    INT,
    Node,
    constant_value,
)
from symdiff.graph.shape import SCALAR, Dim, Dimension, Shape, size
from symdiff.graph.shape import text as shape_text
from symdiff.ops import exact
from symdiff.ops.handle import Handle
from symdiff.ops.operation import (
    FIRST,
    GIVEN,
    UNSIGNED,
    Binds,
    Flat,
    Linear,
    Operation,
)
from symdiff.ops.structural import Params


def _cast(dtype: str, doc: str, kind: str, exact: Callable[..., Any] | str = "") -> Operation:
    """A conversion; floats of two sizes are one kind."""
    return Operation(
        f"as_{dtype}",
        doc,
        1,
        Linear(lambda t, x: (t,)) if kind in CONTINUOUS else Flat(),
        exact=exact,
        dtype=kind,
        takes_complex=kind in (COMPLEX, BOOL),
    )


as_float64: Operation = _cast("float64", "As float64.", FLOAT, lambda mp, x: mp.mpf(x))
as_float32: Operation = _cast("float32", "As float32.", FLOAT)
as_complex128: Operation = _cast("complex128", "As complex128.", COMPLEX, lambda mp, x: mp.mpc(x))
as_int64: Operation = _cast("int64", "As int64, rounded towards zero.", INT, lambda mp, x: int(x))
as_bool: Operation = _cast("bool", "Whether an element is not zero.", BOOL, lambda mp, x: x != 0)

stop: Operation = Operation(
    "stop",
    "The value itself, a constant for every derivative.",
    1,
    Flat(),
    exact=exact.unchanged,
    dtype=FIRST,
    kink="the derivative is 0 by definition",
    is_view=True,
    takes_complex=True,
)

held: Operation = Operation(
    "held",
    "The value itself, of which the function does not depend: a constant for every derivative.",
    1,
    Flat(),
    expand=lambda x: x,
    sympy=lambda sp, x: x,
    exact=lambda mp, x: x,
    kink="the derivative is 0 by definition",
    is_internal=True,
    takes_complex=True,
)


def _of_bytes(mp: Any, shape: Shape, dtype: str, data: str) -> Any:
    import numpy as np

    lengths = [n for n in shape if isinstance(n, int)]  # all of them
    return np.frombuffer(b64decode(data), dtype).reshape(lengths)


def _known_array(name: str, doc: str, kind: str, letters: str) -> Operation:
    """An array that is known, by its shape, its type in NumPy's words, and its bytes in base 64."""

    def shape_of(shapes: Sequence[Shape], params: Params) -> Shape:
        shape, dtype, data = params
        word, size_in_bytes = dtype.rstrip("0123456789"), _ITEM_SIZES.get(dtype)
        if word not in letters.split() or size_in_bytes is None:
            raise ShapeError(f"an {name} does not hold {dtype}")
        if len(b64decode(data)) != size(shape) * size_in_bytes:
            raise ShapeError(f"the bytes of an {name} do not fill the shape {shape_text(shape)}")
        return tuple(shape)

    return Operation(
        name,
        doc,
        0,
        Flat(),
        exact=_of_bytes,
        shape=shape_of,
        dtype=kind,
        params=("shape", "dtype", "data"),
    )


_ITEM_SIZES = {"bool": 1, "complex64": 8, "complex128": 16} | {
    f"{word}{8 * size_in_bytes}": size_in_bytes
    for word in ("float", "int", "uint")
    for size_in_bytes in (1, 2, 4, 8)
}


def known_numbers(
    nodes: Sequence[Node], wanted: Sequence[int] | None = None
) -> dict[int, Any]:  # NumPy's arrays
    """By position, the numbers of the lines that are known: arrays, counters, their arithmetic.

    Args:
        nodes: the lines.
        wanted: positions of those that are asked for, all if not given.
    """
    found: dict[int, Any] = {}
    for position in range(len(nodes)) if wanted is None else _leading_to(nodes, wanted):
        node = nodes[position]
        args = [found.get(argument) for argument in node.args]
        if all(isinstance(n, int) for n in node.shape) and all(x is not None for x in args):
            made = _known_line(node, args)
            if made is not None:
                found[position] = made
    return found


def _leading_to(nodes: Sequence[Node], wanted: Sequence[int]) -> list[int]:
    """The lines that lines depend on, in order; none where one of them cannot be known."""
    needed: set[int] = set()
    pending = list(wanted)
    while pending:
        position = pending.pop()
        if nodes[position].op not in _KNOWABLE:
            return []
        if position not in needed:
            needed.add(position)
            pending.extend(nodes[position].args)
    return sorted(needed)


def _known_line(node: Node, args: Sequence[Any]) -> Any:
    """The numbers of a line from those of its arguments; `None` where no rule is there."""
    import numpy as np

    if node.op == CONSTANT:
        lengths = [n for n in node.shape if isinstance(n, int)]  # all of them
        return np.broadcast_to(np.asarray(constant_value(node), node.dtype), lengths)
    record = _KNOWN.get(node.op)
    if record is not None:
        return record.exactly(None)(*node.params)
    return _known_arithmetic(node, args) if args else None


def _known_arithmetic(node: Node, args: Sequence[Any]) -> Any:
    """What moves known numbers and computes with whole ones; `None` for all else."""
    import numpy as np

    move = _MOVES.get(node.op)
    if move is not None:
        return getattr(np, move)(args[0], node.params[0])
    function = _WHOLE_ARITHMETIC.get(node.op)
    if function is None or node.dtype not in (INT, BOOL):
        return None
    return getattr(np, function)(*args)


_MOVES = {"reshape": "reshape", "transpose": "transpose", "broadcast": "broadcast_to"}
_SAME_NAMES = "add subtract multiply maximum minimum remainder less less_equal equal greater"
_WHOLE_ARITHMETIC = {name: name for name in _SAME_NAMES.split()} | {"negate": "negative"}
array: Operation = _known_array("array", "An array of numbers that are known.", FLOAT, "float")
index_array: Operation = _known_array(
    "index_array", "An array of whole numbers that are known.", INT, "int uint"
)
mask_array: Operation = _known_array(
    "mask_array", "An array of truths that are known.", BOOL, "bool"
)
TRUTHS = {True: ((), "bool", "AQ=="), False: ((), "bool", "AA==")}  # parameters of a single one
complex_array: Operation = _known_array(
    "complex_array", "An array of complex numbers that are known.", COMPLEX, "complex"
)

# NumPy's functions that make an array of numbers alone
MAKERS = frozenset(
    "arange bartlett blackman eye geomspace hamming hanning identity indices kaiser linspace "
    "logspace tri".split()
)
_LARGEST_NUMBER = 10**8  # among the arguments of a call that a recipe holds
_MADE_KINDS = {"f": FLOAT, "i": INT, "b": BOOL}


def made_array(name: str, args: Sequence[Any], keywords: Sequence[tuple[str, Any]]) -> Any:
    """The array that a call of NumPy makes.

    Raises:
        ShapeError: where it makes none.
    """
    import numpy as np

    numbers = [n for part in (*args, *[value for _, value in keywords]) for n in _numbers(part)]
    if name not in MAKERS or not all(map(_is_modest, numbers)):
        raise ShapeError(f"no array is made by np.{name} here")
    try:
        found = getattr(np, name)(*args, **dict(keywords))
    except (TypeError, ValueError, MemoryError, OverflowError) as error:
        raise ShapeError(f"np.{name}: {error}") from None
    if not isinstance(found, np.ndarray) or found.dtype.name not in ("float64", "int64", "bool"):
        raise ShapeError(f"np.{name} makes no array of float64, int64 or bool")
    return found


def _is_modest(value: Any) -> bool:
    """Whether an argument is none that would fill the memory, or text that is no name."""
    if isinstance(value, int):
        return abs(value) <= _LARGEST_NUMBER
    return isinstance(value, float) or (isinstance(value, str) and value.isidentifier())


def made_kind(array: Any) -> str:
    """The kind of an array of NumPy's."""
    return _MADE_KINDS[array.dtype.kind]


def _numbers(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple) else (value,)


def _made_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    name, args, keywords, kind = params
    found = made_array(name, args, keywords)
    if made_kind(found) != kind:
        raise ShapeError(f"np.{name} makes an array of another kind")
    return tuple(found.shape)


made: Operation = Operation(
    "made",
    "An array of numbers that a call of NumPy makes.",
    0,
    Flat(),
    exact=lambda mp, *params: made_array(*params[:-1]),
    shape=_made_shape,
    dtype=GIVEN,
    params=("name", "args", "keywords", "kind"),
)

arange_: Operation = Operation(
    "arange",
    "The whole numbers from 0 below a length.",
    0,
    Flat(),
    exact=exact.of_numpy("arange"),
    shape=lambda shapes, params: params,
    dtype=INT,
    params=("length",),
)


def arange(beside: Handle, length: Dimension) -> Handle:
    """The numbers below a length, in the graph of another line."""
    builder = beside.builder
    return Handle(builder, builder.make("arange", (), (length,)))


unit_matrix: Operation = Operation(
    "unit_matrix",
    "The unit matrix of so many rows.",
    0,
    Flat(),
    exact=exact.of_numpy("eye"),
    shape=lambda shapes, params: (*params, *params),
    params=("length",),
)


def _no_shape(shapes: Sequence[Shape], params: Params) -> Shape:
    if type(params[0]) not in (int, Dim):
        raise ShapeError("a length is a whole number or a named dimension")
    return SCALAR


length_: Operation = Operation(
    "length",
    "A named dimension as a number.",
    0,
    Flat(),
    exact=lambda mp, length: length,
    shape=_no_shape,
    dtype=INT,
    sign=UNSIGNED,
    params=("length",),
)

extent: Operation = Operation(
    EXTENT,
    "A whole number, at least 0, which a named dimension has from here on.",
    1,
    Binds(),
    exact=exact.unchanged,
    dtype=FIRST,
    params=("length",),
    is_cheap=True,
)

_KNOWN = {
    x.name: x for x in (array, index_array, mask_array, complex_array, made, arange_, unit_matrix)
}
_KNOWABLE = frozenset((CONSTANT, *_KNOWN, *_MOVES, *_WHOLE_ARITHMETIC))
CONVERSIONS = (as_float64, as_float32, as_complex128, as_int64, as_bool, stop)  # numbers as others

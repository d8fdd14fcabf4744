"""How the grammar of formulas writes operations on arrays.

What is not here, and is neither an operator nor a function of the grammar, has no formula: an
element that is written into an array, a part of a singular value decomposition.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.graph.shape import Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.contraction import as_product, parts
from symdiff.ops.indexing import index_text
from symdiff.ops.operation import Operand, Spelling, Written
from symdiff.ops.reduction import axis_text
from symdiff.ops.registry import OPERATIONS

_MOST_LISTED = 12
_COMPARISON = 7  # its precedence
_NOTHING = Written("")

Write = Callable[..., Written]


def _call(name: str, *arguments: str) -> Written:
    return Written(f"{name}({', '.join(filter(None, arguments))})")


def _over_axes(name: str) -> Write:
    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        return _call(name, a[0].text, axis_text(axes, a[0], keepdims=keepdims))

    return write


def _along_axis(name: str) -> Write:
    def write(a: Sequence[Operand], axis: int) -> Written:
        return _call(name, a[0].text, f"axis={axis}" if len(a[0].shape) > 1 else "")

    return write


def _reshape(a: Sequence[Operand], shape: Shape) -> Written:
    x = a[0]
    if not shape:
        return Written(f"{x.primary}[{', '.join('0' * len(x.shape))}]")
    if tuple(n for n in shape if n != 1) == x.shape and len(shape) > len(x.shape):
        return Written(f"{x.primary}[{', '.join(':' if n != 1 else 'None' for n in shape)}]")
    return _call("reshape", x.text, shape_text(shape))


def _shaped(name: str) -> Write:
    return lambda a, shape: _call(name, a[0].text, shape_text(shape))


def _transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    if axes == tuple(reversed(range(len(axes)))):
        return Written(f"{a[0].primary}.T")
    return _call("transpose", a[0].text, str(axes))


def _index(a: Sequence[Operand], pattern: Any) -> Written:
    x, *arrays = a
    return Written(f"{x.primary}[{index_text(pattern, x.shape, [i.text for i in arrays])}]")


def _concatenate(a: Sequence[Operand], axis: int) -> Written:
    items = ", ".join(x.text for x in a)
    return _call("concatenate", f"[{items}]", str(axis) if axis else "")


def _contract(a: Sequence[Operand], letters: str) -> Written:
    first, second, result = parts(letters)
    x, y = a
    if len(first) == len(second) == 1 and result == first + second:
        return _call("outer", x.text, y.text)
    found = None
    if len(result) < 3 and len(first) < 3 and len(second) < 3:
        found = as_product(x, y, first, second, result)
        found = found or as_product(y, x, second, first, result)
    return found or _call("einsum", f'"{letters}"', x.text, y.text)


def _array(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    import numpy as np

    lengths = [n for n in shape if isinstance(n, int)]
    numbers = np.frombuffer(b64decode(data), dtype).reshape(lengths)
    return Written(str(numbers.tolist())) if 0 < numbers.size <= _MOST_LISTED else _NOTHING


def _larger_share(a: Sequence[Operand]) -> Written:
    t, x, y = a
    one, other = (o.text if o.precedence > _COMPARISON else f"({o.text})" for o in (x, y))
    half = f"{t.text if t.precedence > 11 else f'({t.text})'}/2"
    return _call("where", f"{one} > {other}", t.text, f"where({one} == {other}, {half}, 0)")


def _searchsorted(a: Sequence[Operand], side: str) -> Written:
    return _call("searchsorted", a[0].text, a[1].text) if side == "left" else _NOTHING


def _itself(a: Sequence[Operand]) -> Written:
    return Written(a[0].text, a[0].precedence)


_WRITTEN: dict[str, Write] = {
    **{name: _over_axes(name) for name in "sum max min all any prod norm logsumexp".split()},
    **{name: _along_axis(name) for name in "cumsum cumprod sort argsort argmax argmin".split()},
    "arange": lambda _, length: _call("arange", str(length)),
    "array": _array,
    "as_float64": _itself,  # a truth counts as a number
    "as_int64": _itself,
    "broadcast": _shaped("broadcast_to"),
    "concatenate": _concatenate,
    "contract": _contract,
    "convolve": lambda a: _call("convolve", a[0].text, a[1].text),
    "index": _index,
    "index_array": _array,
    "larger_share": _larger_share,
    "mask_array": _array,
    "reshape": _reshape,
    "searchsorted": _searchsorted,
    "stop": lambda a: _call("stop_gradient", a[0].text),
    "transpose": _transpose,
    "unit_matrix": lambda _, length: _call("eye", str(length)),
}
WRITTEN = {name: Spelling("written", name, write=write) for name, write in _WRITTEN.items()}
_AS_IN_NUMPY = frozenset("length eigenvalues eigenvectors logabsdet signdet".split())
MISSING = Spelling("missing", "")


def array_spelling(op: str) -> Spelling | None:
    """How an operation on arrays is written, `MISSING` where it is not; `None` for others."""
    spelling = OPERATIONS[op].spelling.get("numpy")
    if op in WRITTEN:
        return WRITTEN[op]
    if spelling is None or spelling.form in ("infix", "prefix", "call") or op in _AS_IN_NUMPY:
        return None
    return MISSING

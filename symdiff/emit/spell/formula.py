"""The grammar of formulas: what is printed so is read back.

What is not here, and is neither an operator nor a function of the grammar, has no formula: an
element that is written into an array, a part of a singular value decomposition.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from symdiff.emit.spell.base import (
    ADDITIVE,
    AND,
    ITSELF,
    MISSING,
    NOT,
    OR,
    POWER,
    SILENT,
    Operand,
    Spelling,
    Spellings,
    Written,
    function,
    infix,
    prefix,
    written,
)
from symdiff.emit.spell.contractions import contraction
from symdiff.emit.spell.indices import nested_lists
from symdiff.emit.spell.numpy_arrays import axis_text, index, part_of
from symdiff.emit.spell.numpy_creation import full_text, length
from symdiff.emit.spell.operators import OPERATORS
from symdiff.graph.shape import Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.contraction import parts
from symdiff.ops.creation import made_array
from symdiff.ops.registry import OPERATIONS

_MOST_LISTED = 12
_MAKERS = frozenset("arange eye geomspace identity linspace logspace tri".split())
_NOTHING = Written("")


def _call(name: str, *arguments: str) -> Written:
    return Written(f"{name}({', '.join(filter(None, arguments))})")


def _over_axes(name: str) -> Spelling:
    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        return _call(name, a[0].text, axis_text(axes, a[0], keepdims=keepdims))

    return written(write)


def _sum_in_order(a: Sequence[Operand]) -> Written:
    return _call("sum", a[0].text, axis_text((len(a[0].shape) - 1,), a[0], keepdims=False))


def _along_axis(name: str) -> Spelling:
    def write(a: Sequence[Operand], axis: int) -> Written:
        return _call(name, a[0].text, f"axis={axis}" if len(a[0].shape) > 1 else "")

    return written(write)


def _reshape(a: Sequence[Operand], shape: Shape) -> Written:
    x = a[0]
    if not shape:
        return Written(f"{x.primary}[{', '.join('0' * len(x.shape))}]")
    if tuple(n for n in shape if n != 1) == x.shape and len(shape) > len(x.shape):
        return Written(f"{x.primary}[{', '.join(':' if n != 1 else 'None' for n in shape)}]")
    return _call("reshape", x.text, shape_text(shape))


def _transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    if axes == tuple(reversed(range(len(axes)))):
        return Written(f"{a[0].primary}.T")
    return _call("transpose", a[0].text, str(axes))


def _concatenate(a: Sequence[Operand], axis: int) -> Written:
    items = ", ".join(x.text for x in a)
    return _call("concatenate", f"[{items}]", str(axis) if axis else "")


def _stack(a: Sequence[Operand], new: tuple[int, ...], axis: int) -> Written:
    """Nested lists, or a stack along a later axis."""
    texts = [x.text for x in a]
    if axis:
        stack = _call("stack", f"[{', '.join(texts)}]", str(axis))
        shape = (*a[0].shape[:axis], *new, *a[0].shape[axis:])
        return stack if len(new) == 1 else _call("reshape", stack.text, shape_text(shape))
    return _call("stack", nested_lists(texts, new))


def _contract(a: Sequence[Operand], letters: str) -> Written:
    first, second, result = parts(letters)
    x, y = a
    if len(first) == len(second) == 1 and result == first + second:
        return _call("outer", x.text, y.text)
    found = None
    if len(result) < 3 and len(first) < 3 and len(second) < 3:
        found = contraction.as_product(x, y, first, second, result)
        found = found or contraction.as_product(y, x, second, first, result)
    return found or _call("einsum", f'"{letters}"', x.text, y.text)


def _array(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    import numpy as np

    lengths = [n for n in shape if isinstance(n, int)]
    return _listed(np.frombuffer(b64decode(data), dtype).reshape(lengths))


def _listed(numbers: Any) -> Written:  # NumPy's array
    return Written(str(numbers.tolist())) if 0 < numbers.size <= _MOST_LISTED else _NOTHING


def _made(
    _: Sequence[Operand], name: str, args: Sequence[Any], keywords: Sequence[Any], kind: str
) -> Written:
    """The call that makes an array, or the array where the grammar has no such call."""
    if name not in _MAKERS:
        return _listed(made_array(name, args, keywords))
    return _call(name, *map(repr, args), *[f"{key}={value!r}" for key, value in keywords])


def _share(a: Sequence[Operand]) -> Written:
    t, lost, tied = a
    half = f"{t.text if t.precedence > ADDITIVE else f'({t.text})'}/2"
    return _call("where", lost.text, "0", f"where({tied.text}, {half}, {t.text})")


def _searchsorted(a: Sequence[Operand], side: str) -> Written:
    return _call("searchsorted", a[0].text, a[1].text) if side == "left" else _NOTHING


def _of_grammar(op: str) -> Spelling:
    """An elementwise operation is a function of the grammar under its own name."""
    return function(op) if OPERATIONS[op].is_elementwise else MISSING


def _plain(names: str) -> dict[str, Spelling]:
    return {name: function(name) for name in names.split()}


FORMULA_SPELLINGS = Spellings(
    "formula",
    parent=OPERATORS,
    family=_of_grammar,
    power=infix("**", POWER),
    logical_and=infix("and", AND),
    logical_or=infix("or", OR),
    logical_not=prefix("not ", NOT),
    absolute=function("abs"),
    riemann_zeta=function("zeta"),
    as_float32=MISSING,
    as_bool=MISSING,
    check=SILENT,  # a formula raises nothing
    checked=ITSELF,
    as_float64=ITSELF,  # a truth counts as a number
    as_int64=ITSELF,
    share=written(_share),
    stop=written(lambda a: _call("stop_gradient", a[0].text)),
    array=written(_array),
    index_array=written(_array),
    mask_array=written(_array),
    made=written(_made),
    arange=written(lambda _, n: _call("arange", str(n))),
    full=written(lambda a, shape, dtype: Written(full_text(a[0].text, shape, ""))),
    unit_matrix=written(lambda _, n: _call("eye", str(n))),
    length=written(length),
    reshape=written(_reshape),
    broadcast=written(lambda a, shape: _call("broadcast_to", a[0].text, shape_text(shape))),
    transpose=written(_transpose),
    index=written(index),
    concatenate=written(_concatenate),
    stack=written(_stack),
    searchsorted=written(_searchsorted),
    contract=written(_contract),
    convolve=written(lambda a: _call("convolve", a[0].text, a[1].text)),
    logabsdet=part_of(1),
    signdet=part_of(0),
    sum_in_order=written(_sum_in_order),
    **{name: _over_axes(name) for name in "sum max min all any prod norm logsumexp".split()},
    **{
        name: _along_axis(name)
        for name in "cumsum cumprod cummax sort argsort argmax argmin".split()
    },
    **_plain("inv expm sqrtm logm solve pinv cholesky qr lu det slogdet roots"),
)

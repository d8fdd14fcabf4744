"""Operations on arrays as NumPy writes them: texts that are no plain call."""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from symdiff.emit.spell.base import (
    ADDITIVE,
    ATOM,
    NAME,
    TERM,
    UNARY,
    Operand,
    Spelling,
    Write,
    Written,
    written,
)
from symdiff.emit.spell.complex_numbers import complex_text
from symdiff.emit.spell.indices import index_lengths, index_text, nested_lists
from symdiff.graph.node import BOOL, COMPLEX, FLOAT, FLOAT32, INT
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.structural import Pattern


def reshape(a: Sequence[Operand], shape: Shape) -> Written:
    """As an index where it adds axes or takes the only element; with -1 for one axis."""
    (x,) = a
    if not shape:
        return Written(f"{x.primary}[{', '.join('0' * len(x.shape))}]")
    if not x.shape:  # a number may be Python's, as a length is
        return Written(f"np.reshape({x.text}, {shape_text(shape)})")
    if _adds_axes(x.shape, shape):
        index = [":" if n != 1 else "None" for n in shape]
        while len(index) > 1 and index[-1] == ":":
            index.pop()
        return Written(f"{x.primary}[{', '.join(index)}]")
    if len(shape) == 1:
        return Written(f"{x.primary}.reshape(-1)")
    lengths = ["-1" if _is_left_out(shape) and isinstance(n, Dim) else str(n) for n in shape]
    return Written(f"{x.primary}.reshape({', '.join(lengths)})")


def _is_left_out(shape: Shape) -> bool:
    """Whether a shape has one named dimension, which NumPy finds by itself."""
    return sum(isinstance(n, Dim) for n in shape) == 1


def _adds_axes(shape: Shape, longer: Shape) -> bool:
    return tuple(n for n in longer if n != 1) == shape and len(longer) > len(shape)


def lengths_of_reshape(shapes: Sequence[Shape], shape: Shape) -> Shape:
    """The dimensions that `reshape` writes."""
    (old,) = shapes
    is_index = bool(old) and _adds_axes(old, shape)
    if is_index or (old and (len(shape) == 1 or _is_left_out(shape))):
        return ()
    return shape


def lengths_of_index(shapes: Sequence[Shape], pattern: Pattern) -> list[Dimension]:
    """The dimensions that are written between the brackets."""
    return index_lengths(pattern, shapes[0])


def transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    """`.T`, two axes exchanged, or all of them named."""
    (x,) = a
    if axes == tuple(reversed(range(len(axes)))):
        return Written(f"{x.primary}.T")
    moved = [axis for axis, old in enumerate(axes) if axis != old]
    if len(moved) == 2:
        first, second = moved
        if second == len(axes) - 1 and len(axes) > 2:
            return Written(f"{x.primary}.swapaxes({first - len(axes)}, -1)")
        return Written(f"{x.primary}.swapaxes({first}, {second})")
    return Written(f"{x.primary}.transpose({', '.join(map(str, axes))})")


def _index_argument(pattern: Pattern, shape: Shape, arrays: Sequence[str]) -> str:
    """The pattern as an argument of a function."""
    text = index_text(pattern, shape, arrays)
    if text.isidentifier() or text.lstrip("-").isdigit():
        return text
    plain = all(entry[0] == "array" for entry in pattern)
    return f"({text})" if plain else f"np.s_[{text}]"


def index(a: Sequence[Operand], pattern: Pattern) -> Written:
    """The pattern between square brackets."""
    x, *arrays = a
    return Written(f"{x.primary}[{index_text(pattern, x.shape, [i.text for i in arrays])}]")


def put(a: Sequence[Operand], pattern: Pattern) -> Written:
    """A copy that is written into."""
    x, v, *arrays = a
    at = _index_argument(pattern, x.shape, [i.text for i in arrays])
    return Written(f"_put({x.text}, {at}, {v.text})")


def put_add(a: Sequence[Operand], pattern: Pattern) -> Written:
    """A copy that is added to."""
    x, v, *arrays = a
    at = _index_argument(pattern, x.shape, [i.text for i in arrays])
    return Written(f"_add_at({x.text}, {at}, {v.text})")


def put_in_place(a: Sequence[Operand], pattern: Pattern) -> str:
    """The statement that writes."""
    x, v, *arrays = a
    return f"{x.text}[{index_text(pattern, x.shape, [i.text for i in arrays])}] = {v.text}"


def put_add_in_place(a: Sequence[Operand], pattern: Pattern) -> str:
    """The statement that adds; at one place, or at slices, an operator does."""
    x, v, *arrays = a
    names = [i.text for i in arrays]
    if not any(i.shape for i in arrays):
        sign, added = (
            ("-", _opposite(v)) if v.text[0] == "-" and v.precedence == UNARY else ("+", v.text)
        )
        return f"{x.text}[{index_text(pattern, x.shape, names)}] {sign}= {added}"
    return f"np.add.at({x.text}, {_index_argument(pattern, x.shape, names)}, {v.text})"


def add_where(a: Sequence[Operand]) -> Written:
    """An array with a number more where a mask holds; a new one."""
    x, number, mask = a
    return Written(f"np.where({mask.text}, {x.text} + {number.beside(TERM)}, {x.text})")


def add_where_in_place(a: Sequence[Operand]) -> str:
    """The statement that adds a number where a mask holds, and reads no other elements."""
    x, number, mask = a
    return f"np.add({x.text}, {number.text}, out={x.text}, where={mask.text})"


def sum_where(a: Sequence[Operand]) -> Written:
    """The sum of those elements that a mask picks, as the user would write it."""
    x, mask = a
    return Written(f"{x.primary}[{mask.text}].sum()")


def _opposite(v: Operand) -> str:
    """What a minus sign stands before, without the parentheses that it needs."""
    text = v.text[1:]
    depths = list(accumulate((sign == "(") - (sign == ")") for sign in text))
    return text[1:-1] if text[0] == "(" and 0 not in depths[:-1] else text


PUT = """def _put(x, at, v):
    x = np.array(x)
    x[at] = v
    return x"""


ADD_AT = """def _add_at(x, at, v):
    x = np.array(x)
    np.add.at(x, at, v)
    return x"""


def concatenate(a: Sequence[Operand], axis: int) -> Written:
    """The first axis goes without saying."""
    items = ", ".join(x.text for x in a)
    items = f"({items},)" if len(a) == 1 else f"({items})"
    return Written(f"np.concatenate({items})" if axis == 0 else f"np.concatenate({items}, {axis})")


def stack(a: Sequence[Operand], new: tuple[int, ...], axis: int) -> Written:
    """As the list that a person writes; along later axes by NumPy's function for it."""
    texts = [x.text for x in a]
    if axis:
        items = f"({texts[0]},)" if len(a) == 1 else f"({', '.join(texts)})"
        text = f"np.stack({items}, {axis})"
        if len(new) > 1:
            text += f".reshape{shape_text((*a[0].shape[:axis], *new, *a[0].shape[axis:]))}"
        return Written(text)
    return Written(f"np.array({nested_lists(texts, new)})")


def axis_text(axes: tuple[int, ...], operand: Operand, *, keepdims: bool) -> str:
    """The keywords of a reduction as a person writes them."""
    parts = []
    if len(axes) < len(operand.shape):
        parts.append(f"axis={axes[0] if len(axes) == 1 else axes}")
    if keepdims:
        parts.append("keepdims=True")
    return ", ".join(parts)


def method_over_axes(name: str) -> Spelling:
    """A reduction as a method of its argument."""

    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        return Written(f"{a[0].primary}.{name}({axis_text(axes, a[0], keepdims=keepdims)})")

    return written(write)


def call_over_axes(name: str) -> Write:
    """A reduction as a function."""

    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        keywords = axis_text(axes, a[0], keepdims=keepdims)
        return Written(f"{name}({a[0].text}{', ' if keywords else ''}{keywords})")

    return write


def norm(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
    """`norm` takes one or two axes for a vector or a matrix, or all."""
    name = "norm" if len(axes) in (1, 2, len(a[0].shape)) else "vector_norm"
    return call_over_axes(f"np.linalg.{name}")(a, axes, keepdims)


LOGSUMEXP = """def _logsumexp(x, axis=None, keepdims=False):
    largest = x.max(axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    y = np.log(np.exp(x - largest).sum(axis=axis, keepdims=True)) + largest
    return y if keepdims else y.squeeze(axis=axis)[()]"""


def sort(a: Sequence[Operand], axis: int) -> Written:
    """An axis is named where there are several."""
    (x,) = a
    return Written(f"np.sort({x.text}, axis={axis})" if len(x.shape) > 1 else f"np.sort({x.text})")


def argsort(a: Sequence[Operand], axis: int) -> Written:
    """Ties in their order."""
    return Written(f'np.argsort({a[0].text}, axis={axis}, kind="stable")')


def method_along(name: str) -> Spelling:
    """What goes along an axis as a method of its argument."""

    def write(a: Sequence[Operand], axis: int) -> Written:
        keyword = f"axis={axis}" if len(a[0].shape) > 1 else ""
        return Written(f"{a[0].primary}.{name}({keyword})")

    return written(write)


def cummax(a: Sequence[Operand], axis: int) -> Written:
    """The first axis goes without saying."""
    return Written(f"np.maximum.accumulate({a[0].text}{f', {axis}' if axis else ''})")


def searchsorted(a: Sequence[Operand], side: str) -> Written:
    """The left side goes without saying."""
    x, v = a
    return Written(
        f"np.searchsorted({x.text}, {v.text}" + (', "right")' if side == "right" else ")")
    )


def copy(a: Sequence[Operand]) -> Written:
    """Memory of its own."""
    (x,) = a
    return Written(f"{x.text}.copy()" if x.precedence == NAME else f"np.array({x.text})")


def empty(of_floats: str) -> Spelling:
    """Memory that is written later; `of_floats` stands behind a shape, `""` for float64."""
    kinds = _kinds(of_floats)
    return written(
        lambda a, shape, dtype: Written(f"np.empty({lengths_text(shape)}{kinds[dtype]})")
    )


def stacked(of_floats: str) -> Spelling:
    """The array of a list of rows, which may have none; `of_floats` as of `empty`."""
    kinds = _kinds(of_floats)

    def write(a: Sequence[Operand], shape: Shape, dtype: str) -> Written:
        text = f"np.array({a[0].text}{kinds[dtype]})"
        return Written(text if len(shape) == 1 else f"{text}.reshape({', '.join(map(str, shape))})")

    return written(write, lengths=lambda shapes, shape, dtype: shape * (len(shape) > 1))


def full(of_floats: str) -> Spelling:
    """An array full of a number; `of_floats` as of `empty`."""
    kinds = _kinds(of_floats)

    def write(a: Sequence[Operand], shape: Shape, dtype: str) -> Written:
        return Written(f"np.{full_text(a[0].text, shape, kinds[dtype])}")

    return written(write)


def _kinds(of_floats: str) -> dict[str, str]:
    """The kinds of elements, as an argument after a shape."""
    of_complex = ", np.complex64" if of_floats else ", complex"
    return {FLOAT: of_floats, COMPLEX: of_complex, INT: ", int", BOOL: ", bool"}


def full_text(number: str, shape: Shape, kind: str) -> str:
    """The call that makes an array full of a number; zeros and ones have their own."""
    zero, _, rest = _REAL_NUMBERS.get(number, number).partition(".")
    if zero in ("0", "1", "False", "True") and not rest.strip("0"):
        name = "zeros" if zero in ("0", "False") else "ones"
        return f"{name}({lengths_text(shape)}{kind})"
    return f"full({lengths_text(shape)}, {number}{kind})"


_REAL_NUMBERS = {"0j": "0", "(1+0j)": "1"}  # complex ones that arrays are often full of


def lengths_text(shape: Shape) -> str:
    """A shape as NumPy's functions take it: one length stands alone."""
    return str(shape[0]) if len(shape) == 1 else shape_text(shape)


def cast(dtype: str) -> Spelling:
    """A conversion of the elements, or of a number."""

    def write(a: Sequence[Operand]) -> Written:
        (x,) = a
        return Written(f"{x.primary}.astype(np.{dtype})" if x.shape else f"np.{dtype}({x.text})")

    return written(write)


def known_array(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    """The literal of an array, from its bytes in base 64."""
    return _literal_array(_numbers(shape, dtype, data), shape, dtype)


def known_array32(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    """The same with floats of 32 bits."""
    numbers = _numbers(shape, dtype, data)
    return _literal_array(numbers, shape, _SINGLE.get(numbers.dtype.kind, dtype))


_SINGLE = {"f": FLOAT32, "c": "complex64"}


def _numbers(shape: Shape, dtype: str, data: str) -> Any:  # NumPy is not loaded for its type
    import numpy as np

    lengths = [n for n in shape if isinstance(n, int)]  # all of them
    return np.frombuffer(b64decode(data), dtype).reshape(lengths)


def _literal_array(numbers: Any, shape: Shape, dtype: str) -> Written:
    if not numbers.size:
        return Written(f"np.zeros({shape_text(shape)}, {dtype!r})")
    listed = literal(numbers.tolist())
    is_plain = dtype in ("float64", "int64", "bool", "complex128")
    return Written(f"np.array({listed})" if is_plain else f"np.array({listed}, {dtype!r})")


def made(
    a: Sequence[Operand], name: str, args: Sequence[Any], keywords: Sequence[Any], kind: str
) -> Written:
    """The call of NumPy that makes an array."""
    given = [*map(literal, args), *[f"{key}={literal(value)}" for key, value in keywords]]
    return Written(f"np.{name}({', '.join(given)})")


def made32(
    a: Sequence[Operand], name: str, args: Sequence[Any], keywords: Sequence[Any], kind: str
) -> Written:
    """The same with floats of 32 bits."""
    text = made(a, name, args, keywords, kind).text
    return Written(f"{text}.astype(np.float32)" if kind == FLOAT else text)


def literal(value: Any, library: str = "np") -> str:
    """A number, a text, or a tuple or list of them as Python writes it."""
    if isinstance(value, tuple | list):
        items = ", ".join([literal(part, library) for part in value])
        is_list = isinstance(value, list)
        return f"[{items}]" if is_list else f"({items}{',' * (len(value) == 1)})"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, complex):
        return complex_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        name = f"{library}.nan" if math.isnan(value) else f"{library}.inf"
        return f"-{name}" if value < 0.0 else name
    return repr(value)


def length(a: Sequence[Operand], length: Dim) -> Written:
    """A named length is a variable of the body, or a sum or product of some."""
    text = str(length)
    is_sum = " " in text
    return Written(text, ADDITIVE if is_sum else TERM if "*" in text else ATOM)


def part_of(number: int) -> Spelling:
    """A result of a decomposition: the matrix itself is there for the rules alone."""

    def write(a: Sequence[Operand]) -> Written:
        return Written(f"{a[1].primary}[{number}]")

    return written(write)


SHAPED = """def _shaped(result, shape):
    result = np.array(result)  # a copy: it may be an argument itself
    if result.shape != shape or result.dtype.kind not in "biuf":
        raise ValueError(
            f"a function that is called returns {result.dtype} of the shape {result.shape},"
            f" not numbers of the shape {shape}"
        )
    return result"""


def opaque_call(a: Sequence[Operand], module: tuple[str, ...], name: str, shape: Shape) -> Written:
    """The user's function, and a check of what it returns."""
    arguments = ", ".join(operand.text for operand in a)
    return Written(f"_shaped({name}({arguments}), {shape_text(shape)})")


def opaque_call32(
    a: Sequence[Operand], module: tuple[str, ...], name: str, shape: Shape
) -> Written:
    """The same with floats of 32 bits."""
    return Written(f"{opaque_call(a, module, name, shape).text}.astype(np.float32)")


def broadcast(a: Sequence[Operand], shape: Shape) -> Written:
    """What NumPy does not repeat by itself."""
    return Written(f"np.broadcast_to({a[0].text}, {shape_text(shape)})")

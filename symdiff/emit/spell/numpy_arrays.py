"""Operations on arrays as NumPy writes them: texts that are no plain call."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from symdiff.emit.spell.base import (
    TERM,
    UNARY,
    Operand,
    Spelling,
    Write,
    Written,
    written,
)
from symdiff.emit.spell.indices import index_lengths, index_text, nested_lists
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


def sum_in_order(a: Sequence[Operand]) -> Written:
    """The last of the running sums: NumPy's own sums are pairwise."""
    (x,) = a
    is_row = len(x.shape) == 1
    return Written(
        f"{x.primary}.cumsum({'' if is_row else 'axis=-1'})[{'' if is_row else '..., '}-1]"
    )


def cummax(a: Sequence[Operand], axis: int) -> Written:
    """The first axis goes without saying."""
    return Written(f"np.maximum.accumulate({a[0].text}{f', {axis}' if axis else ''})")


def searchsorted(a: Sequence[Operand], side: str) -> Written:
    """The left side goes without saying."""
    x, v = a
    return Written(
        f"np.searchsorted({x.text}, {v.text}" + (', "right")' if side == "right" else ")")
    )


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


def triangle(name: str) -> Write:
    """The main diagonal goes without saying."""

    def write(a: Sequence[Operand], offset: int) -> Written:
        return Written(f"np.{name}({a[0].text}{f', {offset}' if offset else ''})")

    return write


def broadcast(a: Sequence[Operand], shape: Shape) -> Written:
    """What NumPy does not repeat by itself."""
    return Written(f"np.broadcast_to({a[0].text}, {shape_text(shape)})")

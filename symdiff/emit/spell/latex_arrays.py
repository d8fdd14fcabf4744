r"""Parts of LaTeX: products, quotients, powers, calls, and the notation of arrays."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from symdiff.emit.spell.base import (
    ADDITIVE,
    ATOM,
    UNARY,
    Operand,
    Spelling,
    Write,
    Written,
    notated,
    written,
)
from symdiff.emit.spell.indices import index_text
from symdiff.emit.spell.tex import tex_length, tex_shape
from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.ops.contraction import parts
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.structural import Pattern

# beside Python's precedences, larger binds tighter
CHOICE = 2  # a brace on the left alone: in parentheses wherever it is a part
SIDE_BY_SIDE = 14  # a product without a sign
QUOTIENT, SUPERSCRIPT = 15, 16  # factors as they are, but in parentheses below an exponent
_INDICES = "ijklmn"
# the last factor of a product: signs of functions, words, a difference; perhaps with an exponent
_CALLED = re.compile(
    r"(?:^|[ {(])(?:[fghFGHW]|\\(?:Phi|psi|sigma|theta|Theta|delta)|[JYIK]_\{\w+\})"
    r"(?:\^\{[^{}]*\})?$"
)
_POWERED = re.compile(r"(?:^|[ {(])\\(?:phi|varphi|Psi)(?:\^\{[^{}]*\})?$")
_WORD = re.compile(r"(?:^|[ {(])\\mathrm\{(\w+)\}(?:\^\{[^{}]*\})?$")
_DIFFERENCE = re.compile(r"(?:^|[ {(])\\Delta(?:_\{[^{}\d]*\})?(?:\^\{[^{}]*\})?$")
_SIGNED = re.compile(r"\\left\( [-\d]")
_MOST_WRITTEN = 36  # numbers of an array that are written out


# --- signs and functions -----------------------------------------------------------------------


def enclosed(x: Operand, least: int) -> str:
    """The text, in parentheses where it binds less tightly."""
    return rf"\left( {x.text} \right)" if x.precedence < least else x.text


def behind(x: Operand, least: int) -> str:
    """Likewise behind a sign, where a minus cannot stand."""
    return enclosed(x, ATOM if x.precedence == UNARY else least)


def product(x: Operand, y: Operand) -> Written:
    r"""Side by side; `\cdot` before a number, and where it would look like a call."""
    left, right = enclosed(x, UNARY), behind(y, SIDE_BY_SIDE)
    has_sign = right[0].isdigit() or (looks_called(left, right, y) and not (x.shape and y.shape))
    text = f"{left} \\cdot {right}" if has_sign else f"{left} {right}"
    return Written(text, UNARY if x.precedence == UNARY else SIDE_BY_SIDE)


def looks_called(left: str, right: str, y: Operand) -> bool:
    r"""Whether a product side by side may be read as a call: `x \left( -y \right)`, `\Delta x`."""
    word = _WORD.search(left)
    if _DIFFERENCE.search(left) or (word and word[1] in OPERATIONS):
        return True
    if not right.startswith(r"\left("):
        return False
    is_sum = y.precedence in (ADDITIVE, CHOICE)
    if not is_sum and (right != y.text or _POWERED.search(left)):
        return True
    return bool(_SIGNED.match(right) or word or _CALLED.search(left))


def quotient(above: str, below: str) -> Written:
    """A fraction."""
    return Written(rf"\frac{{{above}}}{{{below}}}", QUOTIENT)


def raised(base: Operand, exponent: str) -> Written:
    """A power: what is more than a name, a number or a call stands in parentheses."""
    return Written(f"{enclosed(base, ATOM)}^{{{exponent}}}", SUPERSCRIPT)


def operator(name: str) -> str:
    """A function under a name that LaTeX has no command for."""
    return rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"


def applied(function: str, *arguments: Operand) -> Written:
    """A call."""
    listed = ", ".join(argument.text for argument in arguments)
    return Written(rf"{function}\left( {listed} \right)")


def called(function: str) -> Spelling:
    """A function of all arguments."""
    return notated(lambda a: applied(function, *a))


def named(function: str) -> Spelling:
    """A part of a decomposition, as a function of the matrix alone."""
    return written(lambda a: applied(function, a[0]))


def cases(*rows: tuple[str, str]) -> Written:
    """Values, each with its condition; the last one for all else."""
    listed = [rf"{value} & \text{{if }} {condition}" for value, condition in rows if condition]
    listed.append(rf"{rows[-1][0]} & \text{{otherwise}}")
    text = r" \\ ".join(listed)
    return Written(rf"\begin{{cases}} {text} \end{{cases}}", CHOICE)


# --- arrays that are known ---------------------------------------------------------------------


def full(a: Sequence[Operand], shape: Shape, dtype: str) -> Written:
    r"""An array full of a number: `\mathbf{0}_{3}`, or so many times `\mathbf{1}_{3}`."""
    (x,) = a
    below = f"_{{{tex_shape(shape)}}}"
    if x.text in ("0", "1"):
        return Written(rf"\mathbf{{{x.text}}}{below}")
    return product(x, Operand(rf"\mathbf{{1}}{below}", ATOM, shape))


def matrix(rows: Sequence[Sequence[str]]) -> Written:
    """Texts between brackets."""
    lines = r" \\ ".join([" & ".join(row) for row in rows])
    return Written(rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}")


def known_array(_: Sequence[Operand], shape: Shape, dtype: str, data: str) -> Written:
    """The numbers, or how many they are."""
    import numpy as np

    lengths = [n for n in shape if isinstance(n, int)]  # all of them
    numbers = np.frombuffer(b64decode(data), dtype).reshape(lengths)
    if numbers.ndim > 2 or not 0 < numbers.size <= _MOST_WRITTEN:
        return Written(rf"\text{{(array of }} {tex_shape(shape)} \text{{ numbers)}}")
    rows = numbers.reshape(*lengths, *[1] * (2 - len(lengths))).tolist()
    return matrix([list(map(_number, row)) for row in rows])


def _number(value: Any) -> str:
    if isinstance(value, float) and value != value:
        return r"\mathrm{NaN}"
    if value in (float("inf"), -float("inf")):
        return r"\infty" if value > 0 else r"-\infty"
    return tex_number(float(value))


def tex_number(value: float) -> str:
    """A number as a person writes it, with a power of ten for what is far from 1."""
    text = str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    mantissa, found, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if found else text


def made(
    _: Sequence[Operand], name: str, args: Sequence[Any], keywords: Sequence[Any], kind: str
) -> Written:
    """The function of NumPy that makes an array, and what it is given."""
    given = [*map(_given, args), *[rf"\text{{{key}}} = {_given(x)}" for key, x in keywords]]
    return Written(rf"{operator(name)}\left( {', '.join(given)} \right)")


def _given(value: Any) -> str:
    if isinstance(value, tuple):
        return rf"\left( {', '.join(map(_given, value))} \right)"
    return rf"\text{{{value}}}" if isinstance(value, str) else _number(value)


def arange(_: Sequence[Operand], length: Dimension) -> Written:
    """The numbers below a length."""
    last = tex_length(length - 1)
    return Written(rf"\left( 0, \dots, {last} \right)")


def unit_matrix(_: Sequence[Operand], length: Dimension) -> Written:
    """The unit matrix of so many rows."""
    return Written(f"I_{{{tex_length(length)}}}")


def length(_: Sequence[Operand], length: Dim) -> Written:
    """A named length is a number."""
    text = tex_length(length)
    return Written(text, ADDITIVE if " + " in text or " - " in text else SIDE_BY_SIDE)


# --- shapes, places, joints --------------------------------------------------------------------


def reshape(a: Sequence[Operand], shape: Shape) -> Written:
    """A number of an array of one, else the new shape below the name."""
    (x,) = a
    if not shape:
        return _below(x, ", ".join("0" * len(x.shape)))
    return applied(rf"\operatorname{{reshape}}_{{{tex_shape(shape)}}}", x)


def transpose(a: Sequence[Operand], axes: tuple[int, ...]) -> Written:
    """A transposed matrix, or the axes in their new order."""
    (x,) = a
    if axes == (1, 0):
        return raised(x, "T")
    return applied(rf"\operatorname{{transpose}}_{{{', '.join(map(str, axes))}}}", x)


def broadcast(a: Sequence[Operand], shape: Shape) -> Written:
    """A number times ones, or an array repeated."""
    (x,) = a
    if not x.shape:
        return product(x, Operand(rf"\mathbf{{1}}_{{{tex_shape(shape)}}}", ATOM, shape))
    return applied(rf"\operatorname{{broadcast}}_{{{tex_shape(shape)}}}", x)


def _below(x: Operand, index: str) -> Written:
    return Written(f"{{{enclosed(x, ATOM)}}}_{{{index}}}")


def _place(pattern: Pattern, shape: Shape, arrays: Sequence[Operand]) -> str:
    text = index_text(pattern, shape, [x.text for x in arrays])
    return text.replace("None", r"\text{new}").replace("...", ":")


def index(a: Sequence[Operand], pattern: Pattern) -> Written:
    """The place below the array; indices count from 0, slices are as Python's."""
    x, *arrays = a
    return _below(x, _place(pattern, x.shape, arrays))


def put(name: str) -> Write:
    """The array, what is written into it or added to it, and where."""

    def write(a: Sequence[Operand], pattern: Pattern) -> Written:
        x, v, *arrays = a
        return applied(rf"\operatorname{{{name}}}_{{{_place(pattern, x.shape, arrays)}}}", x, v)

    return write


def concatenate(a: Sequence[Operand], axis: int) -> Written:
    """Below each other, beside each other, or along a further axis."""
    texts = [x.text for x in a]
    if axis == 0 and len(a[0].shape) < 3:
        return matrix([[text] for text in texts])
    if axis == 1 and len(a[0].shape) == 2:
        return matrix([texts])
    return applied(rf"\operatorname{{concatenate}}_{{{axis}}}", *a)


def stack(a: Sequence[Operand], new: tuple[int, ...], axis: int) -> Written:
    """Numbers as a column or a matrix, vectors as rows; else along a new axis."""
    texts = [x.text for x in a]
    if not a[0].shape and len(new) < 3:
        width = new[1] if len(new) == 2 else 1
        return matrix([texts[start : start + width] for start in range(0, len(texts), width)])
    if axis == 0 and len(new) == 1 and len(a[0].shape) == 1:
        return matrix([[raised(x, "T").text] for x in a])
    lengths = r" \times ".join(map(str, new))
    return applied(rf"\operatorname{{stack}}_{{{lengths}, {axis}}}", *a)


# --- reductions and products -------------------------------------------------------------------


def _indices(count: int) -> str:
    return ", ".join(_INDICES[:count])


def _element(x: Operand) -> str:
    """An array at the indices of a sum."""
    return _below(x, _indices(len(x.shape))).text


def _over_axes(name: str, x: Operand, axes: tuple[int, ...], *, keepdims: bool) -> Written:
    """Over some axes, which stand below the name; with lengths of 1 in their places above."""
    kept = r"^{1}" if keepdims else ""
    return applied(rf"{operator(name)}_{{{', '.join(map(str, axes))}}}{kept}", x)


def reduced(sign: str, name: str) -> Write:
    """Over all elements a sign with indices, over some axes an operator."""

    def write(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
        (x,) = a
        if keepdims or len(axes) < len(x.shape) or len(axes) > len(_INDICES):
            return _over_axes(name, x, axes, keepdims=keepdims)
        return Written(f"{sign}_{{{_indices(len(axes))}}} {_element(x)}", SIDE_BY_SIDE)

    return write


def norm(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
    """Between double bars."""
    (x,) = a
    if keepdims or len(axes) < len(x.shape):
        return _over_axes("norm", x, axes, keepdims=keepdims)
    kind = "_{F}" if len(x.shape) == 2 else ""  # of Frobenius
    return Written(rf"\left\lVert {x.text} \right\rVert{kind}")


def logsumexp(a: Sequence[Operand], axes: tuple[int, ...], keepdims: bool) -> Written:  # noqa: FBT001
    """The logarithm of a sum of exponentials."""
    (x,) = a
    if keepdims or len(axes) < len(x.shape) or len(axes) > len(_INDICES):
        return _over_axes("logsumexp", x, axes, keepdims=keepdims)
    below = _indices(len(axes))
    return Written(rf"\ln \sum_{{{below}}} \mathrm{{e}}^{{{_element(x)}}}", SIDE_BY_SIDE)


def along(name: str) -> Spelling:
    """Along an axis, which stands below the name where there are several."""

    def write(a: Sequence[Operand], axis: int) -> Written:
        (x,) = a
        return applied(operator(name) + (f"_{{{axis}}}" if len(x.shape) > 1 else ""), x)

    return written(write)


def searchsorted(a: Sequence[Operand], side: str) -> Written:
    """Where elements would stand, on which side of equal ones."""
    return applied(rf"\operatorname{{searchsorted}}_{{\text{{{side}}}}}", *a)


def contraction(a: Sequence[Operand], letters: str) -> Written:
    """A product of matrices and vectors, a trace, or a sum over indices."""
    first, second, result = parts(letters)
    x, y = a
    shared = [letter for letter in first if letter in second and letter not in result]
    is_outer = len(first) == len(second) == 1
    is_plain = len(first) < 3 and len(second) < 3 and (bool(shared) or is_outer)
    if is_plain and not set(first) & set(second) & set(result):
        return _matrix_product(x, y, (first, second, result), shared)
    summed = rf"\sum_{{{', '.join(shared)}}} " if shared else ""
    body = f"{_below(x, ' '.join(first)).text} {_below(y, ' '.join(second)).text}"
    return Written(rf"\left[ {summed}{body} \right]_{{{' '.join(result)}}}")


def _matrix_product(
    x: Operand, y: Operand, letters: tuple[str, str, str], shared: Sequence[str]
) -> Written:
    """Vectors are columns; a row is a vector's transpose."""
    first, second, result = letters
    if len(shared) == 2:
        other = y if second == first[::-1] else _turned(y)
        return Written(rf"\operatorname{{tr}}\left( {_beside(x, other)} \right)")
    if result and result[0] in second:  # the factor whose axis comes first stands first
        x, y, first, second = y, x, second, first
    if not result and x.precedence < ATOM <= y.precedence:  # of two vectors the simple one
        x, y = y, x
    summed = "".join(shared)
    if not summed:  # an outer product: a column times a row
        return Written(_beside(x, _turned(y)), SIDE_BY_SIDE)
    left = x if first[-1] == summed and len(first) == 2 else _turned(x)
    right = y if second[0] == summed else _turned(y)
    return Written(_beside(left, right), SIDE_BY_SIDE)


def _turned(x: Operand) -> Operand:
    return Operand(*raised(x, "T")[:2], x.shape)


def _beside(x: Operand, y: Operand) -> str:
    return product(x, y).text


def opaque_call(a: Sequence[Operand], module: tuple[str, ...], name: str, shape: Shape) -> Written:
    """The user's function, by its name."""
    return applied(operator(name), *a)

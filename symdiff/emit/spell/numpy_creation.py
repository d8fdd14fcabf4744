"""Arrays that NumPy makes: copies, buffers, numbers that are known, in text."""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from symdiff.emit.spell.base import (
    ADDITIVE,
    ATOM,
    NAME,
    TERM,
    Operand,
    Spelling,
    Written,
    written,
)
from symdiff.emit.spell.complex_numbers import complex_text
from symdiff.graph.node import BOOL, COMPLEX, FLOAT, FLOAT32, INT
from symdiff.graph.shape import Dim, Shape
from symdiff.graph.shape import text as shape_text


def copy(a: Sequence[Operand]) -> Written:
    """Memory of its own."""
    (x,) = a
    is_array = x.precedence == ATOM and x.text[0].isidentifier() and x.text[-1] in ")]"
    has_method = x.precedence == NAME or is_array
    return Written(f"{x.text}.copy()" if has_method else f"np.array({x.text})")


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
    """The literal of an array, from its bytes in base 64; of a single truth its word."""
    if not shape and dtype == "bool":
        return Written(str(b64decode(data) != b"\0"))
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
        return Written(f'np.zeros({shape_text(shape)}, "{dtype}")')
    if dtype == FLOAT and _is_unit(numbers):
        return Written(f"np.eye({len(numbers)})")
    listed = literal(numbers.tolist())
    is_plain = dtype in ("float64", "int64", "bool", "complex128")
    return Written(f"np.array({listed})" if is_plain else f"np.array({listed}, {dtype!r})")


def _is_unit(numbers: Any) -> bool:
    import numpy as np

    shape = numbers.shape
    return len(shape) == 2 and shape[0] == shape[1] > 1 and np.array_equal(numbers, np.eye(*shape))


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

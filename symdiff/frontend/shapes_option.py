"""Shapes that are given beside a text: the option `--shape "X: N 10"`, and a mapping of shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from symdiff.errors import ParseError, ShapeError, Span
from symdiff.graph.shape import Dimension, Shape, named

_EXAMPLE = 'write for example "X: N 10"'
_BRACKETS = {"[": "]", "(": ")"}


def parse_shape(option: str) -> tuple[str, tuple[int | str, ...]]:
    """The name of an input and its shape, as `X: N 10` gives them.

    Args:
        option: the name, a colon, and the lengths of the axes, with spaces or commas between;
            brackets around them are allowed.

    Returns:
        The name, and the lengths: whole numbers and names of dimensions.

    Raises:
        ParseError: where it is not written so.
    """
    before, colon, after = option.partition(":")
    name = before.strip()
    if not colon:
        raise ParseError(
            "a shape needs a colon after the name of the input",
            text=option, span=Span(0, max(1, len(option))), suggestion=_EXAMPLE,
        )  # fmt: skip
    if not name.isidentifier():
        missing = "the name of the input is missing"
        raise ParseError(
            f"'{name}' cannot be the name of an input" if name else missing,
            text=option, span=Span(0, max(1, len(before))), suggestion=_EXAMPLE,
        )  # fmt: skip
    start = len(before) + 1
    words = list(re.finditer(r"[^\s,\[\]()]+|[\[\]()]", after))
    if words and words[0][0] in _BRACKETS and words[-1][0] == _BRACKETS[words[0][0]]:
        words = words[1:-1]
    return name, tuple(_length(option, word, start) for word in words)


def _length(option: str, word: re.Match[str], start: int) -> int | str:
    text = word[0]
    if text.isascii() and text.isdigit():
        return int(text)
    if text.isidentifier():
        return text
    raise ParseError(
        f"'{text}' is no length of an axis",
        text=option,
        span=Span(start + word.start(), start + word.end()),
        suggestion="lengths are whole numbers and names of dimensions",
    )


def given_shapes(shapes: Mapping[str, Sequence[int | str] | str | int]) -> dict[str, Shape]:
    """Shapes by name of an input, with named dimensions in the place of names.

    Raises:
        ShapeError: where one is no shape.
    """
    return {name: _shape_of(name, shape) for name, shape in shapes.items()}


def _shape_of(name: str, shape: Sequence[int | str] | str | int) -> Shape:
    if isinstance(shape, str):
        _, shape = parse_shape(f"{name}: {shape}")
    items = (shape,) if isinstance(shape, int) else tuple(shape)
    return tuple(_dimension(name, item) for item in items)


def _dimension(name: str, length: int | str) -> Dimension:
    if isinstance(length, str) and length.isidentifier():
        return named(length)
    if isinstance(length, int) and not isinstance(length, bool) and length >= 0:
        return length
    raise ShapeError(
        f"the shape of '{name}' holds {length!r}, which is no length of an axis",
        suggestion="lengths are whole numbers and names of dimensions",
    )

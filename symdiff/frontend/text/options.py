"""Options of a text: how large it may be, and the shapes of its inputs that stand beside it.

Shapes come as the option `--shape "X: N 10"` or as a mapping; the kind of the elements may stand
before the lengths: `k: int N`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from symdiff.errors import ParseError, ShapeError, Span
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Dimension, Shape, named
from symdiff.graph.shape import text as shape_text


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest input that is taken. None of them is met by ordinary work.

    Attributes:
        length: characters of the text; `--max-length`.
        depth: brackets inside of each other; `--max-depth`.
        nodes: lines of the graph; `--max-nodes`.
        power_digits: decimal digits of a power of two numbers, such as `9**9`;
            `--max-power-digits`. float64 ends at 308.
    """

    length: int = 10_000_000
    depth: int = 100_000
    nodes: int = 5_000_000
    power_digits: int = 308


LIMITS = Limits()


KINDS: Mapping[str, str] = {"float": FLOAT, "int": INT, "bool": BOOL}

_EXAMPLE = 'write for example "X: N 10" or "k: int N"'
_LENGTHS = "lengths are whole numbers and names of dimensions; a kind, as int, comes before them"
_BRACKETS = {"[": "]", "(": ")"}


class Declared(NamedTuple):
    """What is said of an input beside the source.

    Attributes:
        shape: the lengths of its axes.
        kind: that of its elements; `None` where nothing is said.
    """

    shape: Shape
    kind: str | None = None

    def __str__(self) -> str:
        words = {kind: word for word, kind in KINDS.items()}
        shape = shape_text(self.shape)
        return shape if self.kind is None else f"{words[self.kind]} {shape}"


def parse_shape(option: str) -> tuple[str, tuple[int | str, ...]]:
    """The name of an input and its shape, as `X: N 10` gives them.

    Args:
        option: the name, a colon, perhaps a kind, and the lengths of the axes, with spaces or
            commas between; brackets around them are allowed.

    Returns:
        The name, and the kind where one is given and the lengths: whole numbers and names of
        dimensions.

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
    kind = [words.pop(0)[0]] if words and words[0][0] in KINDS else []
    if words and words[0][0] in _BRACKETS and words[-1][0] == _BRACKETS[words[0][0]]:
        words = words[1:-1]
    return name, (*kind, *[_length(option, word, start) for word in words])


def _length(option: str, word: re.Match[str], start: int) -> int | str:
    text = word[0]
    if text.isascii() and text.isdigit():
        return int(text)
    if text.isidentifier() and text not in KINDS:
        return text
    raise ParseError(
        f"'{text}' is no length of an axis",
        text=option,
        span=Span(start + word.start(), start + word.end()),
        suggestion=_LENGTHS,
    )


def plain_shapes(shapes: Mapping[str, Any] | None) -> dict[str, tuple[int | str, ...]] | None:
    """Shapes by name of an input as tuples of kinds, whole numbers and names.

    Raises:
        SymdiffError: where one is no shape.
    """
    if not shapes:
        return None
    return {name: _plain(name, shape) for name, shape in shapes.items()}


def _plain(name: str, shape: Sequence[int | str] | str | int) -> tuple[int | str, ...]:
    if isinstance(shape, str):
        return parse_shape(f"{name}: {shape}")[1]
    if isinstance(shape, int):
        return (shape,)
    return tuple(shape)


def declared(name: str, shape: Sequence[int | str] | str | int) -> Declared:
    """A shape as it is given in Python, and the kind before its lengths.

    Raises:
        SymdiffError: where it is none.
    """
    items = _plain(name, shape)
    kind = None
    if items and isinstance(items[0], str) and items[0] in KINDS:
        kind, items = KINDS[items[0]], items[1:]
    return Declared(tuple([_dimension(name, item) for item in items]), kind)


def _dimension(name: str, length: int | str) -> Dimension:
    if isinstance(length, str) and length.isidentifier() and length not in KINDS:
        return named(length)
    if isinstance(length, int) and not isinstance(length, bool) and length >= 0:
        return length
    raise ShapeError(
        f"the shape of '{name}' holds {length!r}, which is no length of an axis",
        suggestion=_LENGTHS,
    )

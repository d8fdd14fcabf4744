"""The header of a module: version, hash, and the recipe that `verify` makes it from again."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from typing import Any

from symdiff.version import __version__

_WIDTH = 98  # of a comment line, without its sign
_NEXT = "| "  # before what continues a line: the rest of a recipe alone may look like code
_DIGITS = 16
_BLANK = "-" * _DIGITS


def header_lines(recipe: Mapping[str, Any]) -> list[str]:
    """The header as comment lines, with a blank for the hash.

    JSON escapes what is not ASCII and every line break, so no text can leave the comment.
    """
    data = json.dumps(recipe, separators=(",", ":"))
    text = f"symdiff {__version__}, sha256 {_BLANK}, recipe: {data}"
    lines: list[str] = []
    start = 0
    while start < len(text):
        end = min(start + _WIDTH - len(_NEXT) * bool(lines), len(text))
        while text[end - 1] == " ":  # no line ends with a space
            end -= 1
        lines.append(f"{_NEXT if lines else ''}{text[start:end]}")
        start = end
    return lines


def signed(text: str) -> str:
    """The module with the hash of its text in the place of the blank."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return text.replace(f"sha256 {_BLANK}", f"sha256 {digest}", 1)


def read_recipe(text: str) -> Any:  # JSON
    """The recipe in the header of an emitted module; `None` where there is none."""
    rest = itertools.dropwhile(lambda line: not line.startswith("# symdiff "), text.split("\n"))
    lines = itertools.takewhile(lambda line: line.startswith("# "), rest)
    written = "".join(line.removeprefix("# ").removeprefix(_NEXT) for line in lines)
    head, found, data = written.partition(", recipe: ")
    if not found or not head.startswith("symdiff "):
        return None
    try:
        return json.loads(data)
    except ValueError:
        return None

"""The recipe at the end of a module, that `verify` makes it from again, and its header."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from symdiff.emit.layout import WIDTH
from symdiff.version import __version__

_START = "# symdiff recipe: "
_NEXT = "# | "  # before what continues a line: the rest of a recipe alone may look like code
_END = "*/"  # of a comment that holds the recipe
_SPACES = " " * (WIDTH // 2)  # so many in a row could fill a line, which ends with none
_DIGITS = 16
_CHUNK = 1 << 20  # letters that are hashed at once
_BLANK = "-" * _DIGITS
_LEAN = "lean: without recipe"


def header_line(*, is_lean: bool) -> str:
    """The line with the version and a blank for the hash."""
    return f"# symdiff {__version__}, sha256 {_BLANK}{f', {_LEAN}' if is_lean else ''}"


def recipe_lines(recipe: Mapping[str, Any]) -> list[str]:
    """The recipe as comment lines.

    JSON escapes what is not ASCII and every line break, so no text can leave the comment.
    """
    text = json.dumps(recipe, separators=(",", ":"))
    text = text.replace(_SPACES, _SPACES[1:] + r"\u0020")  # in a string: nothing else has spaces
    lines: list[str] = []
    start = 0
    while start < len(text):
        head = _NEXT if lines else _START
        end = min(start + WIDTH - len(head), len(text))
        while text[end - 1] == " ":  # no line ends with a space
            end -= 1
        lines.append(head + text[start:end])
        start = end
    return lines


def signed(text: str) -> str:
    """The module with the hash of its text in the place of the blank."""
    digest = hashlib.sha256()
    for start in range(0, len(text), _CHUNK):  # a long text is not held twice
        digest.update(text[start : start + _CHUNK].encode())
    return text.replace(f"sha256 {_BLANK}", f"sha256 {digest.hexdigest()[:_DIGITS]}", 1)


def read_recipe(text: str) -> Any:  # JSON
    """The recipe at the end of an emitted module; `None` where there is none."""
    _, found, rest = f"\n{text}".rpartition(f"\n{_START}")
    if not found:
        return None
    first, *others = rest.rstrip("\n").removesuffix(f"\n{_END}").split("\n")
    if not all(line.startswith(_NEXT) for line in others):
        return None
    try:
        return json.loads(first + "".join(line.removeprefix(_NEXT) for line in others))
    except ValueError:
        return None


def why_no_recipe(text: str) -> str:
    """What a file is that holds no recipe."""
    header = next((line for line in text.split("\n") if line.startswith("# symdiff ")), "")
    if header.endswith(_LEAN):
        return "it was made with --lean"
    if ", recipe: " in header:
        return "it was made by an earlier version: make it anew"
    return "it is not a module that symdiff emitted"

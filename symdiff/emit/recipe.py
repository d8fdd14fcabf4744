"""The recipe in the header of a module: what `verify` makes it from again."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

_WIDTH = 96  # of a comment line, without its sign


def recipe_lines(recipe: Mapping[str, Any]) -> list[str]:
    """The recipe as comment lines. JSON escapes what is not ASCII, so no text can leave them."""
    text = f"recipe: {json.dumps(recipe)}"
    lines, start = [], 0
    while start < len(text):
        end = min(start + _WIDTH, len(text))
        while text[end - 1] == " ":  # no line ends with a space
            end -= 1
        lines.append(text[start:end])
        start = end
    return lines


def read_recipe(text: str) -> Any:  # JSON
    """The recipe in the header of an emitted module; `None` where there is none."""
    lines = itertools.takewhile(lambda line: line.startswith("# "), text.split("\n")[2:])
    written = "".join(line[2:] for line in lines)
    if not written.startswith("recipe: "):
        return None
    try:
        return json.loads(written.removeprefix("recipe: "))
    except ValueError:
        return None

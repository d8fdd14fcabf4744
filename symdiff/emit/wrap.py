"""Long calls and tuples on several lines."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_WIDTH = 94  # with the deepest indent of the template it stays below 100


def call(
    head: str,
    items: Sequence[str],
    tail: str,
    *,
    indent: int = 0,
    opening: str = "",
    closing: str = "",
) -> list[str]:
    """`head`, the items with commas, `tail`: on one line if it fits, else filled on several.

    Args:
        head: up to and with the opening bracket.
        items: what stands between the commas.
        tail: from the closing bracket on.
        indent: how far the template indents the first line.
        opening: a bracket that is needed on several lines only.
        closing: its counterpart.
    """
    line = f"{head}{', '.join(items)}{tail}"
    if len(line) <= _WIDTH - indent:
        return [line]
    head = head.rstrip() + (" (" if opening and head.endswith(" ") else "")
    lines, current = [head], "   "
    for item in items:
        if len(current) + len(item) + 2 > _WIDTH - indent and current.strip():
            lines.append(current)
            current = "   "
        current += f" {item},"
    return [*lines, current, f"{closing}{tail}"]


def tuple_text(items: Sequence[str]) -> str:
    """A tuple's text on one line."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def fill(head: str, items: Sequence[str], tail: str) -> list[str]:
    """Words with commas between them, on as many lines as they need."""
    lines, current = [], head
    for number, item in enumerate(items):
        word = item + (tail if number == len(items) - 1 else ",")
        if len(current) + len(word) + 1 > _WIDTH - 4 and current.strip():
            lines.append(current.rstrip())
            current = "    "
        current += word + " "
    return [*lines, current.rstrip()]


def folded(statement: str) -> list[str]:
    """A long statement on several lines, broken at spaces, which stand in brackets alone."""
    head, _, rest = statement.partition(" = ")
    first, *others = textwrap.wrap(
        rest, _WIDTH - len(head) - 3, break_long_words=False, break_on_hyphens=False
    )
    return [f"{head} = {first}", *[f"    {line}" for line in others]]

r"""Names in bold or with an arrow, which stand for vectors: `\mathbf{x}`, `\vec{a}`."""

from __future__ import annotations

import re
from collections.abc import Container

from symdiff.frontend.latex import words
from symdiff.frontend.latex.cursor import Node

_MARKS = "|".join(sorted(words.ACCENTS.keys() - {"vec"}))
_BOLD = re.compile(
    rf"(?:[\s{{(]|\\(?:left|{_MARKS})(?![A-Za-z]))*"
    rf"(?:{'|'.join(re.escape(macro) for macro in words.BOLD)})(?![A-Za-z])"
)
_PASSING = ("+", "-", "negate", "*", "cdot", "times", "otimes", "odot")


def bold_name(node: Node, latex: str, known: Container[str]) -> str:
    """The name of a vector without a shape that a part of a formula is a multiple or a sum of.

    Args:
        node: the part.
        latex: the formula.
        known: names that have a shape, be it that of a number.

    Returns:
        The name in the grammar; empty where there is none.
    """
    left = [node]
    while left:
        one = left.pop()
        if one.kind in _PASSING:
            left += reversed(one.parts)
        elif one.kind == "/":
            left.append(one.parts[0])
        elif one.kind == "name" and _BOLD.match(latex, one.start):
            name = "_".join([one.text, *[part.text for part in one.parts]])
            if one.text not in known and name not in known:
                return name
    return ""

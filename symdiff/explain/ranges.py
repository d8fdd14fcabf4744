"""Ranges of lines of a source: what the boxes of a folded picture stand for."""

from __future__ import annotations

from collections.abc import Collection
from math import ceil

MOST_BOXES = 40  # of a folded picture
UNKNOWN = "the function"  # where lines are not known


def titles_of(numbers: Collection[int]) -> dict[int, str]:
    """By number of a line, the title of the box that it stands in: its own, or that of a range."""
    known = sorted(number for number in numbers if number)
    each = max(1, ceil(len(known) / MOST_BOXES))
    titles = {0: UNKNOWN}
    for start in range(0, len(known), each):
        inside = known[start : start + each]
        title = f"line {inside[0]}" if len(inside) == 1 else f"lines {inside[0]} to {inside[-1]}"
        titles |= dict.fromkeys(inside, title)
    return titles

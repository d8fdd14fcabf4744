"""Index text: patterns of slices, numbers and index arrays between square brackets."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.ops.structural import Pattern


def index_text(pattern: Pattern, shape: Shape, arrays: Sequence[str]) -> str:
    """The pattern between square brackets, without what may be left out at its end."""
    parts: list[str] = []
    axis = 0
    for entry in pattern:
        if entry[0] == "new":
            parts.append("None")
            continue
        length = shape[axis]
        axis += 1
        if entry[0] == "int":
            parts.append(str(entry[1]))
        elif entry[0] == "array":
            parts.append(arrays[entry[1]])
        else:
            _, start, count, step = entry
            parts.append(_slice_text(start, count, step, length))
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return ", ".join(parts) or "..."


def _slice_text(start: Dimension, count: Dimension, step: int, length: Dimension) -> str:
    stop = start + count * step
    if step < 0:
        first = "" if start == length - 1 else str(start)
        return f"{first}:{_stop_before(stop, length)}:{step}"
    first = "" if start == 0 else str(start)
    left = length - stop
    if left == 0 or (isinstance(left, int) and left < 0):
        last = ""
    elif isinstance(left, int) and isinstance(length, Dim):
        last = str(-left)
    else:
        last = str(stop)
    return f"{first}:{last}" + (f":{step}" if step != 1 else "")


def _stop_before(stop: Dimension, length: Dimension) -> str:
    """Where a slice that goes backwards stops: counted from the end where -1 might be meant."""
    if isinstance(stop, int):
        return "" if stop < 0 else str(stop)
    from_end = stop - length
    if isinstance(from_end, int) or stop.least is None or stop.least < 0:
        return str(from_end)
    return str(stop)


def nested_lists(texts: list[str], shape: Sequence[int]) -> str:
    """Elements in C's order as lists of lists."""
    for count in reversed(shape):
        rows = range(0, len(texts), count)
        texts = [f"[{', '.join(texts[row : row + count])}]" for row in rows]
    return texts[0]

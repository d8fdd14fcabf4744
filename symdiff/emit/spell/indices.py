"""Index text: patterns of slices, numbers and index arrays between square brackets."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.graph.shape import Dim, Dimension, Shape
from symdiff.ops.structural import Pattern


def index_text(pattern: Pattern, shape: Shape, arrays: Sequence[str]) -> str:
    """The pattern between square brackets, without what may be left out at its end."""
    parts = index_parts(pattern, shape, arrays)
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return ", ".join(parts) or "..."


def index_parts(pattern: Pattern, shape: Shape, arrays: Sequence[str]) -> list[str]:
    """The entries of a pattern."""
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
    return parts


def index_lengths(pattern: Pattern, shape: Shape) -> list[Dimension]:
    """The dimensions that the text of a pattern has."""
    found: list[Dimension] = []
    axes = iter(shape)
    for entry in pattern:
        length = next(axes) if entry[0] != "new" else 0
        if entry[0] == "int":
            found.append(entry[1])
        elif entry[0] == "slice":
            _, start, count, step = entry
            found += [n for n in _bounds(start, count, step, length) if n is not None]
    return found


def _slice_text(start: Dimension, count: Dimension, step: int, length: Dimension) -> str:
    first, last = _bounds(start, count, step, length)
    ends = ["" if end is None else str(end) for end in (first, last)]
    parts = [*ends, *[str(step)] * (step != 1)]
    if all([not part or part.isidentifier() or part.lstrip("-").isdigit() for part in parts]):
        return ":".join(parts)
    text = parts[0]  # a colon between sums stands between spaces, as an operator does
    for part in parts[1:]:
        text += f"{' ' if text[-1:] not in ('', ':') else ''}:{f' {part}' if part else ''}"
    return text


def _bounds(
    start: Dimension, count: Dimension, step: int, length: Dimension
) -> tuple[Dimension | None, Dimension | None]:
    """Where a slice begins and stops, `None` where an end goes without saying."""
    stop = start + count * step
    if step < 0:
        return None if start == length - 1 else start, _stop_before(stop, length)
    first = None if start == 0 else start
    left = length - stop
    if isinstance(left, int) and left <= 0:
        return first, None
    return first, -left if isinstance(left, int) and isinstance(length, Dim) else stop


def _stop_before(stop: Dimension, length: Dimension) -> Dimension | None:
    """Where a slice that goes backwards stops: counted from the end where -1 might be meant."""
    if isinstance(stop, int):
        return None if stop < 0 else stop
    from_end = stop - length
    is_natural = all(factor > 0 for _, factor in stop.terms)  # whatever the names are
    return stop if is_natural and not isinstance(from_end, int) else from_end


def nested_lists(texts: list[str], shape: Sequence[int]) -> str:
    """Elements in C's order as lists of lists."""
    for count in reversed(shape):
        rows = range(0, len(texts), count)
        texts = [f"[{', '.join(texts[row : row + count])}]" for row in rows]
    return texts[0]

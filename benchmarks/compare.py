"""What tables of several tools share: that they agree, their rows, their ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.measure import Call, Times
from benchmarks.report import number, seconds

HEADINGS = ("method", "time", "ratio")


def agree(calls: Mapping[str, Call], tolerance: float = 1e-11) -> None:
    """Stop where a tool computes something else: the comparison would mean nothing.

    Args:
        calls: by tool, what returns `(value, partial derivatives)`, numbers or arrays.
        tolerance: how far apart they may be, beside the largest of a result's numbers.
    """
    import numpy as np

    expected: list[Any] = []
    for name, call in calls.items():
        value, gradient = call()
        parts = [np.asarray(x, dtype=float) for x in (value, *gradient)]
        expected = expected or parts
        for part, other in zip(parts, expected, strict=True):
            if part.shape != other.shape or np.any(
                np.abs(part - other) > tolerance * np.abs(other).max()
            ):
                raise SystemExit(f"benchmarks: {name} computes another gradient")


def over(times: Mapping[str, Times], name: str, base: str) -> float | None:
    """The ratio of two tools; `None` where one is not installed."""
    return times[name].over(times[base]) if name in times and base in times else None


def rows(times: Mapping[str, Times], base: str) -> list[tuple[str, ...]]:
    """A row for each tool: its median and its ratio to one of them."""
    return [
        (name, seconds(found.median), number(found.over(times[base])))
        for name, found in times.items()
    ]

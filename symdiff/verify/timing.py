"""Times of calls, and memory of processes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 7


def median_seconds(call: Callable[[], object], budget: float) -> float:
    """The median time of a call over a few rounds, in about so many seconds; it is warm."""
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    if once > budget:
        return once
    repeats = max(1, int(budget / ROUNDS / max(once, 1e-7)))
    rounds = max(1, min(ROUNDS, int(budget / max(once, 1e-7))))
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        found.append((time.perf_counter() - start) / repeats)
    return statistics.median(found)


def peak_memory() -> int:
    """The largest number of bytes that this process has held.

    The kernel's own figure for this program where there is one: what getrusage says can be the
    peak of the process that started it.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

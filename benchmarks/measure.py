"""How things are measured: interleaved repetitions, medians, ratios of the same round."""

from __future__ import annotations

import cProfile
import json
import platform
import pstats
import re
import statistics
import subprocess
import sys
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from symdiff.verify.timing import peak_memory

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Times:
    """The seconds of one call, measured once a round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    def over(self, base: Times) -> float:
        """The ratio to another's: the median over the rounds, so that slow phases cancel."""
        pairs = zip(self.seconds, base.seconds, strict=True)
        return statistics.median(mine / other for mine, other in pairs)


def interleaved(
    contestants: Mapping[str, Call], rounds: int = 11, seconds: float = 0.05
) -> dict[str, Times]:
    """Time each contestant once a round, forwards and backwards in turn.

    Args:
        contestants: by name, what is called.
        rounds: how often each is timed.
        seconds: about how long it is repeated in a round; at least once.
    """
    repeats = {name: _repeats(call, seconds) for name, call in contestants.items()}
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for index in range(rounds):
        for name in list(contestants)[:: -1 if index % 2 else 1]:
            found[name].append(_one(contestants[name], repeats[name]))
    return {name: Times(tuple(times)) for name, times in found.items()}


def _repeats(call: Call, seconds: float) -> int:
    """How many calls take about so long, after one that warms up."""
    call()
    return max(1, int(seconds / max(_one(call, 1), 1e-7)))


def _one(call: Call, repeats: int) -> float:
    """Seconds of one call, garbage collection included."""
    return timeit.Timer(call, "import gc; gc.enable()").timeit(repeats) / repeats


class Phases:
    """Names and times the steps of a longer piece of work.

    Attributes:
        seconds: by name, what each step took of one core: minutes of it would count others' work.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, step: Callable[[], Any]) -> Any:  # what the step returns
        """Do a step."""
        start = time.process_time()
        result = step()
        self.seconds[name] = time.process_time() - start
        return result


def in_process(module: str, *arguments: object) -> Any:  # JSON
    """What a module prints as JSON when it is run alone: nothing else is in its memory."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def memory_taken(work: Call) -> int | None:
    """The bytes that some work needs at most beyond those held before it.

    `None` where the kernel does not let the peak be set back: making the data may have been one.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")  # sets the peak to what is held now
    except OSError:
        return None
    before = peak_memory()
    work()
    return peak_memory() - before


def profile(work: Call, entries: int = 15) -> list[str]:
    """The functions that `work` spends its own time in, most first, as lines of a table."""
    profiler = cProfile.Profile()
    profiler.runcall(work)
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]  not in the stubs
    rows = sorted(stats.items(), key=lambda item: item[1][2], reverse=True)
    total = sum(row[2] for _, row in rows)
    lines = [f"{'share':>6} {'own s':>8} {'calls':>10}  function"]
    for (file, line, function), (_, calls, own, _, _) in rows[:entries]:
        where = _place(file, line, function)
        lines.append(f"{own / total:6.1%} {own:8.3f} {calls:10,}  {where}")
    return lines


def _place(file: str, line: int, function: str) -> str:
    """A function by the last two parts of its path; without addresses, which differ by run."""
    if file == "~":
        return re.sub(r" at 0x\w+", "", function)
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {function}"


def versions(names: Sequence[str]) -> dict[str, str]:
    """Python's version and that of each distribution that is installed."""
    found = {"Python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found

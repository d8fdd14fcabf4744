"""Whole processes, as a shell sees them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks.measure import Times, interleaved
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds

_BARE, _SYMPY = "python -c pass", 'python -c "import sympy"'
_GRAD, _HELP = 'symdiff grad "x**2+y**3"', "symdiff --help"
_ENTRIES = 15


def run(options: Options) -> Section:
    """Medians of eleven runs of each."""
    command = _command()
    processes = {
        _BARE: [sys.executable, "-c", "pass"],
        _SYMPY: [sys.executable, "-c", "import sympy"],
        _GRAD: [*command, "grad", "x**2+y**3"],
        _HELP: [*command, "--help"],
    }
    calls = {name: partial(_run, process) for name, process in processes.items()}
    table = _table(interleaved(calls, rounds=11, seconds=0.0))
    profiles = {}
    for name, target in ((_GRAD, table.targets[0]), (_HELP, table.targets[1])):
        if target.is_missed or options.profile:
            profiles[f"Slowest imports of `{name}`"] = _imports(processes[name][1:])
    about = "Wall time of a process from its start to its end, files in the system's cache."
    return Section("Whole processes", about, [table], profiles)


def _command() -> list[str]:
    """The installed command; its module where there is none."""
    folder = Path(sys.executable).parent
    script = shutil.which("symdiff", path=str(folder))
    return [sys.executable, *([script] if script else ["-m", "symdiff"])]


def _run(process: list[str]) -> None:
    subprocess.run(process, check=True, capture_output=True)


def _table(times: dict[str, Times]) -> Table:
    rows = [
        (name, seconds(found.median), number(found.over(times[_BARE])))
        for name, found in times.items()
    ]
    targets = (
        Target(f"`{_GRAD}` over `{_SYMPY}`", 1.5, times[_GRAD].over(times[_SYMPY])),
        Target(
            f"`{_HELP}` over bare Python (0.15 s to 0.03 s)",
            5.0,
            times[_HELP].over(times[_BARE]),
            reason="The imports that take longest are below.",
        ),
    )
    return Table("Processes", ("process", "time", "ratio"), rows, targets)


def _imports(arguments: list[str]) -> list[str]:
    """The modules whose own import takes longest, as lines of a table."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = []
    for line in done.stderr.splitlines():
        if line.startswith("import time:") and "cumulative" not in line:
            own, cumulative, module = line.removeprefix("import time:").split("|")
            found.append((int(own), int(cumulative), module.strip()))
    total = sum(own for own, _, _ in found)
    lines = [f"{'own ms':>8} {'with its imports':>17}  module"]
    for own, cumulative, module in sorted(found, reverse=True)[:_ENTRIES]:
        lines.append(f"{own / 1e3:8.1f} {cumulative / 1e3:17.1f}  {module}")
    return [*lines, f"{total / 1e3:8.1f}  all {len(found)} modules"]

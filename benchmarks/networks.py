"""Value and gradient of two networks by all their weights, and how long the first call takes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from functools import partial

from benchmarks.compare import HEADINGS, agree, over, rows
from benchmarks.measure import Call, Times, in_process, interleaved, profile
from benchmarks.models import (
    HAND,
    JAX,
    LARGE,
    OURS,
    SMALL,
    TOOLS,
    TORCH,
    Model,
    compiled,
    differentiated,
    in_jax,
    jitted,
)
from benchmarks.options import Options
from benchmarks.peers import installed
from benchmarks.report import Section, Table, Target, seconds

_FIRST_RUNS = 5  # processes for each tool


def run(options: Options) -> Section:
    """A table for each network, one for the first calls."""
    small, missing = _steps(SMALL, rounds=41)
    large, _ = _steps(LARGE, rounds=21)
    first = _first_calls()
    profiles = {}
    if options.profile or any(target.is_missed for target in first.targets):
        profiles["The first call of the small network, 20 times"] = profile(_twenty_times)
    about = (
        "Value and gradient by all weights, float64, each library with the threads that it takes "
        "by itself. The ratio is to the first row, the median over the rounds of one run."
    )
    return Section("Networks", about, [small, large, first], profiles, missing)


def _steps(model: Model, rounds: int) -> tuple[Table, tuple[str, ...]]:
    arguments = model.arguments()
    makers = {name: partial(make, model, arguments) for name, make in TOOLS.items()}
    calls, missing = installed(makers)
    agree(calls)
    times = interleaved(calls, rounds)
    targets = [Target("symdiff over NumPy by hand", 1.15, over(times, OURS, HAND))]
    if model is SMALL:
        for tool, name, bound in ((JAX, "JAX's jit", 2.5), (TORCH, "PyTorch", 3.5)):
            ratio = over(times, tool, OURS)
            targets.append(Target(f"{name} over symdiff", bound, ratio, at_least=True))
    made = compiled(model, arguments)
    note = (
        f"The value has {made.optimized_value.ops} operations, with the gradient {made.ops}. "
        f"`{OURS}` is `sd.value_and_grad` of the NumPy function, called again."
    )
    table = Table(model.title, HEADINGS, rows(times, HAND), tuple(targets), (note,))
    return table, missing


def _first_calls() -> Table:
    """From a function that was not differentiated before to its first result."""
    cells, targets = [], []
    for model in (SMALL, LARGE):
        calls, _ = installed({tool: partial(make, model) for tool, make in _FRESH.items()})
        times = interleaved(calls, seconds=0.0)
        cells.append((model.title, *_cells(times)))
        ratio = over(times, OURS, JAX)
        targets.append(Target(f"symdiff over JAX's jit, {model.title}", 1 / 3, ratio))
    cells.append((f"{SMALL.title}, the first of a process", *_cells(_alone())))
    title = "First call: trace, compile, run"
    notes = (
        "In a process that has compiled before, with JAX's caches emptied each time. The last "
        "row's processes have imported what they need and compiled nothing.",
    )
    return Table(title, ("network", OURS, JAX), cells, tuple(targets), notes)


def _cells(times: Mapping[str, Times]) -> list[str]:
    return [seconds(times[tool].median) if tool in times else "" for tool in (OURS, JAX)]


def _fresh_by_symdiff(model: Model) -> Call:
    """A call that traces and compiles each time."""
    arguments = model.arguments()
    return lambda: differentiated(model)(*arguments)


def _fresh_by_jax(model: Model) -> Call:
    import jax

    arguments = in_jax(model.arguments())

    def call() -> object:
        jax.clear_caches()
        return jitted(model)(*arguments)

    return call


_FRESH = {OURS: _fresh_by_symdiff, JAX: _fresh_by_jax}


def _alone() -> dict[str, Times]:
    """The first call of a process of its own for each run."""
    found: dict[str, list[float]] = {}
    for _ in range(_FIRST_RUNS):
        for tool in _FRESH:
            found.setdefault(tool, []).append(in_process(__name__, tool))
    return {tool: Times(tuple(times)) for tool, times in found.items() if None not in times}


def _first_alone(tool: str) -> float | None:
    """Seconds of the first call in this process, after the imports; `None` for a missing tool."""
    import jinja2  # noqa: F401  imports are not counted
    import numpy as np  # noqa: F401

    import symdiff.api  # noqa: F401

    try:
        call = _FRESH[tool](SMALL)
    except ImportError:
        return None
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _twenty_times() -> None:
    call = _fresh_by_symdiff(SMALL)
    for _ in range(20):
        call()


if __name__ == "__main__":
    print(json.dumps(_first_alone(sys.argv[1])))

"""Regressions on a million rows, and the fit of a curve: time, memory and operations."""

from __future__ import annotations

import json
import sys
from functools import partial

from benchmarks.compare import HEADINGS, agree, over, rows
from benchmarks.measure import in_process, interleaved, memory_taken, profile
from benchmarks.models import (
    AUTOGRAD,
    DECAY,
    HAND,
    LINEAR,
    LOGISTIC,
    MODULE,
    OURS,
    TOOLS,
    Model,
    compiled,
)
from benchmarks.options import Options
from benchmarks.peers import installed
from benchmarks.report import Section, Table, Target, number

_MODELS = {"linear": LINEAR, "logistic": LOGISTIC, "decay": DECAY}
_MEGABYTE = 1e6


def run(options: Options) -> Section:
    """A table of times for each regression, and one of memory."""
    tables, profiles = [], {}
    missing: tuple[str, ...] = ()
    for model in _MODELS.values():
        table, missing = _times(model)
        tables.append(table)
        if options.profile:
            profiles[f"{model.title}, 5 times"] = profile(partial(_five_times, model), 8)
    about = (
        "Value and gradient by what is fitted, float64, each library with the threads that it "
        "takes by itself. Of the decay the emitted module takes data of any length, in blocks of "
        "rows on threads. The ratio is to the first row, the median over the rounds of one run."
    )
    return Section("Regression", about, [*tables, _memory()], profiles, missing)


def _times(model: Model) -> tuple[Table, tuple[str, ...]]:
    arguments = model.arguments()
    makers = {name: partial(make, model, arguments) for name, make in TOOLS.items()}
    calls, missing = installed(makers)
    agree(calls, tolerance=1e-9)  # sums of a million terms
    times = interleaved(calls, rounds=15)
    if model.shapes is None:
        target = Target("symdiff over NumPy by hand", 1.1, over(times, OURS, HAND))
    else:
        target = Target(
            "HIPS autograd over the emitted module",
            2.0,
            over(times, AUTOGRAD, MODULE),
            at_least=True,
        )
    made = compiled(model, arguments)
    note = (
        f"The value has {made.optimized_value.ops} operations on arrays, with the gradient "
        f"{made.ops}."
    )
    return Table(model.title, HEADINGS, rows(times, HAND), (target,), (note,)), missing


def _five_times(model: Model) -> None:
    call = TOOLS[OURS](model, model.arguments())
    for _ in range(5):
        call()


# --- memory ------------------------------------------------------------------------------------


def _memory() -> Table:
    """What two calls need above the data, each tool in a process of its own."""
    found = {tool: [in_process(__name__, tool, name) for name in _MODELS] for tool in TOOLS}
    cells = [(tool, *map(_megabytes, taken)) for tool, taken in found.items() if None not in taken]
    targets = []
    for model, ours, hand in zip(_MODELS.values(), found[OURS], found[HAND], strict=True):
        ratio = ours / hand if ours and hand else None
        targets.append(Target(f"symdiff over NumPy by hand, {model.title}", 1.1, ratio))
    title = "Peak memory above the data, in megabytes"
    headings = ("method", *[model.title for model in _MODELS.values()])
    notes = (
        "Two calls in a process of its own, compilation included. The data of a regression take "
        "88 MB.",
    )
    return Table(title, headings, cells, tuple(targets), notes)


def _megabytes(taken: int) -> str:
    return number(taken / _MEGABYTE)


def _taken(tool: str, name: str) -> int | None:
    """The bytes that two calls need beyond what the process held before them."""
    model = _MODELS[name]
    try:
        call = TOOLS[tool](model, model.arguments())
    except ImportError:
        return None

    def work() -> None:
        for _ in range(2):
            call()

    return memory_taken(work)


if __name__ == "__main__":
    print(json.dumps(_taken(*sys.argv[1:])))

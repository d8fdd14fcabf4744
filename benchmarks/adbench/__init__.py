"""ADBench's problems (F. Srajer and others, 2018): derivatives by each target and by other tools.

The objectives are written for this benchmark, after the descriptions that ADBench publishes. The
data are drawn at random.
"""

from __future__ import annotations

from typing import Any

import numpy as np  # noqa: TID253  the problems have it

from benchmarks.adbench.problem import GRADIENT, SPARSE
from benchmarks.adbench.problems import LONG, PROBLEMS
from benchmarks.adbench.tools import OURS, PEERS
from benchmarks.measure import in_process
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds

_TOLERANCE = 1e-8  # ADBench's own
_GMM_RATIO, _AHEAD_OF_AUTOGRAD = 4.0, 100.0
_HEADINGS = (
    "tool",
    "objective",
    "derivative",
    "over the objective",
    "its processor time",
    "over JAX's",
    "to make, with the first call",
)


def run(options: Options) -> Section:
    """A table for each problem."""
    names = [name for name in PROBLEMS if options.full or name not in LONG]
    found = {name: _measured(name) for name in names}
    about = (
        "ADBench's problems with data drawn at random, in float64. Each tool runs in a process of "
        "its own, JAX under `jit`. A gradient comes with the value, a Jacobian alone. Of a sparse "
        "Jacobian symdiff gives the entries; other tools give a block for each observation, JAX "
        "and PyTorch by `vmap`, HIPS autograd one after the other. Times are medians; where others "
        "use the machine, the time of the processor, on all cores together, says more than the "
        "time that passes. Every number agrees with the first peer's to 1e-8 by ADBench's rule."
    )
    peers = next(iter(found.values()))
    missing = tuple(tool for tool in PEERS if peers[tool] == "missing")
    return Section(
        "ADBench", about, [_table(name, tools) for name, tools in found.items()], {}, missing
    )


def _measured(name: str) -> dict[str, Any]:
    """By tool what was measured, or the reason why nothing was."""
    found = {tool: in_process("benchmarks.adbench.tools", tool, name) for tool in (*PEERS, *OURS)}
    expected: Any = None
    for tool, measured in found.items():
        if isinstance(measured, str):
            continue
        numbers = np.array(measured.pop("numbers"))
        if PROBLEMS[name].kind == SPARSE and tool in PEERS:
            numbers = numbers.reshape(-1, 2, 15)
        if expected is None:
            expected = numbers
        elif not _is_near(name, measured, numbers, expected):
            raise SystemExit(f"benchmarks: {tool} computes another derivative of {name}")
    return found


def _is_near(name: str, measured: Any, found: Any, expected: Any) -> bool:
    """Whether all numbers are near, as ADBench says it."""
    if "places" in measured and expected.ndim > 1:
        entries = PROBLEMS[name].entries
        assert entries is not None  # of a sparse Jacobian
        rows, columns = map(np.array, measured.pop("places"))
        if np.count_nonzero(entries(expected, rows, columns)) != _filled(expected):
            return False
        expected = entries(expected, rows, columns)
    scale = np.maximum(1.0, np.abs(found) + np.abs(expected))
    return found.shape == expected.shape and bool(
        np.all(np.abs(found - expected) < _TOLERANCE * scale)
    )


def _filled(blocks: Any) -> int:
    """The entries of the whole that are not 0: those of the blocks, and one of each weight."""
    return int(np.count_nonzero(blocks)) + len(blocks)


def _table(name: str, found: dict[str, Any]) -> Table:
    problem = PROBLEMS[name]
    times = {tool: one for tool, one in found.items() if not isinstance(one, str)}
    jax = times.get("JAX")
    rows = []
    for tool, one in times.items():
        (value, _), (derivative, processor) = one["value"], one["derivative"]
        over = number(processor / jax["derivative"][1]) if jax else ""
        cells = seconds(value), seconds(derivative), number(derivative / value)
        rows.append((tool, *cells, seconds(processor), over, seconds(one["first"])))
    refused = [
        f"{tool}: {why.partition(chr(10))[0]}."
        for tool, why in found.items()
        if isinstance(why, str) and why != "missing"
    ]
    headings = (*_HEADINGS[:2], problem.kind, *_HEADINGS[3:])
    return Table(problem.title, headings, rows, tuple(_targets(name, times)), tuple(refused))


def _targets(name: str, times: dict[str, Any]) -> list[Target]:
    """Ahead of each peer by the best target, in time of the processor."""
    problem = PROBLEMS[name]
    ours = {tool: times[tool]["derivative"][1] for tool in OURS if tool in times}
    best = min(ours, key=lambda tool: ours[tool])
    found = []
    for peer in PEERS:
        ratio = times[peer]["derivative"][1] / ours[best] if peer in times else None
        is_far = problem.kind == SPARSE and peer == "HIPS autograd"
        bound = _AHEAD_OF_AUTOGRAD if is_far else 1.0
        found.append(Target(f"{peer} over {best}", bound, ratio, at_least=True))
    if problem.kind == GRADIENT and name.startswith("gmm"):
        value = times[best]["value"][1]
        found.append(Target(f"Gradient over objective, {best}", _GMM_RATIO, ours[best] / value))
    return found

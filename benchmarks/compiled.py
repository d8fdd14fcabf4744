"""Loops with small steps by what compiles them: C, Numba and JAX's jit, each in its own process.

Times are those of the processor, of one thread: other work on the machine counts least so.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np  # noqa: TID253  the programs need it

from benchmarks.loops import LSTM_STEPS, LSTM_UNITS, lstm_loss
from benchmarks.measure import in_process
from benchmarks.options import Options
from benchmarks.programs import kalman, kalman_in_jax
from benchmarks.report import Section, Table, Target, number, seconds

_JAX, _TOOLS = "JAX", ("c", "numba", "numpy", "JAX")
_RUNS, _CALLS = 3, 30  # processes of each tool, and calls in each
_ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}


def run(options: Options) -> Section:
    """A row for each program and tool."""
    del options
    os.environ |= _ONE_THREAD
    rows, targets, missing = [], [], {}
    for name in _PROGRAMS:
        runs = [{tool: in_process(__name__, tool, name) for tool in _TOOLS} for _ in range(_RUNS)]
        missing |= {tool: None for tool, found in runs[0].items() if found is None}
        there = {tool: runs[0][tool][2] for tool in _TOOLS if tool not in missing}
        if not all([np.allclose(found, there["numpy"], rtol=1e-8) for found in there.values()]):
            raise SystemExit(f"benchmarks: the gradients of {name} differ")
        first = {tool: min(found[tool][0] for found in runs) for tool in there}
        later = {tool: min(found[tool][1] for found in runs) for tool in there}
        base = later.get(_JAX)
        for tool in there:
            ratio = number(later[tool] / base) if base else "-"
            rows.append((name, tool, seconds(first[tool]), seconds(later[tool]), ratio))
        for tool in _TOOLS[:2]:
            found = later[tool] / base if base and tool in later else None
            targets.append(Target(f"{name} by {tool} over JAX's jit", 1.0, found))
    headings = ("program", "tool", "first gradient", "later call", "over JAX's")
    about = (
        "Value and gradient by symdiff's targets and by JAX's jit with `scan`, one thread each in "
        "processes of their own that take turns; the median processor time of a call, the least of "
        f"{_RUNS} processes."
    )
    table = Table("Loops that are compiled", headings, rows, tuple(targets))
    return Section("Compiled loops", about, [table], missing=tuple(missing))


# --- the programs --------------------------------------------------------------------------------

_Case = tuple[Callable[..., Any], tuple[Any, ...]]


def _lstm(tool: str) -> _Case:
    random = np.random.default_rng(0)
    W = random.normal(0.0, 0.1, (4 * LSTM_UNITS, 2 * LSTM_UNITS))
    xs = random.normal(size=(LSTM_STEPS, LSTM_UNITS))
    if tool == _JAX:
        import jax

        return lstm_loss(jax.lax.scan, jax.numpy, jax.numpy.zeros(LSTM_UNITS)), (W, xs)
    import symdiff as sd

    return lstm_loss(sd.scan, np, np.zeros(LSTM_UNITS)), (W, xs)


def _filter(tool: str) -> _Case:
    random = np.random.default_rng(0)
    F = np.eye(4) * 0.9 + random.normal(0.0, 0.02, (4, 4))
    given = F, np.zeros(4), np.eye(4), np.array([1.0, 0.5, 0.0, 0.2]), random.normal(size=1000)
    if tool == _JAX:
        import jax

        return kalman_in_jax(jax.numpy, jax.lax), given
    return kalman(np), given


_PROGRAMS: dict[str, Callable[[str], _Case]] = {
    f"LSTM of {LSTM_UNITS} units, {LSTM_STEPS} steps": _lstm,
    "Kalman filter of 4 states, 1,000 steps": _filter,
}


# --- what runs in a process of its own -----------------------------------------------------------


def _value_and_grad(tool: str, loss: Callable[..., Any]) -> Callable[..., Any]:
    if tool == _JAX:
        import jax

        return jax.jit(jax.value_and_grad(loss))
    import symdiff as sd

    return sd.value_and_grad(loss, target=tool)


def _main(tool: str, name: str) -> None:
    """Print the time of the first call, the median of later ones, and some of the gradient."""
    try:
        if tool == _JAX:
            import jax

            jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own call
        loss, given = _PROGRAMS[name](tool)
        call = _value_and_grad(tool, loss)
    except ImportError:
        print("null")
        return
    times, found = [], None
    for _ in range(_CALLS):
        started = time.process_time()
        found = np.asarray(call(*given)[1])
        times.append(time.process_time() - started)
    print(json.dumps([times[0], statistics.median(times[1:]), np.ravel(found)[:100].tolist()]))


if __name__ == "__main__":
    _main(*sys.argv[1:])

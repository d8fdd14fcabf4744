"""One call with five numbers, and a million points at once."""

from __future__ import annotations

import dis
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import symdiff as sd
from benchmarks import peers
from benchmarks.compare import HEADINGS, agree, over, rows
from benchmarks.measure import interleaved, profile
from benchmarks.option import INPUTS, POINT, PROGRAM, written_by_hand
from benchmarks.options import Options
from benchmarks.peers import ValueAndGrad
from benchmarks.report import Section, Table, Target, number

_POINTS = 1_000_000
_OURS, _HAND = "symdiff", "math, by hand"
_BODY = "symdiff, the body alone"
_NUMBA, _C = "symdiff, Numba", "symdiff, C"
_CASADI = "CasADi, on buffers"
_PLAIN, _ONE, _TWO, _JAX = "NumPy, by hand", "symdiff, 1 thread", "symdiff, 2 threads", "JAX jit"


def run(options: Options) -> Section:
    """Both tables."""
    function = sd.function(PROGRAM).value_and_grad()
    about = (
        f"The price of an option, {len(INPUTS)} inputs, {function.optimized_value.ops} operations "
        f"for the value and {function.ops} with the gradient. The ratio is to the first row, "
        "the median over the rounds of one run."
    )
    (single, missing), million = _single(), _million()
    profiles = {}
    if million.targets[0].is_missed or options.profile:
        profiles["A million points on one thread, 5 times"] = profile(_five_times(), 8)
    return Section("Calls of a gradient", about, [single, million], profiles, missing)


def _five_times() -> Callable[[], None]:
    call, points = _threaded(1), _points()

    def work() -> None:
        for _ in range(5):
            call(*points)

    return work


def _single() -> tuple[Table, tuple[str, ...]]:
    module = peers.symdiff_module()
    found, missing = peers.installed(
        {
            _HAND: peers.by_hand,
            _OURS: lambda: module.value_and_grad,
            _NUMBA: peers.by_numba,
            _C: peers.by_c,
            "NumPy on floats, by hand": peers.by_numpy,
            _CASADI: peers.by_casadi,
            _JAX: peers.by_jax,
            "PyTorch autograd": peers.by_torch,
            "HIPS autograd": peers.by_autograd,
        }
    )
    agree({name: partial(call, *POINT) for name, call in found.items()})
    body = module._value_and_grad
    hand, ours, *others = found.items()
    contestants = dict([hand, ours, (_BODY, body), *others])
    calls = {name: partial(call, *POINT) for name, call in contestants.items()}
    times = interleaved(calls, rounds=41, seconds=0.01)
    reason = (
        f"The emitted body has {_instructions(body)} arithmetic instructions and calls, the "
        f"hand-written one {_instructions(written_by_hand(math))}; the body alone takes "
        f"{number(times[_BODY].over(times[_HAND]))} of the hand-written time."
    )
    ratio = times[_OURS].over(times[_HAND])
    targets = (
        Target("symdiff over hand-written math code", 1.2, ratio, reason=reason),
        Target("C over hand-written math code", 0.5, times[_C].over(times[_HAND])),
        Target("C over CasADi's buffered call", 1.0, over(times, _C, _CASADI)),
        Target("JAX's jit over symdiff", 12.0, over(times, _JAX, _OURS), at_least=True),
        Target(
            "PyTorch over symdiff", 100.0, over(times, "PyTorch autograd", _OURS), at_least=True
        ),
    )
    title = "One call of value and gradient with five floats"
    return Table(title, HEADINGS, rows(times, _HAND), targets), missing


def _million() -> Table:
    points = _points()
    makers = {_PLAIN: peers.by_numpy, _ONE: partial(_threaded, 1), _TWO: partial(_threaded, 2)}
    makers |= {_NUMBA: peers.by_numba, _C: peers.by_c}
    found, _ = peers.installed({**makers, _JAX: peers.by_jax_elementwise})
    arguments = dict.fromkeys(found, points)
    if _JAX in found:
        import jax

        arguments[_JAX] = [jax.numpy.asarray(x) for x in points]
    calls = {name: partial(call, *arguments[name]) for name, call in found.items()}
    agree(calls)
    times = interleaved(calls, 21)
    targets = (
        Target("symdiff on one thread over plain NumPy", 0.65, times[_ONE].over(times[_PLAIN])),
        Target("symdiff on two threads over JAX's jit on two", 1.0, over(times, _TWO, _JAX)),
        Target("JAX's jit over Numba", 2.5, over(times, _JAX, _NUMBA), at_least=True),
        Target("JAX's jit over C", 4.0, over(times, _JAX, _C), at_least=True),
    )
    title = "Value and gradient at a million points"
    return Table(title, HEADINGS, rows(times, _PLAIN), targets, (_cores_note(),))


def _cores_note() -> str:
    """How far the machine has two cores to give: what no threads can better."""
    import numpy as np

    block = np.linspace(-2.0, 2.0, 8192)

    def work(_: int = 0) -> None:
        for _ in range(500):
            np.tanh(block)

    with ThreadPoolExecutor(2) as pool:
        times = interleaved({"one": work, "two": lambda: list(pool.map(work, range(2)))}, 11)
    ratio = number(times["two"].over(times["one"]))
    return (
        f"In this run two threads with a loop of tanh each took {ratio} times as long as one "
        "thread alone; on two free cores it is 1."
    )


def _points() -> list[Any]:
    """Arrays around the point, the same in every run."""
    import numpy as np

    generator = np.random.default_rng(0)
    return [x * generator.uniform(0.8, 1.2, _POINTS) for x in POINT]


def _instructions(function: Callable[..., Any]) -> int:
    """How much a straight-line function does: its operators and calls."""
    counted = ("BINARY_OP", "UNARY_NEGATIVE", "CALL")
    return sum(found.opname in counted for found in dis.get_instructions(function))


def _threaded(threads: int) -> ValueAndGrad:
    """A module of its own with this many threads."""
    module = peers.symdiff_module()
    module.THREADS = threads  # type: ignore[attr-defined]  the emitted constant
    found: ValueAndGrad = module.value_and_grad
    return found

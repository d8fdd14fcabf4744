"""Loops that stay loops: LSTM steps beside JAX's scan, and arrays that are written by index."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np  # noqa: TID253  the function that is traced needs it

import symdiff as sd
from benchmarks.measure import interleaved
from benchmarks.report import Table, Target, number, seconds

LSTM_UNITS, LSTM_STEPS = 64, 200
_LENGTHS = (1_000, 10_000, 100_000)
_MOST = 4.0  # times what the loop of Python's takes


def lstm_loss(scan: Any, xp: Any, zeros: Any) -> Callable[..., Any]:
    """The mean square of the hidden states of an LSTM (S. Hochreiter and J. Schmidhuber, 1997)."""

    def loss(W: Any, xs: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            h, c = carry
            gates = W @ xp.concatenate([h, x])
            i, f, o = (
                1 / (1 + xp.exp(-gates[k * LSTM_UNITS : (k + 1) * LSTM_UNITS])) for k in range(3)
            )
            c = f * c + i * xp.tanh(gates[3 * LSTM_UNITS :])
            h = o * xp.tanh(c)
            return (h, c), h

        _, hidden = scan(step, (zeros, zeros), xs)
        return xp.mean(hidden**2)

    return loss


def lstm() -> Table:
    """The table: a call, and the time from the function to its first result."""
    random = np.random.default_rng(0)
    W = random.normal(0.0, 0.1, (4 * LSTM_UNITS, 2 * LSTM_UNITS))
    xs = random.normal(size=(LSTM_STEPS, LSTM_UNITS))
    ours = lstm_loss(sd.scan, np, np.zeros(LSTM_UNITS))
    makers = {"symdiff": lambda: sd.value_and_grad(ours)}
    for target in ("c", "numba"):
        makers[f"symdiff, {target}"] = partial(sd.value_and_grad, ours, target=target)
    try:
        import jax
    except ImportError:
        pass
    else:
        jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own call
        zeros = jax.numpy.zeros(LSTM_UNITS)
        loss = lstm_loss(jax.lax.scan, jax.numpy, zeros)
        makers["JAX"] = lambda: jax.jit(jax.value_and_grad(loss))
    calls, making = {}, {}
    for tool, make in makers.items():
        started = time.perf_counter()
        function = make()
        try:
            np.asarray(function(W, xs)[1])
        except sd.SymdiffError:  # there is no compiler, or no Numba
            continue
        making[tool] = time.perf_counter() - started
        calls[tool] = lambda f=function: np.asarray(f(W, xs)[1])
    times = interleaved(calls, rounds=15)
    base = times["symdiff"].median
    rows = [
        (tool, seconds(found.median), number(found.median / base), seconds(making[tool]))
        for tool, found in times.items()
    ]
    headings = ("tool", "value and gradient", "over symdiff's", "to make, with the first call")
    return Table(f"LSTM of {LSTM_UNITS} units, {LSTM_STEPS} steps by scan", headings, rows)


def recurrence() -> Table:
    """The table: `a[i] = sin(a[i - 1])*w`, a gradient over the loop of Python's and NumPy's."""

    def loss(w: Any, x: Any) -> Any:
        def body(i: Any, a: Any) -> Any:
            a[i] = np.sin(a[i - 1]) * w
            return a

        return np.sum(sd.fori(1, x.shape[0], body, x))

    def plain(w: Any, x: Any) -> Any:
        a = x.copy()
        for i in range(1, len(a)):
            a[i] = np.sin(a[i - 1]) * w
        return np.sum(a)

    started = time.perf_counter()
    function = sd.function(loss, shapes={"w": (), "x": ("n",)}, wrt=("w", "x")).value_and_grad()
    module = function.load()
    making = time.perf_counter() - started
    rows, ratios = [], []
    for length in _LENGTHS:
        x = np.ones(length)
        calls = {
            "plain": lambda x=x: plain(1.1, x),
            "value": lambda x=x: module.value(1.1, x),
            "gradient": lambda x=x: module.value_and_grad(1.1, x),
        }
        times = interleaved(calls, rounds=9)
        ratios.append(times["gradient"].over(times["plain"]))
        cells = [seconds(times[name].median) for name in calls]
        peak = _peak(calls["gradient"])
        rows.append((f"{length:,}", *cells, number(ratios[-1]), f"{peak / x.nbytes:.1f}"))
    headings = ("steps", "NumPy's loop", "value", "gradient", "over the loop", "memory over x")
    target = Target("A gradient over the loop of Python's", _MOST, max(ratios))
    notes = (f"Traced, compiled and loaded in {seconds(making)}, for every length.",)
    return Table("A recurrence by index", headings, rows, (target,), notes)


def _peak(call: Callable[[], Any]) -> int:
    """The bytes that a call holds at most."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak

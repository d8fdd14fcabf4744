"""A sequence of LSTM steps as a loop that stays one: value and gradient, beside JAX's scan."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np  # noqa: TID253  the function that is traced needs it

import symdiff as sd
from benchmarks.measure import interleaved
from benchmarks.report import Table, number, seconds

_HIDDEN, _STEPS = 64, 200


def _loss(scan: Any, xp: Any, zeros: Any) -> Callable[..., Any]:
    """The mean square of the hidden states of an LSTM (S. Hochreiter and J. Schmidhuber, 1997)."""

    def loss(W: Any, xs: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            h, c = carry
            gates = W @ xp.concatenate([h, x])
            i, f, o = (1 / (1 + xp.exp(-gates[k * _HIDDEN : (k + 1) * _HIDDEN])) for k in range(3))
            c = f * c + i * xp.tanh(gates[3 * _HIDDEN :])
            h = o * xp.tanh(c)
            return (h, c), h

        _, hidden = scan(step, (zeros, zeros), xs)
        return xp.mean(hidden**2)

    return loss


def lstm() -> Table:
    """The table: a call, and the time from the function to its first result."""
    random = np.random.default_rng(0)
    W = random.normal(0.0, 0.1, (4 * _HIDDEN, 2 * _HIDDEN))
    xs = random.normal(size=(_STEPS, _HIDDEN))
    makers = {"symdiff": lambda: sd.value_and_grad(_loss(sd.scan, np, np.zeros(_HIDDEN)))}
    try:
        import jax
    except ImportError:
        pass
    else:
        jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own call
        zeros = jax.numpy.zeros(_HIDDEN)
        loss = _loss(jax.lax.scan, jax.numpy, zeros)
        makers["JAX"] = lambda: jax.jit(jax.value_and_grad(loss))
    calls, making = {}, {}
    for tool, make in makers.items():
        started = time.perf_counter()
        function = make()
        np.asarray(function(W, xs)[1])
        making[tool] = time.perf_counter() - started
        calls[tool] = lambda f=function: np.asarray(f(W, xs)[1])
    times = interleaved(calls, rounds=15)
    ours = times["symdiff"].median
    rows = [
        (tool, seconds(found.median), number(found.median / ours), seconds(making[tool]))
        for tool, found in times.items()
    ]
    headings = ("tool", "value and gradient", "over symdiff's", "to make, with the first call")
    return Table(f"LSTM of {_HIDDEN} units, {_STEPS} steps by scan", headings, rows)

"""The loss of a network of LSTM units that predicts characters, each unit by numbers of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np  # noqa: TID253  the objective needs it

from benchmarks.adbench.problem import GRADIENT, Objective, Problem


def _unit(xp: Any, weight: Any, bias: Any, x: Any, hidden: Any, cell: Any) -> tuple[Any, Any]:
    forget, take, show, new = [
        weight[k] * z + bias[k] for k, z in enumerate((x, hidden, x, hidden))
    ]
    cell = cell * _logistic(xp, forget) + _logistic(xp, take) * xp.tanh(new)
    return _logistic(xp, show) * xp.tanh(cell), cell


def _logistic(xp: Any, x: Any) -> Any:
    return 1.0 / (1.0 + xp.exp(-x))


def _step(
    xp: Any, main: Any, extra: Any, states: Sequence[Any], character: Any, following: Any
) -> tuple[list[Any], Any]:
    """The states behind a character, and the logarithm of the probability of the following one."""
    x, after = character * extra[0], []
    for k in range(0, len(states), 2):
        x, cell = _unit(xp, main[k], main[k + 1], x, states[k], states[k + 1])
        after += [x, cell]
    y = x * extra[1] + extra[2]
    return after, xp.sum(following * (y - xp.log(xp.sum(xp.exp(y)) + 2.0)))


def _objective(layers: int, xp: Any) -> Objective:
    def objective(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
        states, total = [state[k] for k in range(2 * layers)], 0.0
        for t in range(len(sequence) - 1):
            states, gained = _step(xp, main, extra, states, sequence[t], sequence[t + 1])
            total = total + gained
        return -total / (sequence.shape[1] * (len(sequence) - 1))

    return objective


def _in_jax(layers: int, xp: Any, lax: Any) -> Objective:
    def objective(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
        def step(states: Any, pair: Any) -> Any:
            return _step(xp, main, extra, states, *pair)

        states = [state[k] for k in range(2 * layers)]
        _, gained = lax.scan(step, states, (sequence[:-1], sequence[1:]))
        return -xp.sum(gained) / (sequence.shape[1] * (len(sequence) - 1))

    return objective


def _arguments(layers: int, characters: int, width: int) -> list[Any]:
    random = np.random.default_rng(0)
    shapes = ((2 * layers, 4, width), (3, width), (2 * layers, width))
    sequence = np.eye(width)[random.integers(0, width, characters)]
    return [*[random.normal(0.0, 0.5, shape) for shape in shapes], sequence]


def lstm(layers: int, characters: int, width: int) -> Problem:
    """A sequence of characters, one of `width` each, through layers of as many units."""
    return Problem(
        f"LSTM, {layers} layers of {width}, {characters:,} characters",
        GRADIENT,
        partial(_objective, layers),
        partial(_arguments, layers, characters, width),
        wrt=2,
        in_jax=partial(_in_jax, layers),
    )

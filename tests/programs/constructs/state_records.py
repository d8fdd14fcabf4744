"""A machine whose states are named tuples that are replaced."""

from typing import NamedTuple

import numpy as np


class State(NamedTuple):
    level: float
    spent: float


def advance(state, signal):
    if signal > state.level:
        return state._replace(level=state.level + 0.5 * (signal - state.level))
    return State(0.9 * state.level, state.spent + (state.level - signal) ** 2)


def state_records(signals, start):
    state = State(start, 0.0)
    for s in signals:
        state = advance(state, s)
    return state.level + state.spent


EXAMPLES = [dict(signals=np.array([0.3, 0.9, -0.4, 0.5]), start=0.4)]

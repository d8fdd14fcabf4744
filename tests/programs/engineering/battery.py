"""A battery with a record of what it did, as a dataclass."""

from dataclasses import dataclass


@dataclass
class State:
    charge: float
    temperature: float


def advance(state, current, resistance):
    heat = current**2 * resistance
    temperature = state.temperature + 0.1 * heat - 0.05 * (state.temperature - 20)
    charge = state.charge - current
    if charge < 0:
        charge = 0.0
    return State(charge, temperature)


def battery(capacity, resistance, load=(1.0, 2.0, 1.5, 3.0, 1.0)):
    state = State(capacity, 20.0)
    for current in load:
        state = advance(state, current, resistance)
    return state.temperature + 0.3 * state.charge


EXAMPLES = [dict(capacity=10.0, resistance=0.4), dict(capacity=5.0, resistance=0.9)]

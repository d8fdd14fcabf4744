"""A function that counts its calls and keeps what it has seen."""

import math


def make_recorder(limit):
    seen = 0.0
    calls = 0

    def record(value):
        nonlocal seen, calls
        calls += 1
        if abs(value) > limit:
            value = math.copysign(limit, value)
        seen += value
        return seen / calls

    return record


def closure_counter(x, y, limit):
    record = make_recorder(limit)
    record(x)
    record(x * y)
    return record(y - x) ** 2


EXAMPLES = [dict(x=0.5, y=-2.0, limit=1.2), dict(x=0.5, y=-0.7, limit=1.0)]

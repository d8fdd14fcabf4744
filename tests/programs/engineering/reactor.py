"""A reactor with a reaction that stops when it is cold, in many small steps."""

import math


def reactor(feed, activation, cooling):
    c, T = 1.0, 350.0
    for _ in range(30):
        if T < 300:
            rate = 0.0
        else:
            rate = 5e4 * math.exp(-activation / T) * c
        c += 0.05 * (feed - c - rate)
        T += 0.05 * (40 * rate - cooling * (T - 290))
    return T / 100 + c


EXAMPLES = [
    dict(feed=1.0, activation=4000.0, cooling=0.5),
    dict(feed=0.5, activation=4500.0, cooling=3.0),
]
STEP = 1e-4

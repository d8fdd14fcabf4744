"""A relay that remembers: on above one level, off below another."""

import numpy as np


def hysteresis(signal, low, high):
    on = False
    total = 0.0
    for s in signal:
        if on:
            if s < low:
                on = False
        elif s > high:
            on = True
        if on:
            total += s**2
        else:
            total -= 0.1 * s
    return total


EXAMPLES = [
    dict(signal=np.array([0.1, 0.9, 0.6, 0.4, 0.2, 0.7, 0.95]), low=0.3, high=0.8),
    dict(signal=np.array([0.9, 0.5, 0.1, 0.85, 0.4, 0.35, 0.25]), low=0.3, high=0.8),
]

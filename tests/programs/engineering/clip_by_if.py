"""A signal held between bounds, with what was cut off counted."""

import numpy as np


def clip(v, low, high):
    if v < low:
        return low
    if v > high:
        return high
    return v


def clip_by_if(signal, low, high):
    assert low < high
    cut = 0.0
    energy = 0.0
    for v in signal:
        c = clip(v, low, high)
        cut += abs(v - c)
        energy += c * c
    return energy - 0.5 * cut


S = np.array([0.1, 1.5, -2.0, 0.7])
EXAMPLES = [dict(signal=S, low=-1.0, high=1.0)]
RAISES = [dict(signal=S, low=1.0, high=-1.0)]

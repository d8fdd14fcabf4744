"""The number that the cosine leaves as it is, by iteration."""

import numpy as np


def fixed_point(scale, start):
    x = start
    change = np.inf
    steps = 0
    while change > 1e-10 and steps < 200:
        new = np.cos(scale * x)
        change = abs(new - x)
        x = new
        steps += 1
    return x


EXAMPLES = [dict(scale=0.9, start=1.0), dict(scale=0.5, start=0.0)]

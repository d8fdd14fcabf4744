"""A sum with the rounding of each step kept, by Neumaier."""

import numpy as np


def kahan_sum(x):
    total, lost = 0.0, 0.0
    for v in x:
        t = total + v
        if abs(total) >= abs(v):
            lost += (total - t) + v
        else:
            lost += (v - t) + total
        total = t
    return (total + lost) ** 2


EXAMPLES = [dict(x=np.array([1.0, 3.0, -1.5, 0.25]))]

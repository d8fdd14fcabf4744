"""The mean of what is left when the smallest and the largest are put aside."""

import numpy as np


def trimmed_mean(x):
    ordered = sorted(x)
    total = 0.0
    for value in ordered[1:-1]:
        total += value
    return total / (len(ordered) - 2)


EXAMPLES = [dict(x=np.array([0.3, 5.0, 0.1, 0.9, -3.0]))]

"""The largest sum of neighbours by Kadane's method."""

import numpy as np


def maximum_subarray(x):
    best = current = x[0]
    for value in x[1:]:
        current = value if current < 0 else current + value
        best = max(best, current)
    return best


EXAMPLES = [
    dict(x=np.array([0.3, -0.8, 0.4, 0.9, -0.2, 0.5])),
    dict(x=np.array([-0.3, -0.8, -0.1, -0.9, -0.5, -0.2])),
]

"""The median of three neighbours."""

import numpy as np


def median3(a, b, c):
    if a > b:
        a, b = b, a
    if b > c:
        b = c
    return max(a, b)


def median_filter(x):
    out = x.copy()
    for i in range(1, len(x) - 1):
        out[i] = median3(x[i - 1], x[i], x[i + 1])
    return out


EXAMPLES = [dict(x=np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.4]))]

"""A banded matrix, stored by diagonals, times a vector."""

import numpy as np


def banded_multiply(bands, x):
    width = (bands.shape[0] - 1) // 2
    n = len(x)
    y = np.zeros(n)
    for i in range(n):
        for k in range(-width, width + 1):
            j = i + k
            if 0 <= j < n:
                y[i] += bands[width + k, i] * x[j]
    return y @ y


rng = np.random.default_rng(8)
EXAMPLES = [dict(bands=rng.normal(size=(3, 5)), x=rng.normal(size=5))]

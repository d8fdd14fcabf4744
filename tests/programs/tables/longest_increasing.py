"""The heaviest rising part of a series."""

import numpy as np


def longest_increasing(x):
    n = len(x)
    best = np.zeros(n)
    for i in range(n):
        best[i] = x[i]
        for j in range(i):
            if x[j] < x[i] and best[j] + x[i] > best[i]:
                best[i] = best[j] + x[i]
    return np.max(best)


EXAMPLES = [dict(x=np.array([0.3, 0.8, 0.4, 0.9, 0.7, 1.2]))]

"""The cost of warping one series onto another: the least of three at each place."""

import numpy as np


def time_warping(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


EXAMPLES = [dict(a=np.array([0.1, 0.9, 0.55, 0.3]), b=np.array([0.0, 1.0, 0.8, 0.2, 0.4]))]

"""The soft form of the same, by logarithms of sums of exponentials."""

import numpy as np


def soft_min(values, gamma):
    z = -np.array(values) / gamma
    top = np.max(z)
    return -gamma * (top + np.log(np.sum(np.exp(z - top))))


def soft_time_warping(a, b, gamma):
    n, m = len(a), len(b)
    R = np.full((n + 1, m + 1), 1e6)
    R[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            cost = (a[i] - b[j]) ** 2
            R[i + 1, j + 1] = cost + soft_min([R[i, j], R[i, j + 1], R[i + 1, j]], gamma)
    return R[n, m]


EXAMPLES = [dict(a=np.array([0.1, 0.9, 0.5]), b=np.array([0.0, 1.0, 0.2]), gamma=0.3)]

"""The heat equation in one dimension by loops over time and place, with two buffers."""

import numpy as np


def heat_loops(u0, alpha):
    u = u0.copy()
    new = np.zeros_like(u)
    n = len(u)
    for step in range(5):
        new[0] = u[0]
        new[n - 1] = u[n - 1]
        for i in range(1, n - 1):
            new[i] = u[i] + alpha * (u[i - 1] - 2 * u[i] + u[i + 1])
        u, new = new, u
    return np.sum(u**2)


EXAMPLES = [dict(u0=np.array([0.0, 0.2, 0.9, 0.4, 0.1, 0.0]), alpha=0.2)]

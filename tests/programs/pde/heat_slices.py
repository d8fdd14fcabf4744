"""The heat equation in one dimension by slices, in place."""

import numpy as np


def heat_slices(u0, alpha, steps=6):
    u = np.array(u0)
    for _ in range(steps):
        u[1:-1] += alpha * (u[:-2] - 2 * u[1:-1] + u[2:])
    return u


EXAMPLES = [dict(u0=np.array([0.0, 0.2, 0.9, 0.4, 0.1, 0.3, 0.0]), alpha=0.2)]

"""Advection by the upwind scheme: the side depends on the sign of the speed."""

import numpy as np


def upwind(u, c):
    for _ in range(4):
        new = np.copy(u)
        for i in range(len(u)):
            if c > 0:
                new[i] = u[i] - c * (u[i] - u[i - 1])
            else:
                new[i] = u[i] - c * (u[(i + 1) % len(u)] - u[i])
        u = new
    return u


EXAMPLES = [
    dict(u=np.array([0.0, 1.0, 0.5, 0.2, 0.1]), c=0.4),
    dict(u=np.array([0.0, 1.0, 0.5, 0.2, 0.1]), c=-0.3),
]

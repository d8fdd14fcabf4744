"""Burgers' equation by Godunov's flux."""

import numpy as np


def flux(left, right):
    if left > right:
        return 0.5 * left**2 if left + right > 0 else 0.5 * right**2
    if left > 0:
        return 0.5 * left**2
    if right < 0:
        return 0.5 * right**2
    return 0.0


def burgers(u, dt=0.1):
    n = len(u)
    for _ in range(2):
        f = [flux(u[i], u[(i + 1) % n]) for i in range(n)]
        u = np.array([u[i] - dt * (f[i] - f[i - 1]) for i in range(n)])
    return np.sum(u**2)


EXAMPLES = [
    dict(u=np.array([0.5, 1.0, -0.4, -0.8, 0.3])),
    dict(u=np.array([-0.5, 0.2, 0.9, -0.3, -0.2])),
]

"""Poisson's equation by successive over-relaxation."""

import numpy as np


def sor_poisson(f, omega):
    n = f.shape[0]
    u = np.zeros((n + 2, n + 2))
    for _ in range(3):
        for i in range(1, n + 1):
            for j in range(1, n + 1):
                average = (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - f[i - 1, j - 1]
                ) / 4
                u[i, j] = (1 - omega) * u[i, j] + omega * average
    return np.sum(u * u)


rng = np.random.default_rng(4)
EXAMPLES = [dict(f=rng.normal(size=(3, 3)), omega=1.3)]

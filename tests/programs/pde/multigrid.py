"""One V cycle of two grids for -u'' = f."""

import numpy as np


def smooth(u, f, h, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])
    return u


def multigrid(f):
    n = len(f)
    h = 1 / (n - 1)
    u = smooth(np.zeros(n), f, h, 2)
    r = np.zeros(n)
    r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / h**2
    coarse = r[::2].copy()
    for i in range(1, len(coarse) - 1):
        coarse[i] = 0.25 * (r[2 * i - 1] + 2 * r[2 * i] + r[2 * i + 1])
    e = smooth(np.zeros(len(coarse)), coarse, 2 * h, 4)
    for i in range(len(e)):
        u[2 * i] += e[i]
    for i in range(len(e) - 1):
        u[2 * i + 1] += 0.5 * (e[i] + e[i + 1])
    return np.sum(smooth(u, f, h, 1))


EXAMPLES = [dict(f=np.array([0.0, 1.0, 2.0, -1.0, 0.5, 1.5, 0.2, 0.7, 0.0]))]

"""A chain of masses and springs by the leapfrog method, with forces summed in a loop."""

import numpy as np


def forces(x, k):
    f = np.zeros(len(x))
    for i in range(len(x) - 1):
        stretch = x[i + 1] - x[i] - 1.0
        f[i] += k[i] * stretch
        f[i + 1] -= k[i] * stretch
    return f


def leapfrog_chain(x, v, k):
    dt = 0.1
    x = x.copy()
    v = v.copy()
    for _ in range(6):
        v += 0.5 * dt * forces(x, k)
        x += dt * v
        v += 0.5 * dt * forces(x, k)
    return np.sum(v**2) / 2 + x[-1]


EXAMPLES = [
    dict(
        x=np.array([0.0, 1.2, 1.9, 3.0]),
        v=np.array([0.1, 0.0, -0.2, 0.3]),
        k=np.array([1.0, 2.0, 0.5]),
    )
]

"""Two substances of Gray and Scott on a ring."""

import numpy as np


def laplacian(u):
    return np.roll(u, 1) - 2 * u + np.roll(u, -1)


def reaction_diffusion(u, v, feed, kill):
    for _ in range(5):
        reaction = u * v**2
        u = u + 0.2 * laplacian(u) - reaction + feed * (1 - u)
        v = v + 0.1 * laplacian(v) + reaction - (feed + kill) * v
        v[v < 0.05] = 0.0
    return np.sum(v) + u[0]


EXAMPLES = [
    dict(
        u=np.array([1.0, 0.9, 0.5, 0.8, 1.0]),
        v=np.array([0.0, 0.1, 0.6, 0.3, 0.01]),
        feed=0.04,
        kill=0.06,
    )
]

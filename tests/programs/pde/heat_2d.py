"""The heat equation on a plate, one side of which is held warm."""

import numpy as np


def heat_2d(T, k, warm):
    T = T.copy()
    for _ in range(4):
        T[0, :] = warm
        inner = T[1:-1, 1:-1]
        laplacian = T[2:, 1:-1] + T[:-2, 1:-1] + T[1:-1, 2:] + T[1:-1, :-2] - 4 * inner
        T[1:-1, 1:-1] = inner + k * laplacian
    return T.mean()


rng = np.random.default_rng(3)
EXAMPLES = [dict(T=rng.uniform(size=(5, 4)), k=0.15, warm=1.5)]

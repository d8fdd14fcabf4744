"""Slopes limited by minmod, as finite volume schemes have them."""

import numpy as np


def minmod(a, b):
    if a * b <= 0:
        return 0.0
    if abs(a) < abs(b):
        return a
    return b


def limited(u):
    slopes = np.zeros(len(u))
    for i in range(1, len(u) - 1):
        slopes[i] = minmod(u[i] - u[i - 1], u[i + 1] - u[i])
    return np.sum((u + slopes / 2) ** 2)


def minmod_step(u):
    return limited(u) + limited(u**2)


EXAMPLES = [dict(u=np.array([0.1, 0.4, 0.9, 0.7, 0.8, 0.2]))]

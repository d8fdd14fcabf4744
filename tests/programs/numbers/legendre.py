"""Legendre's polynomials by their recurrence, in an array."""

import numpy as np


def legendre(x):
    n = 6
    P = np.empty(n + 1)
    P[0] = 1.0
    P[1] = x
    for k in range(1, n):
        P[k + 1] = ((2 * k + 1) * x * P[k] - k * P[k - 1]) / (k + 1)
    return P


EXAMPLES = [dict(x=0.6), dict(x=-0.2)]

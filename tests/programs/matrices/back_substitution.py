"""A lower and an upper triangular system by substitution."""

import numpy as np


def back_substitution(L, b):
    n = len(b)
    y = np.zeros(n)
    for i in range(n):
        y[i] = b[i]
        for j in range(i):
            y[i] -= L[i, j] * y[j]
        y[i] /= L[i, i]
    x = y.copy()
    for i in reversed(range(n)):
        for j in range(i + 1, n):
            x[i] -= L[j, i] * x[j]
        x[i] = x[i] / L[i, i]
    return x


EXAMPLES = [
    dict(
        L=np.array([[2.0, 0.0, 0.0], [0.5, 1.5, 0.0], [-0.3, 0.4, 1.2]]),
        b=np.array([1.0, 0.5, -2.0]),
    )
]

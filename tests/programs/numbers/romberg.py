"""An integral by Romberg's table."""

import numpy as np


def romberg(a, b, c):
    f = lambda x: np.exp(-c * x) * np.cos(x)
    n = 5
    R = np.zeros((n, n))
    h = b - a
    R[0, 0] = h / 2 * (f(a) + f(b))
    for i in range(1, n):
        h /= 2
        middle = sum(f(a + (2 * k - 1) * h) for k in range(1, 2 ** (i - 1) + 1))
        R[i, 0] = R[i - 1, 0] / 2 + h * middle
        for j in range(1, i + 1):
            R[i, j] = R[i, j - 1] + (R[i, j - 1] - R[i - 1, j - 1]) / (4**j - 1)
    return R[n - 1, n - 1]


EXAMPLES = [dict(a=0.0, b=2.0, c=0.5)]

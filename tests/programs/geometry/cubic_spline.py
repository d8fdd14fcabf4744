"""A natural cubic spline: its moments by elimination, then its value in the right piece."""

import numpy as np


def cubic_spline(x, knots, y):
    n = len(knots)
    h = np.diff(knots)
    M = np.zeros(n)
    diagonal = np.ones(n)
    upper = np.zeros(n)
    for i in range(1, n - 1):
        rhs = 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
        w = h[i - 1] / diagonal[i - 1] if i > 1 else 0.0
        diagonal[i] = 2 * (h[i - 1] + h[i]) - w * upper[i - 1]
        upper[i] = h[i]
        M[i] = rhs - w * M[i - 1]
    for i in range(n - 2, 0, -1):
        M[i] = (M[i] - upper[i] * M[i + 1]) / diagonal[i]
    k = 0
    while k < n - 2 and x > knots[k + 1]:
        k += 1
    t0, t1 = x - knots[k], knots[k + 1] - x
    return (
        (M[k + 1] * t0**3 + M[k] * t1**3) / (6 * h[k])
        + (y[k + 1] / h[k] - M[k + 1] * h[k] / 6) * t0
        + (y[k] / h[k] - M[k] * h[k] / 6) * t1
    )


K, Y = np.array([0.0, 1.0, 2.5, 3.0, 4.0]), np.array([0.0, 0.8, 0.3, -0.4, 0.5])
EXAMPLES = [dict(x=0.3, knots=K, y=Y), dict(x=2.7, knots=K, y=Y), dict(x=3.9, knots=K, y=Y)]

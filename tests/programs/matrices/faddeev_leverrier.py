"""The characteristic polynomial by Faddeev and LeVerrier's method."""

import numpy as np


def faddeev_leverrier(A):
    n = len(A)
    coefficients = [1.0]
    M = np.zeros((n, n))
    for k in range(1, n + 1):
        M = A @ M + coefficients[-1] * np.eye(n)
        coefficients.append(-np.trace(A @ M) / k)
    return np.array(coefficients)


EXAMPLES = [dict(A=np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.2, 2.0]]))]

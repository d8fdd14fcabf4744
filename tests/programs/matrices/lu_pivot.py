"""Gaussian elimination with pivots, with rows that are exchanged."""

import numpy as np


def lu_pivot(A, b):
    A, b = A.copy(), b.copy()
    n = len(b)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(A[i, k]) > abs(A[p, k]):
                p = i
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            A[i, k:] -= factor * A[k, k:]
            b[i] -= factor * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x


EXAMPLES = [
    dict(
        A=np.array([[1.0, 4.0, 0.5], [3.0, 1.0, -1.0], [0.3, -0.7, 2.0]]),
        b=np.array([1.0, 2.0, 3.0]),
    ),
    dict(
        A=np.array([[5.0, 4.0, 0.5], [3.0, 1.0, -1.0], [0.3, -0.7, 2.0]]),
        b=np.array([1.0, 2.0, 3.0]),
    ),
]

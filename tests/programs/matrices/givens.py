"""A matrix made triangular by Givens' rotations."""

import math

import numpy as np


def rotation(a, b):
    if b == 0:
        return 1.0, 0.0
    if abs(b) > abs(a):
        t = a / b
        s = 1 / math.sqrt(1 + t * t)
        return s * t, s
    t = b / a
    c = 1 / math.sqrt(1 + t * t)
    return c, c * t


def givens(A):
    R = A.copy()
    m, n = R.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            c, s = rotation(R[i - 1, j], R[i, j])
            upper = c * R[i - 1] + s * R[i]
            R[i] = c * R[i] - s * R[i - 1]
            R[i - 1] = upper
    return np.sum(np.triu(R) ** 3)


EXAMPLES = [dict(A=np.array([[1.0, 0.5], [0.3, 2.0], [0.9, -0.6]]))]

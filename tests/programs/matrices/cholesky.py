"""Cholesky's decomposition by loops, refused where the matrix is not positive."""

import math

import numpy as np


def cholesky(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = 0.0
            for k in range(j):
                s += L[i, k] * L[j, k]
            if i == j:
                pivot = A[i, i] - s
                if pivot <= 0:
                    raise ValueError("the matrix is not positive definite")
                L[i, j] = math.sqrt(pivot)
            else:
                L[i, j] = (A[i, j] - s) / L[j, j]
    return L


EXAMPLES = [dict(A=np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]]))]
RAISES = [dict(A=np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))]

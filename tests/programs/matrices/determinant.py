"""A determinant by Laplace's expansion, which calls itself."""

import numpy as np


def determinant(A):
    n = A.shape[0]
    if n == 1:
        return A[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.delete(A[1:], j, axis=1)
        sign = 1 if j % 2 == 0 else -1
        total += sign * A[0, j] * determinant(minor)
    return total


EXAMPLES = [dict(A=np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.3, -1.2, 2.0]]))]

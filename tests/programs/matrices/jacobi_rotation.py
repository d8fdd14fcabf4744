"""Eigenvalues of a symmetric matrix by Jacobi's rotations."""

import math

import numpy as np


def jacobi_rotation(A):
    A = (A + A.T) / 2
    n = len(A)
    for sweep in range(4):
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(A[p, q]) < 1e-12:
                    continue
                theta = 0.5 * math.atan2(2 * A[p, q], A[q, q] - A[p, p])
                c, s = math.cos(theta), math.sin(theta)
                J = np.eye(n)
                J[p, p] = J[q, q] = c
                J[p, q], J[q, p] = s, -s
                A = J.T @ A @ J
    return np.max(np.diag(A))


EXAMPLES = [dict(A=np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]]))]

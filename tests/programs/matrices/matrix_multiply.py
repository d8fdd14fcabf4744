"""A product of matrices by three loops."""

import numpy as np


def matrix_multiply(A, B):
    C = np.zeros((A.shape[0], B.shape[1]))
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            for k in range(A.shape[1]):
                C[i, j] += A[i, k] * B[k, j]
    return C


rng = np.random.default_rng(6)
EXAMPLES = [dict(A=rng.normal(size=(3, 4)), B=rng.normal(size=(4, 2)))]

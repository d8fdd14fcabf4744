"""The modified method of Gram and Schmidt by loops."""

import numpy as np


def gram_schmidt(A):
    m, n = A.shape
    Q = np.zeros((m, n))
    for j in range(n):
        v = A[:, j].copy()
        for i in range(j):
            v -= (Q[:, i] @ v) * Q[:, i]
        length = np.sqrt(v @ v)
        if length < 1e-10:
            raise ValueError(f"column {j} depends on those before")
        Q[:, j] = v / length
    return Q


EXAMPLES = [dict(A=np.array([[1.0, 0.5, 0.2], [0.3, 2.0, 0.1], [0.4, -0.6, 1.0], [0.2, 0.1, 0.7]]))]
RAISES = [dict(A=np.array([[1.0, 0.0, 0.2], [0.3, 0.0, 0.1], [0.4, 0.0, 1.0], [0.2, 0.0, 0.7]]))]

"""The factor R of a matrix by Householder's reflections."""

import numpy as np


def householder(A):
    R = A.copy()
    m, n = R.shape
    for k in range(n):
        x = R[k:, k]
        alpha = -np.linalg.norm(x) if x[0] > 0 else np.linalg.norm(x)
        v = x.copy()
        v[0] -= alpha
        v = v / np.linalg.norm(v)
        R[k:, k:] -= 2 * np.outer(v, v @ R[k:, k:])
    return np.abs(np.diag(R)).sum() + R[0, 1] ** 2


EXAMPLES = [
    dict(A=np.array([[1.0, 0.5], [0.3, 2.0], [0.4, -0.6]])),
    dict(A=np.array([[-1.0, 0.5], [0.3, -2.0], [0.4, -0.6]])),
]

"""The polar factor of a matrix by Newton and Schulz' iteration."""

import numpy as np


def newton_schulz(A):
    X = A / np.linalg.norm(A)
    for _ in range(8):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return np.trace(X @ A.T)


EXAMPLES = [dict(A=np.array([[2.0, 0.4], [-0.3, 1.5]]))]

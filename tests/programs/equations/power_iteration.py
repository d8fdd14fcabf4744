"""The largest eigenvalue by the power method."""

import numpy as np


def power_iteration(A):
    v = np.ones(A.shape[0])
    value = 0.0
    while True:
        w = A @ v
        new = np.sqrt(np.sum(w**2))
        v = w / new
        if abs(new - value) < 1e-12 * new:
            return new
        value = new


EXAMPLES = [dict(A=np.array([[4.0, 1.0, 0.5], [1.0, 2.0, 0.3], [0.5, 0.3, 1.0]]))]

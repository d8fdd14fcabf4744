"""The method of conjugate gradients."""

import numpy as np


def conjugate_gradient(A, b, tolerance=1e-10):
    A = (A + A.T) / 2
    x = np.zeros_like(b)
    r = b - A @ x
    p = r
    rs = r @ r
    for _ in range(2 * len(b)):
        if np.sqrt(rs) < tolerance:
            break
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        new = r @ r
        p = r + (new / rs) * p
        rs = new
    return x


EXAMPLES = [
    dict(
        A=np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]]),
        b=np.array([1.0, 2.0, -1.0]),
    )
]

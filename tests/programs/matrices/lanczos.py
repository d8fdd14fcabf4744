"""Lanczos' tridiagonal matrix of a symmetric one."""

import numpy as np


def lanczos(A, start):
    m = 3
    alpha, beta = np.zeros(m), np.zeros(m - 1)
    q = start / np.linalg.norm(start)
    previous = np.zeros_like(q)
    for j in range(m):
        w = A @ q
        alpha[j] = w @ q
        w = w - alpha[j] * q
        if j > 0:
            w = w - beta[j - 1] * previous
        if j < m - 1:
            beta[j] = np.linalg.norm(w)
            previous, q = q, w / beta[j]
    return np.sum(alpha**2) + 2 * np.sum(beta**2)


rng = np.random.default_rng(7)
M = rng.normal(size=(4, 4))
EXAMPLES = [dict(A=M + M.T, start=rng.normal(size=4))]

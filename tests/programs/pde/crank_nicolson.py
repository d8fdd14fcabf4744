"""The heat equation by Crank and Nicolson's method, with the tridiagonal system solved in place."""

import numpy as np


def solve_tridiagonal(lower, diagonal, upper, rhs):
    n = len(rhs)
    d, b = diagonal.copy(), rhs.copy()
    for i in range(1, n):
        w = lower[i] / d[i - 1]
        d[i] -= w * upper[i - 1]
        b[i] -= w * b[i - 1]
    x = np.empty(n)
    x[n - 1] = b[n - 1] / d[n - 1]
    for i in reversed(range(n - 1)):
        x[i] = (b[i] - upper[i] * x[i + 1]) / d[i]
    return x


def crank_nicolson(u, r):
    n = len(u)
    off = np.full(n, -r / 2)
    diagonal = np.full(n, 1 + r)
    for _ in range(3):
        rhs = (1 - r) * u
        rhs[1:] += r / 2 * u[:-1]
        rhs[:-1] += r / 2 * u[1:]
        u = solve_tridiagonal(off, diagonal, off, rhs)
    return np.sum(u * np.arange(n))


EXAMPLES = [dict(u=np.array([0.1, 0.5, 0.9, 0.4, 0.2]), r=0.4)]

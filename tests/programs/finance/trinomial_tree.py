"""A trinomial tree of Boyle, by slices."""

import numpy as np


def trinomial_tree(S, K, r, sigma, T):
    n = 5
    dt = T / n
    up = np.exp(sigma * np.sqrt(2 * dt))
    a, b = np.exp(r * dt / 2), np.exp(sigma * np.sqrt(dt / 2))
    pu = ((a - 1 / b) / (b - 1 / b)) ** 2
    pd = ((b - a) / (b - 1 / b)) ** 2
    pm = 1 - pu - pd
    prices = S * up ** np.arange(-n, n + 1)
    values = np.maximum(prices - K, 0.0)
    for _ in range(n):
        values = np.exp(-r * dt) * (pu * values[2:] + pm * values[1:-1] + pd * values[:-2])
    return values[0]


EXAMPLES = [dict(S=100.0, K=95.0, r=0.03, sigma=0.2, T=1.0)]

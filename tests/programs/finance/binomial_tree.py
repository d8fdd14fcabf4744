"""A European call on a binomial tree, folded back in place."""

import math

import numpy as np


def binomial_tree(S, K, r, sigma, T, n=8):
    dt = T / n
    u = math.exp(sigma * math.sqrt(dt))
    d = 1 / u
    p = (math.exp(r * dt) - d) / (u - d)
    values = np.zeros(n + 1)
    for j in range(n + 1):
        values[j] = max(S * u**j * d ** (n - j) - K, 0.0)
    for step in range(n - 1, -1, -1):
        for j in range(step + 1):
            values[j] = math.exp(-r * dt) * (p * values[j + 1] + (1 - p) * values[j])
    return values[0]


EXAMPLES = [
    dict(S=100.0, K=95.0, r=0.03, sigma=0.2, T=1.0),
    dict(S=90.0, K=100.0, r=0.01, sigma=0.3, T=0.5),
]

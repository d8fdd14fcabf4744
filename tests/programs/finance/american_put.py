"""An American put on a binomial tree: at each node the better of holding and exercise."""

import numpy as np


def american_put(S, K, r, sigma, T, n=6):
    if S <= 0 or sigma <= 0:
        raise ValueError("price and volatility must be positive")
    dt = T / n
    u = np.exp(sigma * np.sqrt(dt))
    p = (np.exp(r * dt) - 1 / u) / (u - 1 / u)
    values = [max(K - S * u ** (2 * j - n), 0) for j in range(n + 1)]
    for step in range(n - 1, -1, -1):
        new = []
        for j in range(step + 1):
            hold = np.exp(-r * dt) * (p * values[j + 1] + (1 - p) * values[j])
            exercise = K - S * u ** (2 * j - step)
            new.append(max(hold, exercise))
        values = new
    return values[0]


EXAMPLES = [
    dict(S=100.0, K=105.0, r=0.05, sigma=0.25, T=1.0),
    dict(S=60.0, K=105.0, r=0.05, sigma=0.2, T=1.0),
]
RAISES = [dict(S=-100.0, K=105.0, r=0.05, sigma=0.25, T=1.0)]

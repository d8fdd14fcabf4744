"""An option that ends when a barrier is touched."""

import math

import numpy as np


def barrier_option(S0, K, barrier, sigma, draws):
    total = 0.0
    for path in draws:
        S = S0
        alive = True
        for z in path:
            S = S * math.exp(-0.02 * sigma**2 + 0.2 * sigma * z)
            if S >= barrier:
                alive = False
                break
        if alive and S > K:
            total += S - K
    return total / len(draws)


rng = np.random.default_rng(15)
EXAMPLES = [dict(S0=1.0, K=0.95, barrier=1.2, sigma=0.4, draws=rng.normal(size=(5, 4)))]
STEP = 1e-5

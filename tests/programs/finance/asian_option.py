"""An option on the mean of a path with given draws."""

import numpy as np


def asian_option(S0, K, sigma, draws):
    dt = 0.1
    payoff = 0.0
    for path in draws:
        S = S0
        total = 0.0
        for z in path:
            S *= np.exp(-0.5 * sigma**2 * dt + sigma * np.sqrt(dt) * z)
            total += S
        payoff += max(total / len(path) - K, 0.0)
    return payoff / len(draws)


rng = np.random.default_rng(14)
EXAMPLES = [dict(S0=1.0, K=1.0, sigma=0.3, draws=rng.normal(size=(4, 5)))]

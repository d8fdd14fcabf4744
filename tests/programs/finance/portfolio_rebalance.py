"""A portfolio that is rebalanced, at a cost, when it drifts."""

import numpy as np


def portfolio_rebalance(weights, returns, cost):
    wealth = 1.0
    w = weights
    for r in returns:
        growth = 1 + np.dot(w, r)
        wealth *= growth
        w = w * (1 + r) / growth
        drift = np.sum(np.abs(w - weights))
        if drift > 0.05:
            wealth *= 1 - cost * drift
            w = weights
    return np.log(wealth)


rng = np.random.default_rng(16)
EXAMPLES = [
    dict(weights=np.array([0.5, 0.3, 0.2]), returns=0.1 * rng.normal(size=(6, 3)), cost=0.01)
]
STEP = 1e-5

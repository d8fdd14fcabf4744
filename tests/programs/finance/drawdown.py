"""The largest fall of a price from the highest that it had."""

import numpy as np


def drawdown(prices):
    peak = prices[0]
    worst = 0.0
    for p in prices:
        if p > peak:
            peak = p
        fall = (peak - p) / peak
        if fall > worst:
            worst = fall
    return worst


EXAMPLES = [
    dict(prices=np.array([1.0, 1.3, 1.1, 1.5, 0.9, 1.2])),
    dict(prices=np.array([1.0, 0.6, 1.1, 1.5, 1.3, 1.2])),
]

"""The mean of the losses, over those days that have one."""

import numpy as np


def filtered_sum(returns, floor):
    losses = sum(-r for r in returns if r < 0)
    count = sum(1 for r in returns if r < 0)
    extreme = sum((floor - r) ** 2 for r in returns if r < floor)
    if count == 0:
        return 0.0 * losses + extreme
    return losses / count + extreme


EXAMPLES = [
    dict(returns=np.array([0.1, -0.2, 0.3, -0.15]), floor=-0.17),
    dict(returns=np.array([0.1, 0.2, 0.3, 0.15]), floor=0.12),
]

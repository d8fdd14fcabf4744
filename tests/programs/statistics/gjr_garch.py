"""Changing variance in which bad news counts more."""

import math


def gjr_garch(omega, alpha, gamma, beta):
    returns = [0.1, -0.3, 0.25, 0.6, -0.5, 0.05, -0.2]
    variance = 0.1
    loss = 0.0
    for r in returns:
        loss += math.log(variance) + r * r / variance
        leverage = gamma if r < 0 else 0.0
        variance = omega + (alpha + leverage) * r**2 + beta * variance
    return loss


EXAMPLES = [dict(omega=0.02, alpha=0.05, gamma=0.1, beta=0.8)]

"""The loss whose least place is a quantile."""

import numpy as np


def pinball(u, tau):
    return tau * u if u >= 0 else (tau - 1) * u


def quantile_loss(q, y, tau):
    return sum(pinball(value - q, tau) for value in y)


EXAMPLES = [dict(q=0.4, y=np.array([0.1, 0.9, 0.3, 0.7]), tau=0.25)]

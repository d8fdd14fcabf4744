"""The deviance of counts, with the limit at zero."""

import math

import numpy as np


def poisson_deviance(rates, counts):
    total = 0.0
    for mu, k in zip(rates, counts):
        assert mu > 0, "rates are positive"
        if k > 0:
            total += 2 * (k * math.log(k / mu) - (k - mu))
        else:
            total += 2 * mu
    return total


EXAMPLES = [dict(rates=np.array([0.5, 2.0, 1.2]), counts=np.array([0, 3, 1]))]
RAISES = [dict(rates=np.array([0.5, -2.0, 1.2]), counts=np.array([0, 3, 1]))]

"""One step of expectation and maximization for a mixture of two normal distributions."""

import math

import numpy as np


def normal(x, m, s):
    return math.exp(-0.5 * ((x - m) / s) ** 2) / (s * math.sqrt(2 * math.pi))


def em_mixture(data, m1, m2, s):
    sum1 = sum2 = weight1 = weight2 = 0.0
    for x in data:
        p1, p2 = normal(x, m1, s), normal(x, m2, s)
        r = p1 / (p1 + p2)
        sum1 += r * x
        sum2 += (1 - r) * x
        weight1 += r
        weight2 += 1 - r
    return abs(sum1 / weight1 - sum2 / weight2)


EXAMPLES = [dict(data=np.array([0.3, 0.8, 0.1, 1.9, 2.4, 2.2]), m1=0.5, m2=2.0, s=0.7)]

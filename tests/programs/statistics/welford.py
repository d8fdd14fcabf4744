"""Mean and variance in one go by Welford's method."""

import numpy as np


def welford(data):
    count = 0
    mean = 0.0
    m2 = 0.0
    for x in data:
        count += 1
        delta = x - mean
        mean += delta / count
        m2 += delta * (x - mean)
    if count < 2:
        raise ValueError("too few values")
    return mean, m2 / (count - 1)


EXAMPLES = [dict(data=np.array([0.3, 0.8, 0.1, -0.4, 0.9]))]

"""An integral by Simpson's rule."""

import numpy as np


def simpson(a, b, k):
    n = 10
    h = (b - a) / n
    total = 0.0
    for i in range(n + 1):
        x = a + i * h
        if i == 0 or i == n:
            weight = 1
        elif i % 2 == 1:
            weight = 4
        else:
            weight = 2
        total += weight * np.sin(k * x) * np.exp(-x)
    return total * h / 3


EXAMPLES = [dict(a=0.1, b=2.0, k=1.5)]

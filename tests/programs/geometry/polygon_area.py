"""The area of a polygon by the shoelace formula."""

import numpy as np


def polygon_area(x, y):
    total = 0.0
    n = len(x)
    for i in range(n):
        j = (i + 1) % n
        total += x[i] * y[j] - x[j] * y[i]
    return abs(total) / 2


EXAMPLES = [dict(x=np.array([0.0, 1.0, 1.2, 0.3]), y=np.array([0.0, 0.1, 1.0, 1.3]))]

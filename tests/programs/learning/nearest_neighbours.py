"""A value by the nearest neighbours, weighed by their distances."""

import numpy as np


def nearest_neighbours(query, points, values):
    total, weight = 0.0, 0.0
    for p, v in zip(points, values):
        d2 = np.sum((query - p) ** 2)
        if d2 < 1.0:
            w = (1 - d2) ** 2
            total += w * v
            weight += w
    if weight == 0.0:
        return np.mean(values)
    return total / weight


P = np.array([[0.1, 0.2], [0.9, 0.7], [0.2, -0.1], [1.9, 0.8]])
EXAMPLES = [
    dict(query=np.array([0.3, 0.3]), points=P, values=np.array([1.0, 2.0, 3.0, 4.0])),
    dict(query=np.array([5.0, 5.0]), points=P, values=np.array([1.0, 2.0, 3.0, 4.0])),
]

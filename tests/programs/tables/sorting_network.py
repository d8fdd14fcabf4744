"""Six numbers sorted by a network of comparisons, and weighed by their places."""

import numpy as np

NETWORK = [
    (0, 5),
    (1, 3),
    (2, 4),
    (1, 2),
    (3, 4),
    (0, 3),
    (2, 5),
    (0, 1),
    (2, 3),
    (4, 5),
    (1, 2),
    (3, 4),
]


def sorting_network(x):
    y = list(x)
    for i, j in NETWORK:
        low, high = min(y[i], y[j]), max(y[i], y[j])
        y[i], y[j] = low, high
    return sum((k + 1) * v for k, v in enumerate(y))


EXAMPLES = [dict(x=np.array([0.3, 0.8, 0.1, 0.9, 0.7, -0.2]))]

"""The best value of a knapsack, by a table over whole weights."""

import numpy as np


def knapsack(values, capacity=7):
    weights = [3, 4, 2, 5]
    best = np.zeros(capacity + 1)
    for value, weight in zip(values, weights):
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[capacity]


EXAMPLES = [
    dict(values=np.array([2.1, 3.0, 1.7, 4.2])),
    dict(values=np.array([2.1, 3.0, 1.7, 0.2])),
]

"""Shortest ways from one place, with a check for circles of negative length."""

import numpy as np

EDGES = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (3, 4), (2, 4)]


def bellman_ford(weights):
    distance = [0.0] + [float("inf")] * 4
    for _ in range(4):
        changed = False
        for (u, v), w in zip(EDGES, weights):
            if distance[u] + w < distance[v]:
                distance[v] = distance[u] + w
                changed = True
        if not changed:
            break
    for (u, v), w in zip(EDGES, weights):
        if distance[u] + w < distance[v] - 1e-12:
            raise ValueError("a circle of negative length")
    return distance[4]


EXAMPLES = [
    dict(weights=np.array([4.0, 2.0, 1.5, 5.0, 3.0, 1.0, 6.5])),
    dict(weights=np.array([1.0, 9.0, -0.5, 5.0, 3.0, 1.0, 2.5])),
]

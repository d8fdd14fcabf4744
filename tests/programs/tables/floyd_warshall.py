"""All shortest ways in a graph."""

import numpy as np


def floyd_warshall(weights):
    d = weights.copy()
    n = d.shape[0]
    for i in range(n):
        d[i, i] = 0.0
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i, k] + d[k, j] < d[i, j]:
                    d[i, j] = d[i, k] + d[k, j]
    return d.sum()


EXAMPLES = [
    dict(
        weights=np.array(
            [[0.0, 3.0, 8.1, 9.0], [2.0, 0.0, 2.2, 7.0], [8.0, 1.0, 0.0, 2.9], [1.5, 9.0, 9.5, 0.0]]
        )
    )
]

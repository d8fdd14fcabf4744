"""Interpolation by Lagrange's polynomials."""

import numpy as np


def lagrange(x, nodes, values):
    total = 0.0
    for i in range(len(nodes)):
        term = values[i]
        for j in range(len(nodes)):
            if j != i:
                term *= (x - nodes[j]) / (nodes[i] - nodes[j])
        total += term
    return total


EXAMPLES = [
    dict(x=0.7, nodes=np.array([0.0, 0.5, 1.2, 2.0]), values=np.array([1.0, 0.3, -0.5, 0.8]))
]

"""Divided differences of Newton, then the polynomial by nested products."""

import numpy as np


def newton_differences(x, nodes, values):
    n = len(nodes)
    c = np.array(values)
    for level in range(1, n):
        for i in range(n - 1, level - 1, -1):
            c[i] = (c[i] - c[i - 1]) / (nodes[i] - nodes[i - level])
    result = c[-1]
    for i in range(n - 2, -1, -1):
        result = result * (x - nodes[i]) + c[i]
    return result


EXAMPLES = [
    dict(x=0.7, nodes=np.array([0.0, 0.5, 1.2, 2.0]), values=np.array([1.0, 0.3, -0.5, 0.8]))
]

"""A truss: bars give their stiffness to the nodes at their ends."""

import numpy as np

BARS = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
FREE = [2, 4, 5, 6, 7]


def truss(nodes, areas, load):
    K = np.zeros((8, 8))
    for (i, j), area in zip(BARS, areas):
        d = nodes[j] - nodes[i]
        L = np.sqrt(d @ d)
        c, s = d / L
        k = area / L * np.array([[c * c, c * s], [c * s, s * s]])
        for p, q, sign in ((i, i, 1), (j, j, 1), (i, j, -1), (j, i, -1)):
            K[2 * p : 2 * p + 2, 2 * q : 2 * q + 2] += sign * k
    f = np.zeros(8)
    f[7] = -load
    u = np.zeros(8)
    u[FREE] = np.linalg.solve(K[np.ix_(FREE, FREE)], f[FREE])
    return f @ u


EXAMPLES = [
    dict(
        nodes=np.array([[0.0, 0.0], [1.0, 0.0], [0.4, 0.9], [1.5, 1.0]]),
        areas=np.array([1.0, 0.8, 1.2, 0.7, 0.9]),
        load=0.5,
    )
]

"""Springs between points: their energy, with slack ones that pull nothing."""

import math

import numpy as np


def springs(points, stiffness, rest):
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]
    energy = 0.0
    for (i, j), k in zip(pairs, stiffness):
        dx, dy = points[i] - points[j]
        length = math.hypot(dx, dy)
        if length > rest:
            energy += 0.5 * k * (length - rest) ** 2
    return energy


EXAMPLES = [
    dict(
        points=np.array([[0.0, 0.0], [1.2, 0.1], [1.1, 0.9], [0.1, 1.3]]),
        stiffness=np.array([1.0, 2.0, 0.5, 1.5, 0.7]),
        rest=1.0,
    )
]

"""A ray that goes on by the distance from the scene, until it is near."""

import numpy as np


def sphere_tracing(direction, radius):
    d = direction / np.sqrt(np.sum(direction**2))
    centre = np.array([0.0, 0.0, 4.0])
    t = 0.0
    for _ in range(60):
        distance = np.sqrt(np.sum((t * d - centre) ** 2)) - radius
        if distance < 1e-10:
            break
        t = t + distance
        if t > 20:
            return 20.0
    return t


EXAMPLES = [
    dict(direction=np.array([0.1, 0.05, 1.0]), radius=1.2),
    dict(direction=np.array([1.0, 0.05, 1.0]), radius=1.2),
]

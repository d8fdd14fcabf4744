"""A ray through lenses, by matrices."""

import numpy as np


def lens_system(height, angle, focal_lengths, gaps):
    ray = np.array([height, angle])
    for f, d in zip(focal_lengths, gaps):
        lens = np.array([[1.0, 0.0], [-1 / f, 1.0]])
        space = np.array([[1.0, d], [0.0, 1.0]])
        ray = space @ lens @ ray
    return ray


EXAMPLES = [
    dict(
        height=0.5,
        angle=0.1,
        focal_lengths=np.array([1.0, -2.0, 0.7]),
        gaps=np.array([0.5, 0.3, 1.0]),
    )
]

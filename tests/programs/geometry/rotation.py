"""A turn about an axis by Rodrigues' formula, by its series where the angle is small."""

import math

import numpy as np


def rotation(w, v):
    angle = math.sqrt(w @ w)
    if angle < 1e-4:
        a = 1 - angle**2 / 6
        b = 0.5 - angle**2 / 24
    else:
        a = math.sin(angle) / angle
        b = (1 - math.cos(angle)) / angle**2
    return v + a * np.cross(w, v) + b * np.cross(w, np.cross(w, v))


EXAMPLES = [
    dict(w=np.array([0.3, -0.2, 0.5]), v=np.array([1.0, 2.0, -0.5])),
    dict(w=np.array([3e-6, -2e-6, 5e-6]), v=np.array([1.0, 2.0, -0.5])),
]
STEP = 1e-5

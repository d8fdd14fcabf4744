"""Where a ray meets the nearest of some spheres."""

import numpy as np


def ray_sphere(origin, direction, centres, radii):
    d = direction / np.linalg.norm(direction)
    nearest = 100.0
    for c, r in zip(centres, radii):
        oc = origin - c
        b = oc @ d
        discriminant = b * b - (oc @ oc - r * r)
        if discriminant < 0:
            continue
        t = -b - np.sqrt(discriminant)
        if t < 0:
            t = -b + np.sqrt(discriminant)
        if 0 < t < nearest:
            nearest = t
    return nearest


EXAMPLES = [
    dict(
        origin=np.array([0.0, 0.0, -3.0]),
        direction=np.array([0.1, 0.05, 1.0]),
        centres=np.array([[0.0, 0.0, 2.0], [5.0, 0.0, 0.0], [0.3, 0.2, 1.0]]),
        radii=np.array([1.0, 0.5, 0.8]),
    ),
    dict(
        origin=np.array([0.0, 0.1, 2.0]),
        direction=np.array([0.1, 0.05, 1.0]),
        centres=np.array([[0.0, 0.0, 2.0], [5.0, 0.0, 0.0], [0.3, 0.2, -4.0]]),
        radii=np.array([1.0, 0.5, 0.8]),
    ),
]

"""The distance of a point from a segment: from its end, or from its inside."""

import numpy as np


def point_segment(p, a, b):
    ab = b - a
    t = np.dot(p - a, ab) / np.dot(ab, ab)
    if t < 0:
        t = 0.0
    elif t > 1:
        t = 1.0
    return np.linalg.norm(p - (a + t * ab))


EXAMPLES = [
    dict(p=np.array([0.5, 1.0]), a=np.array([0.0, 0.0]), b=np.array([1.0, 0.2])),
    dict(p=np.array([-0.5, 0.4]), a=np.array([0.0, 0.0]), b=np.array([1.0, 0.2])),
    dict(p=np.array([2.0, 0.4]), a=np.array([0.0, 0.0]), b=np.array([1.0, 0.2])),
]

"""The area of a triangle above a line: corners below are cut off."""

import numpy as np


def clip_polygon(corners, level):
    kept = []
    n = len(corners)
    for i in range(n):
        a, b = corners[i], corners[(i + 1) % n]
        if a[1] >= level:
            kept.append(a)
        if (a[1] >= level) != (b[1] >= level):
            t = (level - a[1]) / (b[1] - a[1])
            kept.append(a + t * (b - a))
    area = 0.0
    for p, q in zip(kept, kept[1:] + kept[:1]):
        area += 0.5 * (p[0] * q[1] - q[0] * p[1])
    return area


EXAMPLES = [dict(corners=np.array([[0.0, 0.0], [2.0, 0.3], [0.8, 1.5]]), level=0.5)]

"""A Bezier curve by the scheme of de Casteljau, and its length."""

import numpy as np


def point(controls, t):
    p = list(controls)
    while len(p) > 1:
        p = [(1 - t) * a + t * b for a, b in zip(p[:-1], p[1:])]
    return p[0]


def bezier(controls):
    length = 0.0
    before = point(controls, 0.0)
    for t in np.linspace(0, 1, 6)[1:]:
        now = point(controls, t)
        length += np.linalg.norm(now - before)
        before = now
    return length


EXAMPLES = [dict(controls=np.array([[0.0, 0.0], [0.3, 1.0], [0.9, 1.2], [1.5, 0.1]]))]

"""The distance from a scene of a box and a ball, joined smoothly."""

import numpy as np


def box(p, size):
    q = np.abs(p) - size
    outside = np.sqrt(sum(max(v, 0.0) ** 2 for v in q))
    inside = min(max(q[0], q[1]), 0.0)
    return outside + inside


def signed_distance(p, size, radius, k):
    a = box(p, size)
    b = np.linalg.norm(p - np.array([1.0, 0.5])) - radius
    h = max(k - abs(a - b), 0.0) / k
    return min(a, b) - h * h * k / 4


EXAMPLES = [
    dict(p=np.array([1.5, 0.9]), size=np.array([0.7, 0.4]), radius=0.3, k=0.5),
    dict(p=np.array([0.2, 0.9]), size=np.array([0.7, 0.4]), radius=0.3, k=0.2),
]

"""The way from one turn to another on the sphere of quaternions."""

import numpy as np


def quaternion(p, q, t):
    p = p / np.linalg.norm(p)
    q = q / np.linalg.norm(q)
    dot = p @ q
    if dot < 0:
        q = -q
        dot = -dot
    if dot > 0.9995:
        r = p + t * (q - p)
        return r / np.linalg.norm(r)
    theta = np.arccos(dot)
    return (np.sin((1 - t) * theta) * p + np.sin(t * theta) * q) / np.sin(theta)


EXAMPLES = [
    dict(p=np.array([1.0, 0.1, 0.2, 0.0]), q=np.array([0.5, 0.7, -0.1, 0.3]), t=0.3),
    dict(p=np.array([1.0, 0.1, 0.2, 0.0]), q=np.array([-0.5, -0.7, -0.1, 0.3]), t=0.3),
    dict(p=np.array([1.0, 0.1, 0.2, 0.0]), q=np.array([1.0, 0.101, 0.199, 0.001]), t=0.6),
]

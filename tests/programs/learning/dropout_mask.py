"""A layer with a mask, and the norm of gradients clipped."""

import numpy as np


def dropout_mask(w, x, keep, limit):
    mask = np.array([1.0, 0.0, 1.0, 1.0])
    h = np.maximum(w * x, 0) * mask / keep
    norm = np.sqrt(np.sum(h**2))
    if norm > limit:
        h = h * (limit / norm)
    return np.sum(h) + np.sum(np.sin(h))


EXAMPLES = [
    dict(w=np.array([0.5, -0.3, 0.8, 1.2]), x=np.array([1.0, 0.4, 0.7, 0.2]), keep=0.8, limit=0.5),
    dict(w=np.array([0.5, -0.3, 0.8, 1.2]), x=np.array([1.0, 0.4, 0.7, 0.2]), keep=0.8, limit=5.0),
]

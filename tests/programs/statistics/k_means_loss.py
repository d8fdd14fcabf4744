"""The sum of squared distances to the nearest centre."""

import numpy as np


def k_means_loss(points, centres):
    loss = 0.0
    for p in points:
        loss += min(np.sum((p - c) ** 2) for c in centres)
    return loss


EXAMPLES = [
    dict(
        points=np.array([[0.1, 0.2], [0.9, 1.1], [0.2, -0.1], [1.2, 0.8]]),
        centres=np.array([[0.0, 0.1], [1.0, 0.9]]),
    )
]

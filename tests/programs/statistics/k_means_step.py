"""One step of k-means: each point goes to the nearest centre, and the centres move."""

import numpy as np


def k_means_step(points, centres):
    k = len(centres)
    sums = np.zeros_like(centres)
    counts = np.zeros(k)
    for p in points:
        best = 0
        best_distance = np.inf
        for c in range(k):
            distance = np.sum((p - centres[c]) ** 2)
            if distance < best_distance:
                best_distance = distance
                best = c
        sums[best] += p
        counts[best] += 1
    loss = 0.0
    for c in range(k):
        if counts[c] > 0:
            loss += np.sum((sums[c] / counts[c] - centres[c]) ** 2)
    return loss


EXAMPLES = [
    dict(
        points=np.array([[0.1, 0.2], [0.9, 1.1], [0.2, -0.1], [1.2, 0.8]]),
        centres=np.array([[0.0, 0.1], [1.0, 0.9]]),
    )
]

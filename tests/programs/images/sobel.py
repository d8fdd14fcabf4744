"""The strength of edges, with a threshold."""

import numpy as np


def sobel(image, threshold):
    total = 0.0
    for i in range(1, image.shape[0] - 1):
        for j in range(1, image.shape[1] - 1):
            gx = (
                image[i - 1, j + 1]
                + 2 * image[i, j + 1]
                + image[i + 1, j + 1]
                - image[i - 1, j - 1]
                - 2 * image[i, j - 1]
                - image[i + 1, j - 1]
            )
            gy = (
                image[i + 1, j - 1]
                + 2 * image[i + 1, j]
                + image[i + 1, j + 1]
                - image[i - 1, j - 1]
                - 2 * image[i - 1, j]
                - image[i - 1, j + 1]
            )
            strength = np.hypot(gx, gy)
            if strength > threshold:
                total += strength - threshold
    return total


rng = np.random.default_rng(31)
EXAMPLES = [dict(image=rng.uniform(size=(5, 5)), threshold=1.0)]
STEP = 1e-3

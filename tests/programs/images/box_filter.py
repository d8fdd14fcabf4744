"""An image smoothed by loops over pixels, with the border as it was."""

import numpy as np


def box_filter(image):
    height, width = image.shape
    out = image.copy()
    for i in range(1, height - 1):
        for j in range(1, width - 1):
            total = 0.0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    total += image[i + di, j + dj]
            out[i, j] = total / 9
    return np.sum(out**2)


rng = np.random.default_rng(30)
EXAMPLES = [dict(image=rng.uniform(size=(4, 5)))]

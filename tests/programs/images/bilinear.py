"""A picture read between its pixels, held at the border."""

import numpy as np


def bilinear(image, x, y):
    height, width = image.shape
    x = min(max(x, 0.0), width - 1.001)
    y = min(max(y, 0.0), height - 1.001)
    i, j = int(y), int(x)
    u, v = x - j, y - i
    return (
        (1 - u) * (1 - v) * image[i, j]
        + u * (1 - v) * image[i, j + 1]
        + (1 - u) * v * image[i + 1, j]
        + u * v * image[i + 1, j + 1]
    )


rng = np.random.default_rng(32)
M = rng.uniform(size=(4, 5))
EXAMPLES = [dict(image=M, x=1.3, y=2.6), dict(image=M, x=-0.7, y=0.5), dict(image=M, x=3.4, y=7.0)]

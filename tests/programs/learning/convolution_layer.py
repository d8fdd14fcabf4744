"""A layer of convolution with pooling, by loops over the image."""

import numpy as np


def convolution_layer(image, kernel):
    rows, columns = image.shape[0] - 2, image.shape[1] - 2
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[i, j] = np.sum(image[i : i + 3, j : j + 3] * kernel)
    pooled = 0.0
    for i in range(0, rows, 2):
        for j in range(0, columns, 2):
            pooled += max(0.0, np.max(out[i : i + 2, j : j + 2]))
    return pooled


rng = np.random.default_rng(26)
EXAMPLES = [dict(image=rng.normal(size=(6, 6)), kernel=rng.normal(size=(3, 3)))]

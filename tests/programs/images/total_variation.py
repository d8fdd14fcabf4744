"""The variation of a picture, smoothed at zero."""

import numpy as np


def total_variation(u, f, weight):
    value = 0.0
    rows, columns = u.shape
    for i in range(rows):
        for j in range(columns):
            dx = u[i + 1, j] - u[i, j] if i + 1 < rows else 0.0
            dy = u[i, j + 1] - u[i, j] if j + 1 < columns else 0.0
            value += weight * np.sqrt(dx**2 + dy**2 + 1e-3) + 0.5 * (u[i, j] - f[i, j]) ** 2
    return value


rng = np.random.default_rng(33)
EXAMPLES = [dict(u=rng.uniform(size=(3, 4)), f=rng.uniform(size=(3, 4)), weight=0.3)]

"""A filter of second order that feeds back."""

import numpy as np


def recursive_filter(x, b0, b1, a1, a2):
    y = np.zeros_like(x)
    for n in range(len(x)):
        y[n] = b0 * x[n]
        if n >= 1:
            y[n] += b1 * x[n - 1] - a1 * y[n - 1]
        if n >= 2:
            y[n] -= a2 * y[n - 2]
    return np.sum(y**2)


EXAMPLES = [dict(x=np.array([1.0, 0.2, -0.4, 0.9, 0.1, 0.5]), b0=0.5, b1=0.3, a1=-0.6, a2=0.2)]

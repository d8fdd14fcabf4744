"""A convolution of two series without transforms."""

import numpy as np


def convolve(a, b):
    out = np.zeros(len(a) + len(b) - 1)
    for i in range(len(a)):
        for j in range(len(b)):
            out[i + j] += a[i] * b[j]
    return out


EXAMPLES = [dict(a=np.array([1.0, 0.5, -0.3, 0.8]), b=np.array([0.2, 0.7, -1.0]))]

"""Haar's wavelets in place, small coefficients put to zero, and back."""

import numpy as np


def wavelet(x, threshold):
    a = x.copy()
    n = len(a)
    while n > 1:
        half = n // 2
        s = (a[0:n:2] + a[1:n:2]) / np.sqrt(2)
        d = (a[0:n:2] - a[1:n:2]) / np.sqrt(2)
        a[:half] = s
        a[half:n] = d
        n = half
    a[np.abs(a) < threshold] = 0.0
    return np.sum(a**2)


EXAMPLES = [dict(x=np.array([1.0, 0.9, -0.4, 0.9, 0.1, 0.5, 0.45, 0.2]), threshold=0.2)]

"""A filter that keeps edges, by windows."""

import numpy as np


def bilateral(signal, width, depth):
    n = len(signal)
    out = np.zeros(n)
    for i in range(n):
        total, weight = 0.0, 0.0
        for j in range(max(0, i - 2), min(n, i + 3)):
            w = np.exp(-((i - j) ** 2) / width - (signal[i] - signal[j]) ** 2 / depth)
            total += w * signal[j]
            weight += w
        out[i] = total / weight
    return out


EXAMPLES = [dict(signal=np.array([0.1, 0.2, 0.9, 1.0, 0.8, 0.3]), width=2.0, depth=0.5)]

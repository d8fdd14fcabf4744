"""Numbers sorted by exchanges of neighbours."""

import numpy as np


def bubble_sort(x):
    a = x.copy()
    n = len(a)
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    total = 0.0
    for k in range(n):
        total += (k + 1) * a[k] ** 2
    return total


EXAMPLES = [dict(x=np.array([0.3, 0.8, 0.1, 0.9, -0.7]))]

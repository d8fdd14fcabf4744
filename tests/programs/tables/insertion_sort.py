"""Numbers sorted by putting each to its place, and the median."""

import numpy as np


def insertion_sort(x):
    a = list(x)
    for i in range(1, len(a)):
        key = a[i]
        j = i - 1
        while j >= 0 and a[j] > key:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = key
    return a[len(a) // 2]


EXAMPLES = [dict(x=np.array([0.3, 0.8, 0.1, 0.9, -0.7]))]

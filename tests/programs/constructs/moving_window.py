"""The span of the last three values, kept in a deque."""

from collections import deque

import numpy as np


def moving_window(x):
    window = deque(maxlen=3)
    total = 0.0
    for value in x:
        window.append(value)
        if len(window) == 3:
            total += (max(window) - min(window)) ** 2
    return total


EXAMPLES = [dict(x=np.array([0.3, 0.9, -0.4, 0.5, 1.2, 0.1]))]

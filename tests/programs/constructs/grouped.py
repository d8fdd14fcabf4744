"""Spread of groups, gathered in a dictionary of lists."""

from collections import defaultdict

import numpy as np

KEYS = ("a", "b", "a", "c", "b", "a")


def grouped(values):
    groups = defaultdict(list)
    for key, value in zip(KEYS, values):
        groups[key].append(value)
    spread = 0.0
    for members in groups.values():
        mean = sum(members) / len(members)
        spread += sum((m - mean) ** 2 for m in members)
    return spread


EXAMPLES = [dict(values=np.array([0.3, 0.9, -0.4, 0.5, 1.2, 0.1]))]

"""Rain and runoff: a bucket that overflows and dries out."""

import numpy as np


def bucket_model(capacity, k, rain):
    storage = 0.3 * capacity
    runoff = []
    for p in rain:
        storage += p
        overflow = max(0.0, storage - capacity)
        storage -= overflow
        evaporation = min(storage, 0.4)
        storage -= evaporation
        base = k * storage
        storage -= base
        runoff.append(overflow + base)
    return np.sum(np.array(runoff) ** 2)


EXAMPLES = [dict(capacity=5.0, k=0.1, rain=np.array([0.0, 3.0, 4.0, 0.1, 0.0, 2.0]))]

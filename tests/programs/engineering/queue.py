"""Customers at one counter: each waits until those before are served."""

import numpy as np


def queue(arrivals, services):
    free = 0.0
    waited = 0.0
    for arrival, service in zip(arrivals, services):
        start = max(arrival, free)
        waited += start - arrival
        free = start + service
    return waited / len(arrivals) + 0.1 * free


EXAMPLES = [dict(arrivals=np.array([0.1, 0.5, 2.5, 2.7]), services=np.array([1.0, 0.8, 0.9, 0.4]))]

"""The energy of some atoms, with a cutoff, by a double loop."""

import numpy as np


def lennard_jones(positions, epsilon, sigma, cutoff=2.0):
    energy = 0.0
    n = len(positions)
    for i in range(n):
        for j in range(i + 1, n):
            r2 = np.sum((positions[i] - positions[j]) ** 2)
            if r2 > cutoff**2:
                continue
            s6 = (sigma**2 / r2) ** 3
            energy += 4 * epsilon * (s6**2 - s6)
    return energy


EXAMPLES = [
    dict(
        positions=np.array([[0.0, 0.0, 0.1], [1.1, 0.2, 0.0], [0.3, 1.2, 0.2], [2.5, 0.1, 0.0]]),
        epsilon=0.7,
        sigma=0.9,
    )
]

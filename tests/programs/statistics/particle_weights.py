"""Weights of particles: normalized, and their effective number."""

import numpy as np


def particle_weights(particles, observation, noise):
    weights = np.ones(len(particles))
    for i, p in enumerate(particles):
        weights[i] *= np.exp(-0.5 * ((observation - p) / noise) ** 2)
    total = weights.sum()
    if total == 0:
        weights[:] = 1.0 / len(weights)
    else:
        weights /= total
    return 1 / np.sum(weights**2)


EXAMPLES = [dict(particles=np.array([0.1, 0.5, 0.9, 1.4]), observation=0.8, noise=0.4)]

"""A chain of Metropolis with draws that are given: accepted, or not."""

import math

import numpy as np


def metropolis(width, centre, steps, uniforms):
    def log_density(x):
        return -0.5 * (x - centre) ** 2

    x = 0.0
    total = 0.0
    for step, u in zip(steps, uniforms):
        proposal = x + width * step
        if math.log(u) < log_density(proposal) - log_density(x):
            x = proposal
        total += x
    return total / len(steps)


rng = np.random.default_rng(13)
EXAMPLES = [
    dict(width=0.7, centre=0.5, steps=rng.normal(size=8), uniforms=rng.uniform(0.05, 0.95, size=8))
]
STEP = 1e-4

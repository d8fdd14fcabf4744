"""A rod that is pulled and pushed: elastic, or yielding and hardening."""

import numpy as np


def plasticity(E, H, limit, strains):
    plastic, back, work = 0.0, 0.0, 0.0
    for strain in strains:
        trial = E * (strain - plastic) - back
        excess = abs(trial) - limit
        if excess > 0:
            gamma = excess / (E + H)
            direction = 1.0 if trial > 0 else -1.0
            plastic += gamma * direction
            back += H * gamma * direction
            work += limit * gamma
    return work + 0.1 * plastic


EXAMPLES = [
    dict(E=200.0, H=20.0, limit=1.0, strains=np.array([0.002, 0.006, 0.012, 0.004, -0.005, -0.012]))
]
STEP = 1e-4

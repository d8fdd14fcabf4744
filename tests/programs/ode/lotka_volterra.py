"""Predators and prey, with lists of what was there at each time."""

import numpy as np


def lotka_volterra(alpha, beta, gamma, delta):
    prey, predators = [1.0], [0.5]
    dt = 0.05
    for _ in range(20):
        x, y = prey[-1], predators[-1]
        prey.append(x + dt * (alpha * x - beta * x * y))
        predators.append(y + dt * (delta * x * y - gamma * y))
    return np.max(np.array(prey)) + np.mean(predators)


EXAMPLES = [
    dict(alpha=1.1, beta=0.4, gamma=0.4, delta=0.1),
    dict(alpha=0.3, beta=1.4, gamma=0.4, delta=0.5),
]

"""A gated recurrent unit, its weights in a dictionary."""

import numpy as np


def gru(weights, sequence):
    h = np.zeros(2)
    for x in sequence:
        z = 1 / (1 + np.exp(-(weights["Wz"] @ x + weights["Uz"] @ h)))
        r = 1 / (1 + np.exp(-(weights["Wr"] @ x + weights["Ur"] @ h)))
        candidate = np.tanh(weights["Wh"] @ x + weights["Uh"] @ (r * h))
        h = (1 - z) * h + z * candidate
    return h @ h


rng = np.random.default_rng(22)
NAMES = ("Wz", "Uz", "Wr", "Ur", "Wh", "Uh")
EXAMPLES = [
    dict(
        weights={name: rng.normal(size=(2, 2)) for name in NAMES}, sequence=rng.normal(size=(5, 2))
    )
]

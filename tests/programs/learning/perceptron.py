"""A network of layers with rectifiers, written number by number."""

import numpy as np


def perceptron(W1, W2, x):
    hidden = []
    for row in W1:
        total = 0.0
        for w, v in zip(row, x):
            total += w * v
        hidden.append(total if total > 0 else 0.01 * total)
    out = 0.0
    for w, h in zip(W2, hidden):
        out += w * h
    return out**2


rng = np.random.default_rng(23)
EXAMPLES = [dict(W1=rng.normal(size=(4, 3)), W2=rng.normal(size=4), x=rng.normal(size=3))]

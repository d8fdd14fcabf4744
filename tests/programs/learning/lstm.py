"""A long short-term memory over a sequence."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cell(x, h, c, W, b):
    n = len(h)
    gates = W @ np.concatenate([x, h]) + b
    i, f = sigmoid(gates[:n]), sigmoid(gates[n : 2 * n])
    o, g = sigmoid(gates[2 * n : 3 * n]), np.tanh(gates[3 * n :])
    c = f * c + i * g
    return o * np.tanh(c), c


def lstm(W, b, sequence):
    n = len(b) // 4
    h, c = np.zeros(n), np.zeros(n)
    outputs = []
    for x in sequence:
        h, c = cell(x, h, c, W, b)
        outputs.append(h)
    return np.mean(np.stack(outputs) ** 2)


rng = np.random.default_rng(21)
EXAMPLES = [dict(W=rng.normal(size=(8, 5)), b=rng.normal(size=8), sequence=rng.normal(size=(4, 3)))]

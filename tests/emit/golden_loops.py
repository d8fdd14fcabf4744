"""Functions with loops whose modules are golden files. Line numbers of this file stand in them."""

import numpy as np

import symdiff as sd


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(W, U, b, xs, target):
    """A cell with four gates, along a sequence."""

    def step(state, x):
        h, c = state
        gates = W @ h + U @ x + b
        keep, take, show = sigmoid(gates[:3]), sigmoid(gates[3:6]), sigmoid(gates[6:9])
        c = keep * c + take * np.tanh(gates[9:])
        h = show * np.tanh(c)
        return (h, c), h

    _, hs = sd.scan(step, (np.zeros(3), np.zeros(3)), xs)
    return np.mean((hs - target) ** 2)


def lorenz(start, rate):
    """Steps of Euler's method, of which every tenth is kept for the gradient."""

    def step(point, _):
        x, y, z = point
        return (x + 0.01 * rate * (y - x), y + 0.01 * (x * (28.0 - z) - y),
                z + 0.01 * (x * y - 8.0 / 3.0 * z)), None  # fmt: skip

    (x, y, z), _ = sd.scan(step, (start[0], start[1], start[2]), length=104, checkpoint=10)
    return x**2 + y**2 + z**2

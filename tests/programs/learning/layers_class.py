"""A network as a class with a list of layers."""

import numpy as np


class Layer:
    def __init__(self, W, b, activation):
        self.W, self.b, self.activation = W, b, activation

    def __call__(self, x):
        z = self.W @ x + self.b
        if self.activation == "relu":
            return np.where(z > 0, z, 0.0)
        return z


def layers_class(W1, b1, W2, b2, x):
    layers = [Layer(W1, b1, "relu"), Layer(W2, b2, None)]
    for layer in layers:
        x = layer(x)
    return np.sum(x**2)


rng = np.random.default_rng(27)
EXAMPLES = [
    dict(
        W1=rng.normal(size=(3, 2)),
        b1=rng.normal(size=3),
        W2=rng.normal(size=(2, 3)),
        b2=rng.normal(size=2),
        x=rng.normal(size=2),
    )
]

"""A network of two layers with ReLU, trained for 1,000 steps of gradient descent."""

from dataclasses import dataclass

import numpy as np

import symdiff as sd


@dataclass
class Network:
    """The weights; gradients come back as one of these too."""

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray


def loss(net, X, y):
    hidden = np.maximum(X @ net.W1 + net.b1, 0.0)
    prediction = hidden @ net.W2 + net.b2
    return np.mean((prediction - y) ** 2)


def start(random):
    return Network(
        W1=random.uniform(-0.3, 0.3, (10, 20)),
        b1=random.uniform(-0.3, 0.3, 20),
        W2=random.uniform(-0.2, 0.2, (20, 1)),
        b2=random.uniform(-0.2, 0.2, 1),
    )


def train(net, X, y, steps, rate=0.01):
    value_and_grad = sd.value_and_grad(loss)
    losses = []
    for _ in range(steps):
        value, bar = value_and_grad(net, X, y)
        losses.append(float(value))
        net = Network(*[w - rate * vars(bar)[name] for name, w in vars(net).items()])
    return net, losses


if __name__ == "__main__":
    random = np.random.default_rng(0)
    X, y = random.normal(size=(100, 10)), random.normal(size=(100, 1))
    _, losses = train(start(random), X, y, steps=1000)
    for step in (0, 10, 100, 999):
        print(f"step {step:3}: loss {losses[step]:.12f}")

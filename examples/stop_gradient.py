"""sd.stop_gradient: a value that derivatives take for a constant; PyTorch's detach."""

import numpy as np

import symdiff as sd


def attached(x):
    weights = np.exp(x) / np.sum(np.exp(x))
    return np.sum(weights * x)


def detached(x):
    weights = sd.stop_gradient(np.exp(x) / np.sum(np.exp(x)))
    return np.sum(weights * x)


x = np.array([1.0, 2.0, 3.0])
print(f"value: {attached(x):.12f}")
print(f"the same value, detached: {detached(x):.12f}")
print(f"attached: {sd.grad(attached)(x)}")
print(f"detached: {sd.grad(detached)(x)}, the weights themselves")

"""Gradients of mini-batches, added up in the caller's arrays: equal to that of the full batch."""

import numpy as np

import symdiff as sd


def loss(params, X, y):
    residual = X @ params["w"] + params["b"] - y
    return np.sum(residual**2)


random = np.random.default_rng(0)
X, y = random.normal(size=(12, 3)), random.normal(size=12)
params = {"w": random.normal(size=3), "b": 0.5}

grad = sd.grad(loss)  # by the first argument, in its structure
total = {"w": np.zeros(3), "b": np.zeros(())}
for start in range(0, 12, 4):
    batch = slice(start, start + 4)
    grad(params, X[batch], y[batch], accumulate=total)

full = grad(params, X, y)
print(f"accumulated: {total['w']}, {total['b']}")
print(f"full batch:  {full['w']}, {full['b']}")

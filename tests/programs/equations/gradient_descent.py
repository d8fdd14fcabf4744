"""Least squares by gradient descent with momentum, stopped at a small gradient."""

import numpy as np


def gradient_descent(X, y, rate=0.1, momentum=0.5):
    w = np.zeros(X.shape[1])
    velocity = np.zeros_like(w)
    for epoch in range(60):
        gradient = X.T @ (X @ w - y) / len(y)
        if np.linalg.norm(gradient) < 1e-3:
            break
        velocity = momentum * velocity - rate * gradient
        w = w + velocity
    return np.sum((X @ w - y) ** 2)


rng = np.random.default_rng(1)
EXAMPLES = [dict(X=rng.normal(size=(6, 2)), y=rng.normal(size=6), rate=0.3, momentum=0.5)]
STEP = 1e-6

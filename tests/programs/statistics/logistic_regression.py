"""The loss of a logistic regression, stable on both sides, example by example."""

import math

import numpy as np


def log1p_exp(z):
    if z > 0:
        return z + math.log1p(math.exp(-z))
    return math.log1p(math.exp(z))


def logistic_regression(w, X, y):
    loss = 0.0
    for row, label in zip(X, y):
        z = row @ w
        loss += log1p_exp(z) - label * z
    return loss + 0.01 * w @ w


rng = np.random.default_rng(11)
EXAMPLES = [
    dict(w=rng.normal(size=3), X=rng.normal(size=(5, 3)), y=np.array([0.0, 1.0, 1.0, 0.0, 1.0]))
]

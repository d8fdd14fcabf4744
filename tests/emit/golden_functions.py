"""NumPy functions whose modules are golden files. Line numbers of this file stand in them."""

import numpy as np


def network(W1, b1, W2, b2, X, y):
    hidden = np.maximum(X @ W1 + b1, 0.0)
    prediction = hidden @ W2 + b2
    return np.mean((prediction - y) ** 2)


def heat(u, k):
    """Two steps of the heat equation, with writes into views."""
    new = np.zeros(6)
    new[0], new[-1] = u[0], u[-1]
    inner = new[1:-1]
    inner += u[1:-1] + k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    u = new.copy()
    u[1:-1] += k * (new[2:] - 2.0 * new[1:-1] + new[:-2])
    return np.sum(u**2)


def energy(A, x):
    y = A @ x
    return 0.5 * x @ y + np.sum(np.log(np.cosh(y)))


def cross_entropy(W, b, X, labels):
    scores = X @ W + b
    log_total = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(log_total - scores[np.arange(len(labels)), labels])

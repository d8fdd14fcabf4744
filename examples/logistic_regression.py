"""Logistic regression with scipy.optimize.minimize on the emitted module."""

import numpy as np
from scipy.optimize import minimize

import symdiff as sd


def loss(w, X, y):
    """The negative log-likelihood of labels y = 0, 1, with a little regularisation."""
    z = X @ w
    return np.sum(np.logaddexp(0.0, z) - y * z) + 0.05 * np.sum(w**2)


random = np.random.default_rng(0)
X = random.normal(size=(200, 3))
y = (X @ np.array([1.5, -2.0, 0.5]) + random.normal(size=200) > 0).astype(float)

shapes = {"w": (3,), "X": ("N", 3), "y": ("N",)}
module = sd.function(loss, shapes=shapes).grad().load()
found = minimize(module.packed_value_and_grad, np.zeros(3), args=(X, y), jac=True, tol=1e-10)
print(f"weights: {found.x.round(6)}")
print(f"gradient: at most {np.abs(found.jac).max():.0e}")

"""The derivative of a solution: how the equilibrium of a reaction moves with its constants.

A + A <-> A2 with the constant K, and the total amount T of A: the free amount x of A solves
x + 2*K*x**2 = T. The steps of Newton's method are not differentiated; the derivative is that of
the implicit function theorem, one linear solve.
"""

import math

import numpy as np

import symdiff as sd


def balance(x, K, T):
    """What is zero at the equilibrium."""
    return x + 2.0 * K * x**2 - T


def newton(K, T):
    """Find the free amount by Newton's method, from all of it."""
    x = T
    for _ in range(12):
        x = x - balance(x, K, T) / (1.0 + 4.0 * K * x)
    return x


free = sd.root(balance, newton)

K, T = 2.0, 3.0
exact = (math.sqrt(1.0 + 8.0 * K * T) - 1.0) / (4.0 * K)
root = math.sqrt(1.0 + 8.0 * K * T)
by_K = T / (K * root) - (root - 1.0) / (4.0 * K**2)
print("free:", free(K, T), "exact:", exact)
print("gradient:", *sd.grad(free, wrt=("K", "T"))(K, T))
print("exact:", by_K, 1.0 / root)
print("second derivative:", sd.grad(sd.grad(free, wrt="T"), wrt="T")(K, T))

# ridge regression: how the weights' sum moves with the penalty
X, y = np.array([[1.0, 0.5], [-0.3, 2.0], [0.7, -1.1]]), np.array([1.0, -0.5, 0.3])
weights = sd.argmin(
    lambda w, penalty: np.sum((X @ w - y) ** 2) + penalty * np.sum(w**2),
    lambda penalty: np.linalg.solve(X.T @ X + penalty * np.eye(2), X.T @ y),
)
print("ridge:", sd.grad(lambda penalty: np.sum(weights(penalty)))(0.1))

"""A gradient beside finite differences, of a function of an array and of a formula."""

import numpy as np

import symdiff as sd


def f(x):
    return np.sum(np.sin(x) * x[::-1]) / np.linalg.norm(x)


def differences(f, x, h=1e-6):
    """Central differences: two calls for each element, where a gradient takes one in all."""
    gradient = np.empty_like(x)
    for i in range(x.size):
        step = np.zeros_like(x)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


x = np.array([0.5, -1.0, 2.0])
exact, approximate = sd.grad(f)(x), differences(f, x)
print(f"gradient:           {exact}")
print(f"finite differences: {approximate}")
print(f"apart by at most {np.abs(exact - approximate).max():.0e}")
print(sd.function("x**2 * sin(y)").check(at={"x": 3.0, "y": 2.0}))

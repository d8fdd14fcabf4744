"""A line through four points by gradient descent: 100 steps, learning rate 0.01."""

import numpy as np

import symdiff as sd


def loss(w, b, x, y):
    y_pred = w * x + b
    return np.mean((y_pred - y) ** 2)


value_and_grad = sd.value_and_grad(loss, wrt=("w", "b"))

x = np.array([1.0, 2.0, 3.0, 4.0])
y = np.array([2.0, 4.0, 6.0, 8.0])
w, b = 1.0, 0.0
for _ in range(100):
    last_loss, (w_bar, b_bar) = value_and_grad(w, b, x, y)
    w, b = w - 0.01 * w_bar, b - 0.01 * b_bar
print(f"w = {w:.15f}")
print(f"b = {b:.15f}")
print(f"last loss = {last_loss:.15f}")

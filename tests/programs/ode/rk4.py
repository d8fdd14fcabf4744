"""An oscillator with friction by the classical method of Runge and Kutta."""

import numpy as np


def f(t, y, k, c):
    return np.array([y[1], -k * y[0] - c * y[1] + np.sin(t)])


def rk4(y0, k, c, steps=12):
    h = 0.1
    y = y0
    t = 0.0
    for i in range(steps):
        k1 = f(t, y, k, c)
        k2 = f(t + h / 2, y + h / 2 * k1, k, c)
        k3 = f(t + h / 2, y + h / 2 * k2, k, c)
        k4 = f(t + h, y + h * k3, k, c)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t = t + h
    return y


EXAMPLES = [dict(y0=np.array([1.0, 0.5]), k=2.0, c=0.3)]

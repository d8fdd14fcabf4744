"""A whole trajectory by Runge and Kutta's method, stored in an array."""

import numpy as np


def rk4_trajectory(x0, v0, omega):
    n = 15
    h = 0.05
    states = np.zeros((n + 1, 2))
    states[0] = [x0, v0]

    def rhs(s):
        x, v = s
        return np.array([v, -(omega**2) * np.sin(x)])

    for i in range(n):
        s = states[i]
        a = rhs(s)
        b = rhs(s + 0.5 * h * a)
        c = rhs(s + 0.5 * h * b)
        d = rhs(s + h * c)
        states[i + 1] = s + h * (a + 2 * b + 2 * c + d) / 6
    return np.mean(states[:, 0] ** 2) + states[-1, 1]


EXAMPLES = [dict(x0=0.7, v0=0.0, omega=2.0), dict(x0=-1.1, v0=0.4, omega=1.3)]

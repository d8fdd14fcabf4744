"""A few steps of Adam on a function of two numbers."""

import math


def adam(x, y, rate):
    m = [0.0, 0.0]
    v = [0.0, 0.0]
    p = [x, y]
    for t in range(1, 9):
        g = [2 * p[0] + p[1], p[0] + 6 * p[1] ** 3]
        for i in range(2):
            m[i] = 0.9 * m[i] + 0.1 * g[i]
            v[i] = 0.99 * v[i] + 0.01 * g[i] ** 2
            p[i] -= rate * (m[i] / (1 - 0.9**t)) / (math.sqrt(v[i] / (1 - 0.99**t)) + 1e-8)
    return p[0] ** 2 + p[1] ** 2


EXAMPLES = [dict(x=1.0, y=-0.7, rate=0.1)]

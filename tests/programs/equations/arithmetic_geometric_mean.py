"""The arithmetic-geometric mean, and the period of a pendulum from it."""

import math


def agm(a, b):
    while abs(a - b) > 1e-14 * abs(a):
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


def arithmetic_geometric_mean(length, amplitude):
    g = 9.81
    return 2 * math.pi * math.sqrt(length / g) / agm(1.0, math.cos(amplitude / 2))


EXAMPLES = [dict(length=1.0, amplitude=0.5), dict(length=0.3, amplitude=2.0)]

"""Debye's function by Simpson's rule, with the limit at zero."""

import math


def integrand(t):
    if t == 0:
        return 0.0
    return t**3 / (math.exp(t) - 1)


def debye(x):
    n = 20
    h = x / n
    total = integrand(0.0) + integrand(x)
    for i in range(1, n):
        total += (4 if i % 2 else 2) * integrand(i * h)
    return 3 / x**3 * total * h / 3


EXAMPLES = [dict(x=0.5), dict(x=3.0)]

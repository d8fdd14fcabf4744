"""The incomplete gamma function by its series or its fraction, whichever converges."""

import math


def series(a, x):
    term = total = 1 / a
    n = a
    while abs(term) > 1e-15 * abs(total):
        n += 1
        term *= x / n
        total += term
    return total * math.exp(-x + a * math.log(x) - math.lgamma(a))


def fraction(a, x):
    value = 0.0
    for k in range(60, 0, -1):
        value = k * (a - k) / (x + 2 * k + 1 - a + value)
    return math.exp(-x + a * math.log(x) - math.lgamma(a)) / (x + 1 - a + value)


def incomplete_gamma(a, x):
    if x < a + 1:
        return series(a, x)
    return 1 - fraction(a, x)


EXAMPLES = [dict(a=1.5, x=0.8), dict(a=1.5, x=6.0), dict(a=4.0, x=2.0)]

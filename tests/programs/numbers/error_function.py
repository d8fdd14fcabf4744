"""The error function: its series near zero, Abramowitz' formula far away, odd on both sides."""

import math


def error_function(x):
    sign = 1.0
    if x < 0:
        sign, x = -1.0, -x
    if x < 1.5:
        total = term = x
        for n in range(1, 25):
            term *= -x * x / n
            total += term / (2 * n + 1)
        return sign * 2 / math.sqrt(math.pi) * total
    t = 1 / (1 + 0.3275911 * x)
    poly = 0.0
    for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        poly = (poly + a) * t
    return sign * (1 - poly * math.exp(-x * x))


EXAMPLES = [dict(x=0.7), dict(x=-0.4), dict(x=2.1), dict(x=-1.9)]

"""The digamma function: shifted up, then by its asymptotic series."""

import math


def digamma(x):
    result = 0.0
    while x < 6:
        result -= 1 / x
        x += 1
    f = 1 / (x * x)
    return result + math.log(x) - 0.5 / x - f * (1 / 12 - f * (1 / 120 - f / 252))


EXAMPLES = [dict(x=0.7), dict(x=8.3)]

"""A root by bisection, and one secant step at the end."""

import math


def f(x, a, b):
    return math.exp(-a * x) - b * x


def bisection(a, b, lower=0.0, upper=3.0):
    low, high = lower, upper
    if f(low, a, b) * f(high, a, b) > 0:
        raise ValueError("the root is not bracketed")
    while high - low > 0.02:
        middle = (low + high) / 2
        if f(low, a, b) * f(middle, a, b) <= 0:
            high = middle
        else:
            low = middle
    f_low, f_high = f(low, a, b), f(high, a, b)
    return low - f_low * (high - low) / (f_high - f_low)


EXAMPLES = [
    dict(a=1.0, b=0.7, lower=0.0, upper=3.0),
    dict(a=0.4, b=1.9, lower=0.0, upper=3.1),
]
RAISES = [dict(a=1.0, b=-1.0, lower=0.0, upper=3.0)]
STEP = 1e-6

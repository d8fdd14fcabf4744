"""A continued fraction from the front by Lentz's method, until it stands: an incomplete gamma."""

import math

TINY = 1e-30


def lentz(a, x):
    if x <= 0 or a <= 0:
        raise ValueError("both must be positive")
    b = x + 1 - a
    c = 1 / TINY
    d = 1 / b
    h = d
    for i in range(1, 200):
        an = -i * (i - a)
        b += 2
        d = an * d + b
        if abs(d) < TINY:
            d = TINY
        c = b + an / c
        if abs(c) < TINY:
            c = TINY
        d = 1 / d
        delta = d * c
        h *= delta
        if abs(delta - 1) < 1e-14:
            break
    return math.exp(-x + a * math.log(x)) * h


EXAMPLES = [dict(a=1.5, x=3.0), dict(a=0.5, x=5.0)]
RAISES = [dict(a=1.0, x=-2.0)]

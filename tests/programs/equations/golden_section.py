"""The least value of a function of one number by golden section."""

import math

RATIO = (math.sqrt(5) - 1) / 2


def height(x, a, b):
    return (x - a) ** 2 + b * math.sin(3 * x)


def golden_section(a, b):
    left, right = -1.0, 3.0
    c = right - RATIO * (right - left)
    d = left + RATIO * (right - left)
    fc, fd = height(c, a, b), height(d, a, b)
    while right - left > 1e-2:
        if fc < fd:
            right, d, fd = d, c, fc
            c = right - RATIO * (right - left)
            fc = height(c, a, b)
        else:
            left, c, fc = c, d, fd
            d = left + RATIO * (right - left)
            fd = height(d, a, b)
    return height((left + right) / 2, a, b)


EXAMPLES = [dict(a=0.8, b=0.2), dict(a=1.7, b=-0.35)]
STEP = 1e-6

"""The real roots of a cubic polynomial, by complex numbers where they are three."""

import cmath
from cmath import sqrt


def roots(b, c, d):
    p = c - b * b / 3.0
    q = 2.0 * b**3 / 27.0 - b * c / 3.0 + d
    w = sqrt(q * q / 4.0 + p**3 / 27.0)
    u = (w - q / 2.0) ** (1.0 / 3.0)
    turn = cmath.rect(1.0, 2.0 * cmath.pi / 3.0)
    found = []
    for k in range(3):
        t = u * turn**k
        found.append(t - p / (3.0 * t) - b / 3.0)
    return found


def cubic_roots(b, c, d):
    total = 0.0
    for root in roots(b, c, d):
        if abs(root.imag) < 1e-9:
            total += root.real**3
        else:
            length, angle = cmath.polar(root)
            total += length * abs(angle)
    if d.is_integer():
        total *= 2.0
    return total


EXAMPLES = [dict(b=-6.1, c=11.0, d=-6.3), dict(b=1.0, c=1.5, d=2.25)]

"""An integral by Gauss' rule, whose nodes come from Newton's method."""

import math


def gauss_legendre(a, b, rate):
    n = 5
    total = 0.0
    for i in range(n):
        x = math.cos(math.pi * (i + 0.75) / (n + 0.5))
        while True:
            p0, p1 = 1.0, x
            for k in range(2, n + 1):
                p0, p1 = p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k
            slope = n * (x * p1 - p0) / (x * x - 1)
            dx = p1 / slope
            x -= dx
            if abs(dx) < 1e-14:
                break
        weight = 2 / ((1 - x * x) * slope**2)
        t = (b - a) / 2 * x + (a + b) / 2
        total += weight * math.exp(-rate * t * t)
    return total * (b - a) / 2


EXAMPLES = [dict(a=0.0, b=1.5, rate=0.7)]

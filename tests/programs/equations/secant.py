"""The secant method on a function that is given as a closure."""

import math


def solve(f, x0, x1, tolerance=1e-11):
    f0, f1 = f(x0), f(x1)
    count = 0
    while abs(f1) > tolerance:
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, f(x1)
        count += 1
        if count > 30:
            break
    return x1


def secant(k, c):
    return solve(lambda x: math.tanh(k * x) + x - c, 0.1, 1.0)


EXAMPLES = [dict(k=1.0, c=1.2), dict(k=3.0, c=0.4)]

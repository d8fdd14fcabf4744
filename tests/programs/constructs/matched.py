"""Shapes told apart by their words, and measures by their values."""

import math


def area(shape):
    match shape:
        case ("circle", r):
            return math.pi * r**2
        case ("rectangle", a, b):
            return a * b
        case ("triangle", a, b, c):
            s = (a + b + c) / 2
            return math.sqrt(s * (s - a) * (s - b) * (s - c))
    raise ValueError("no such shape")


def matched(r, a, b):
    shapes = [("circle", r), ("rectangle", a, b), ("triangle", a, b, r)]
    total = 0.0
    for shape in shapes:
        total += area(shape)
    return total


EXAMPLES = [dict(r=1.5, a=2.0, b=1.0)]

"""The gamma function by Lanczos' approximation, reflected below a half."""

import math

C = [
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
]


def gamma_lanczos(x):
    if x < 0.5:
        return math.pi / (math.sin(math.pi * x) * gamma_lanczos(1 - x))
    x -= 1
    total = 0.99999999999980993
    for i, c in enumerate(C):
        total += c / (x + i + 1)
    t = x + len(C) - 0.5
    return math.sqrt(2 * math.pi) * t ** (x + 0.5) * math.exp(-t) * total


EXAMPLES = [dict(x=2.5), dict(x=0.3), dict(x=-1.3)]

"""The share of light that a surface reflects, all of it beyond the critical angle."""

import math


def snell(angle, n1, n2):
    sine = n1 / n2 * math.sin(angle)
    if sine >= 1:
        return 1.0
    refracted = math.asin(sine)
    c1, c2 = math.cos(angle), math.cos(refracted)
    rs = ((n1 * c1 - n2 * c2) / (n1 * c1 + n2 * c2)) ** 2
    rp = ((n1 * c2 - n2 * c1) / (n1 * c2 + n2 * c1)) ** 2
    return (rs + rp) / 2


EXAMPLES = [
    dict(angle=0.5, n1=1.0, n2=1.5),
    dict(angle=0.5, n1=1.5, n2=1.0),
    dict(angle=1.2, n1=1.5, n2=1.0),
]

"""The difference of two angles, between minus pi and pi."""

import math


def wrapped_angle(a, b):
    d = a - b
    while d > math.pi:
        d -= 2 * math.pi
    while d <= -math.pi:
        d += 2 * math.pi
    return d**2


EXAMPLES = [dict(a=0.5, b=0.2), dict(a=9.0, b=-3.0), dict(a=-9.0, b=1.0)]

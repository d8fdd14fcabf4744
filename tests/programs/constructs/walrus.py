"""Values that are named where they are asked."""

import math


def walrus(x, y):
    if (square := x * x + y) > 1:
        return math.sqrt(square) * y
    if (product := x * y) < 0:
        return square - product
    return product**2


EXAMPLES = [dict(x=1.5, y=0.3), dict(x=-0.5, y=0.4), dict(x=0.5, y=0.4)]

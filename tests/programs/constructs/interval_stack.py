"""An integral with halves that wait on a stack."""

import math


def interval_stack(a, b, k):
    stack = [(a, b, 0)]
    total = 0.0
    while stack:
        left, right, depth = stack.pop()
        middle = (left + right) / 2
        if depth < 3:
            stack.append((left, middle, depth + 1))
            stack.append((middle, right, depth + 1))
        else:
            total += (right - left) * math.exp(-k * middle**2)
    return total


EXAMPLES = [dict(a=0.0, b=1.5, k=0.8)]

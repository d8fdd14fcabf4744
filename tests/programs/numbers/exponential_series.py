"""The exponential by its series with the argument halved first."""


def exponential_series(x):
    halvings = 0
    y = x
    while abs(y) > 0.5:
        y /= 2
        halvings += 1
    total = term = 1.0
    n = 1
    while abs(term) > 1e-17:
        term *= y / n
        total += term
        n += 1
    for _ in range(halvings):
        total *= total
    return total


EXAMPLES = [dict(x=0.3), dict(x=3.7), dict(x=-2.2)]

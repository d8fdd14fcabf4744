"""A Bessel function by its series until the terms are small."""


def bessel_series(x):
    term = 1.0
    total = 1.0
    k = 0
    while abs(term) > 1e-17:
        k += 1
        term *= -(x * x / 4) / (k * k)
        total += term
    return total


EXAMPLES = [dict(x=1.3), dict(x=4.0)]

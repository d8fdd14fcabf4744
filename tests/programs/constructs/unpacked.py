"""Polynomials with coefficients behind a star, and options by name."""


def polynomial(x, *coefficients, scale=1.0):
    value = 0.0
    for c in reversed(coefficients):
        value = value * x + c
    return scale * value


def unpacked(x, a, b, c):
    first, *others = a, b, c
    options = {"scale": b} if len(others) == 2 else {}
    return polynomial(x, first, *others, **options) - polynomial(x, *others)


EXAMPLES = [dict(x=0.7, a=1.0, b=-0.5, c=2.0)]

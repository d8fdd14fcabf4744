"""The tangent by Lambert's continued fraction, from the end."""


def continued_fraction(x, terms=12):
    value = 2.0 * terms - 1
    for k in range(terms - 1, 0, -1):
        value = (2 * k - 1) - x * x / value
    return x / value


EXAMPLES = [dict(x=0.7), dict(x=-1.2)]

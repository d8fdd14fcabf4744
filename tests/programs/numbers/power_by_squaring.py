"""A whole power by squaring."""


def power_by_squaring(x, n=13):
    result = 1.0
    base = x
    while n > 0:
        if n & 1:
            result *= base
        base *= base
        n >>= 1
    return result


EXAMPLES = [dict(x=1.1), dict(x=-0.9)]

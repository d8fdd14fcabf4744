"""A function under a decorator that checks and scales."""

import functools


def scaled(factor):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(x, *rest):
            if x <= 0:
                raise ValueError("x must be positive")
            return factor * function(x, *rest)

        return wrapper

    return decorate


@scaled(2.5)
def cost(x, rate):
    if x > 3:
        return x * rate
    return x**2


def decorated(x, rate):
    return cost(x, rate) + cost(rate, x)


EXAMPLES = [dict(x=1.0, rate=0.4), dict(x=4.0, rate=0.4)]
RAISES = [dict(x=-1.0, rate=0.4)]

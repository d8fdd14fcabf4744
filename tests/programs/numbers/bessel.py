"""Bessel functions by Miller's backward recurrence."""


def bessel(x, n=3):
    start = 30
    above, here = 0.0, 1e-30
    total = 0.0
    wanted = 0.0
    for k in range(start, 0, -1):
        below = 2 * k / x * here - above
        above, here = here, below
        if k - 1 == n:
            wanted = here
        if (k - 1) % 2 == 0:
            total += here if k - 1 == 0 else 2 * here
    return wanted / total


EXAMPLES = [dict(x=2.5), dict(x=0.8)]

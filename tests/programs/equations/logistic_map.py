"""The logistic map, left as soon as the orbit leaves the interval or stands still."""


def logistic_map(r, x):
    for step in range(30):
        new = r * x * (1 - x)
        if new > 1.0 or new < 0.0:
            return new
        if abs(new - x) < 1e-6:
            break
        x = new
    return x + 0.01 * step


EXAMPLES = [dict(r=2.5, x=0.3), dict(r=1.5, x=0.2), dict(r=4.5, x=0.4), dict(r=0.7, x=0.9)]
STEP = 1e-7

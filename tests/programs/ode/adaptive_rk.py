"""Heun's method with a step that adapts to the error, from 0 to 1."""


def f(t, y, rate):
    return -rate * y + t


def adaptive_rk(y0, rate):
    t, y, h = 0.0, y0, 0.1
    tolerance = 1e-3
    while t < 1.0:
        if t + h > 1.0:
            h = 1.0 - t
        k1 = f(t, y, rate)
        k2 = f(t + h, y + h * k1, rate)
        error = abs(h * (k2 - k1) / 2)
        if error <= tolerance:
            t = t + h
            y = y + h * (k1 + k2) / 2
        factor = 0.9 * (tolerance / error) ** 0.5 if error > 0 else 2.0
        h = h * min(2.0, max(0.3, factor))
    return y


EXAMPLES = [dict(y0=1.0, rate=2.0), dict(y0=2.0, rate=5.0)]
STEP = 1e-5

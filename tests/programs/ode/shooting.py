"""A boundary value problem by shooting, with one secant step on the starting slope."""


def end_of(slope, q):
    h = 0.1
    y, v = 0.0, slope
    for i in range(10):
        middle = v + h / 2 * (q * y - 1)
        y = y + h * middle
        v = v + h * (q * y - 1)
    return y


def shooting(q, target):
    s0, s1 = 0.0, 1.0
    e0, e1 = end_of(s0, q) - target, end_of(s1, q) - target
    s = s1 - e1 * (s1 - s0) / (e1 - e0)
    assert abs(end_of(s, q) - target) < 1e-8, "the problem is linear"
    return s


EXAMPLES = [dict(q=1.5, target=0.3)]

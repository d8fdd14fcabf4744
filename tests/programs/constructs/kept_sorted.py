"""The mean of the middle of what was sorted by hand, and by a key."""


def kept_sorted(a, b, c, d):
    values = sorted([a, b, c, d])
    middle = (values[1] + values[2]) / 2
    far = sorted([a, b, c, d], key=lambda v: abs(v - middle))[-1]
    return middle + (far - middle) ** 2


EXAMPLES = [dict(a=0.5, b=2.0, c=-1.0, d=0.9), dict(a=3.5, b=-2.0, c=1.1, d=0.2)]

"""A tree of three decisions with values at its leaves."""


def decision_tree(x, y, a, b, c, d):
    if x < 0.5:
        if y < 0.3:
            return a * x
        return b * y**2
    elif x * y > 1:
        return c
    return d * (x - y)


EXAMPLES = [
    dict(x=0.2, y=0.1, a=1.0, b=2.0, c=3.0, d=4.0),
    dict(x=0.2, y=0.9, a=1.0, b=2.0, c=3.0, d=4.0),
    dict(x=2.0, y=0.9, a=1.0, b=2.0, c=3.0, d=4.0),
    dict(x=1.0, y=0.5, a=1.0, b=2.0, c=3.0, d=4.0),
]

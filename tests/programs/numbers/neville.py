"""Interpolation by Neville's scheme in a list."""


def neville(x, values):
    nodes = [0.0, 0.5, 1.2, 2.0]
    p = list(values)
    for k in range(1, len(p)):
        for i in range(len(p) - k):
            p[i] = ((x - nodes[i + k]) * p[i] + (nodes[i] - x) * p[i + 1]) / (
                nodes[i] - nodes[i + k]
            )
    return p[0]


EXAMPLES = [dict(x=0.7, values=[1.0, 0.3, -0.5, 0.8])]

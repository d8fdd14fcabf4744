"""One step of Nelder and Mead's method in the plane: reflect, expand, contract or shrink."""

import numpy as np


def objective(p):
    return (p[0] - 1) ** 2 + 2 * (p[1] + 0.5) ** 2 + p[0] * p[1]


def nelder_mead_step(a, b, c):
    # c is the worst corner, a the best
    fa, fb, fc = objective(a), objective(b), objective(c)
    middle = (a + b) / 2
    reflected = middle + (middle - c)
    fr = objective(reflected)
    if fr < fa:
        expanded = middle + 2 * (middle - c)
        if objective(expanded) < fr:
            c = expanded
        else:
            c = reflected
    elif fr < fb:
        c = reflected
    else:
        contracted = middle + 0.5 * (c - middle)
        if objective(contracted) < fc:
            c = contracted
        else:
            b = a + 0.5 * (b - a)
            c = a + 0.5 * (c - a)
    return objective(a) + objective(b) + objective(c)


EXAMPLES = [
    dict(a=np.array([1.5, 0.0]), b=np.array([2.0, 0.3]), c=np.array([3.0, 2.0])),
    dict(a=np.array([1.0, -0.6]), b=np.array([1.6, -0.5]), c=np.array([1.5, -1.9])),
    dict(a=np.array([1.2, -0.9]), b=np.array([1.25, 0.2]), c=np.array([0.3, 0.2])),
]

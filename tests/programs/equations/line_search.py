"""One step of steepest descent with Armijo's rule: the step is halved until it is good enough."""

import numpy as np


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def slope(x):
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)])


def line_search(x):
    g = slope(x)
    f = rosenbrock(x)
    step = 1.0
    while rosenbrock(x - step * g) > f - 1e-4 * step * np.dot(g, g):
        step *= 0.5
        if step < 1e-10:
            raise RuntimeError("the line search failed")
    return rosenbrock(x - step * g)


EXAMPLES = [dict(x=np.array([-1.2, 1.0])), dict(x=np.array([0.5, 0.3]))]
STEP = 1e-5

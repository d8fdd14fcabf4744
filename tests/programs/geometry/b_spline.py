"""A basis of splines by Cox and de Boor's recursion."""

import numpy as np

KNOTS = (0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 3.0)


def basis(i, degree, x):
    if degree == 0:
        return 1.0 if KNOTS[i] <= x < KNOTS[i + 1] else 0.0
    value = 0.0
    if KNOTS[i + degree] > KNOTS[i]:
        value += (x - KNOTS[i]) / (KNOTS[i + degree] - KNOTS[i]) * basis(i, degree - 1, x)
    if KNOTS[i + degree + 1] > KNOTS[i + 1]:
        width = KNOTS[i + degree + 1] - KNOTS[i + 1]
        value += (KNOTS[i + degree + 1] - x) / width * basis(i + 1, degree - 1, x)
    return value


def b_spline(x, coefficients):
    return sum(c * basis(i, 2, x) for i, c in enumerate(coefficients))


C = np.array([0.5, -1.0, 2.0, 0.3, 1.0])
EXAMPLES = [dict(x=0.4, coefficients=C), dict(x=1.5, coefficients=C), dict(x=2.9, coefficients=C)]

"""A polynomial by Horner's scheme."""

import numpy as np


def horner(coefficients, x):
    value = 0.0
    for c in coefficients:
        value = value * x + c
    return value


EXAMPLES = [dict(coefficients=np.array([1.0, -0.5, 2.0, 0.3]), x=1.7)]

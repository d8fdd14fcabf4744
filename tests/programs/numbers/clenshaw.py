"""A sum of Chebyshev's polynomials by Clenshaw's recurrence."""

import numpy as np


def clenshaw(coefficients, x):
    b1 = b2 = 0.0
    for c in coefficients[:0:-1]:
        b1, b2 = 2 * x * b1 - b2 + c, b1
    return x * b1 - b2 + coefficients[0]


EXAMPLES = [dict(coefficients=np.array([1.0, -0.5, 2.0, 0.3]), x=0.4)]

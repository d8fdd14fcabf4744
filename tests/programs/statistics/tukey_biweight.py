"""Tukey's biweight, flat far away."""

import numpy as np


def tukey_biweight(residuals, c):
    def rho(r):
        if abs(r) > c:
            return c**2 / 6
        return c**2 / 6 * (1 - (1 - (r / c) ** 2) ** 3)

    return np.mean([rho(r) for r in residuals])


EXAMPLES = [dict(residuals=np.array([0.3, -0.2, 1.7, -2.5, 0.9]), c=1.5)]

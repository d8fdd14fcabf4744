"""Values beyond two bounds are put on them, in place."""

import numpy as np


def winsorize(x, low, high):
    y = x.copy()
    y[y < low] = low
    y[y > high] = high
    return y.var() + y.mean()


EXAMPLES = [dict(x=np.array([0.3, 5.0, 0.1, 0.9, -3.0]), low=-1.0, high=2.0)]

"""Statistics of the positive values alone."""

import numpy as np


def masked_mean(x, y):
    good = x > 0
    if not np.any(good):
        raise ValueError("no positive values")
    weights = np.log(x[good])
    return np.sum(weights * y[good]) / np.count_nonzero(good) + x[~good].sum()


EXAMPLES = [dict(x=np.array([0.3, 5.0, -0.1, 0.9]), y=np.array([0.2, -0.5, 0.7, 1.0]))]
RAISES = [dict(x=np.array([-0.3, -5.0, -0.1, -0.9]), y=np.array([0.2, -0.5, 0.7, 1.0]))]

"""The sum of squares of an autoregression with a moving average, by one loop."""

import numpy as np


def ar_residuals(phi, theta, y):
    errors = np.zeros_like(y)
    for t in range(len(y)):
        prediction = 0.0
        for k in range(len(phi)):
            if t - k - 1 >= 0:
                prediction += phi[k] * y[t - k - 1]
        if t > 0:
            prediction += theta * errors[t - 1]
        errors[t] = y[t] - prediction
    return np.sum(errors**2)


EXAMPLES = [dict(phi=np.array([0.5, -0.2]), theta=0.3, y=np.array([0.3, 0.8, 0.1, -0.4, 0.9, 0.2]))]

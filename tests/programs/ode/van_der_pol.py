"""Van der Pol's oscillator by the trapezoidal predictor-corrector method."""

import numpy as np


def van_der_pol(mu, x0):
    state = np.array([x0, 0.0])
    h = 0.05

    def derivative(s):
        return np.array([s[1], mu * (1 - s[0] ** 2) * s[1] - s[0]])

    for _ in range(12):
        slope = derivative(state)
        predicted = state + h * slope
        for _ in range(2):
            predicted = state + h / 2 * (slope + derivative(predicted))
        state = predicted
    return state.sum()


EXAMPLES = [dict(mu=1.5, x0=2.0)]

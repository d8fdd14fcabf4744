"""The place of a planet in its orbit, with Kepler's equation solved by a fixed number of steps."""

import numpy as np


def eccentric_anomaly(M, e):
    E = M + e * np.sin(M)
    for _ in range(6):
        E = E - (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
    return E


def true_anomaly(M, e, a):
    E = eccentric_anomaly(M, e)
    x = a * (np.cos(E) - e)
    y = a * np.sqrt(1 - e**2) * np.sin(E)
    return np.array([x, y])


EXAMPLES = [dict(M=1.0, e=0.3, a=2.0), dict(M=4.0, e=0.6, a=1.0)]

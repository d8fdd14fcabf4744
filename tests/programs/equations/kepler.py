"""Kepler's equation, for the eccentric anomaly."""

import math


def kepler(mean_anomaly, eccentricity):
    if not 0 <= eccentricity < 1:
        raise ValueError("the orbit is not an ellipse")
    E = mean_anomaly if eccentricity < 0.8 else math.pi
    delta = 1.0
    while abs(delta) > 1e-12:
        delta = (E - eccentricity * math.sin(E) - mean_anomaly) / (1 - eccentricity * math.cos(E))
        E = E - delta
    return E


EXAMPLES = [
    dict(mean_anomaly=1.0, eccentricity=0.1),
    dict(mean_anomaly=0.5, eccentricity=0.9),
    dict(mean_anomaly=2.0, eccentricity=0.5),
]
RAISES = [dict(mean_anomaly=1.0, eccentricity=1.5)]

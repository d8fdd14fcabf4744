"""A planet around the sun by the velocity form of Verlet's method."""

import numpy as np


def acceleration(r):
    return -r / np.sqrt(r[0] ** 2 + r[1] ** 2) ** 3


def verlet(r, v, dt=0.05):
    a = acceleration(r)
    for step in range(20):
        r = r + v * dt + 0.5 * a * dt**2
        new = acceleration(r)
        v = v + 0.5 * (a + new) * dt
        a = new
    return 0.5 * np.dot(v, v) - 1 / np.linalg.norm(r) + r[0]


EXAMPLES = [dict(r=np.array([1.0, 0.0]), v=np.array([0.1, 1.1]))]

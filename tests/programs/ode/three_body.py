"""Bodies that attract each other, with forces by a double loop."""

import numpy as np


def three_body(position, velocity, mass):
    n = len(mass)
    dt = 0.05
    x, v = position.copy(), velocity.copy()
    for _ in range(4):
        a = np.zeros_like(x)
        for i in range(n):
            for j in range(n):
                if i == j:
                    continue
                d = x[j] - x[i]
                r2 = d @ d + 0.01
                a[i] += mass[j] * d / r2**1.5
        v = v + dt * a
        x = x + dt * v
    kinetic = 0.0
    for i in range(n):
        kinetic += 0.5 * mass[i] * (v[i] @ v[i])
    return kinetic


EXAMPLES = [
    dict(
        position=np.array([[0.0, 0.0], [1.0, 0.2], [-0.5, 0.8]]),
        velocity=np.array([[0.0, 0.1], [0.2, 0.9], [-0.7, 0.0]]),
        mass=np.array([1.0, 0.3, 0.2]),
    )
]

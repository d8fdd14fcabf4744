"""A pendulum that stops for good when it is slow, and is held at the end of its swing."""

import math


def pendulum_stop(theta, omega, friction):
    dt = 0.05
    for step in range(40):
        omega = omega - dt * (9.81 * math.sin(theta) + friction * omega)
        theta = theta + dt * omega
        if theta > 1.0:
            theta = 1.0
            omega = 0.0
        if abs(omega) < 0.05 and abs(theta) < 0.05:
            break
    return theta + 0.1 * omega


EXAMPLES = [
    dict(theta=0.5, omega=0.0, friction=0.5),
    dict(theta=0.8, omega=3.0, friction=0.1),
    dict(theta=0.2, omega=0.0, friction=6.0),
]
STEP = 1e-5

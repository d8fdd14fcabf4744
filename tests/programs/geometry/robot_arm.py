"""The place of the hand of an arm with many joints."""

import numpy as np


def robot_arm(angles, lengths, target):
    x = y = 0.0
    heading = 0.0
    for angle, length in zip(angles, lengths):
        heading += angle
        x += length * np.cos(heading)
        y += length * np.sin(heading)
    return (x - target[0]) ** 2 + (y - target[1]) ** 2


EXAMPLES = [
    dict(
        angles=np.array([0.3, 0.5, -0.2]),
        lengths=np.array([1.0, 0.7, 0.4]),
        target=np.array([1.0, 1.2]),
    )
]

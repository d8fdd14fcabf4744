"""Huber's loss, each residual by itself."""

import numpy as np


def huber(residuals, delta):
    loss = 0.0
    for r in residuals:
        if abs(r) <= delta:
            loss += 0.5 * r**2
        else:
            loss += delta * (abs(r) - 0.5 * delta)
    return loss / len(residuals)


EXAMPLES = [dict(residuals=np.array([0.3, -0.2, 1.7, -2.5, 0.9]), delta=1.0)]

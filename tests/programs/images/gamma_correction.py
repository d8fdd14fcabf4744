"""Colours to linear light, pixel by pixel, and their brightness."""

import numpy as np


def to_linear(v):
    if v <= 0.04045:
        return v / 12.92
    return ((v + 0.055) / 1.055) ** 2.4


def gamma_correction(pixels):
    weights = (0.2126, 0.7152, 0.0722)
    total = 0.0
    for pixel in pixels:
        for w, v in zip(weights, pixel):
            total += w * to_linear(v)
    return total / len(pixels)


EXAMPLES = [dict(pixels=np.array([[0.01, 0.5, 0.9], [0.3, 0.02, 0.7], [0.04, 0.03, 0.01]]))]

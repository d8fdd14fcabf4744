"""The power of a series at each frequency by sums of sines and cosines."""

import math

import numpy as np


def fourier(x):
    n = len(x)
    power = np.zeros(n // 2 + 1)
    for k in range(n // 2 + 1):
        real = imaginary = 0.0
        for t in range(n):
            angle = 2 * math.pi * k * t / n
            real += x[t] * math.cos(angle)
            imaginary -= x[t] * math.sin(angle)
        power[k] = real**2 + imaginary**2
    return power


EXAMPLES = [dict(x=np.array([1.0, 0.2, -0.4, 0.9, 0.1, 0.5]))]

"""A fall with units: quantities of a class whose operators take numbers in front."""

import numpy as np


class Quantity:
    def __init__(self, size, metres=0, seconds=0):
        self.size, self.unit = size, (metres, seconds)

    def _product(self, size, other, sign):
        metres, seconds = (a + sign * b for a, b in zip(self.unit, other, strict=True))
        return Quantity(size, metres, seconds)

    def __mul__(self, other):
        if isinstance(other, Quantity):
            return self._product(self.size * other.size, other.unit, 1)
        return Quantity(self.size * other, *self.unit)

    def __truediv__(self, other):
        return self._product(self.size / other.size, other.unit, -1)

    def __add__(self, other):
        if self.unit != other.unit:
            raise ValueError("units differ")
        return Quantity(self.size + other.size, *self.unit)

    def __rmul__(self, number):
        return Quantity(number * self.size, *self.unit)

    def __rtruediv__(self, number):
        metres, seconds = self.unit
        return Quantity(number / self.size, -metres, -seconds)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if ufunc is not np.multiply:
            return NotImplemented
        first, second = inputs
        return second * first if isinstance(second, Quantity) else first * second


METRE, SECOND = Quantity(1.0, 1, 0), Quantity(1.0, 0, 1)


def lengths_and_times(height, speeds, gravity):
    fall = 0.5 * (gravity * METRE / (SECOND * SECOND))
    time = np.sqrt(2.0 * height / gravity) * SECOND
    start = speeds * METRE / SECOND
    found = start * time + np.multiply(np.ones(3), fall) * time * time
    rate = 1.0 / time
    if found.unit == (1, 0) and rate.unit == (0, -1):
        return np.sum(found.size**2) * rate.size
    return 0.0


EXAMPLES = [
    dict(height=20.0, speeds=np.array([0.5, -1.0, 2.0]), gravity=9.81),
    dict(height=3.0, speeds=np.array([0.0, 1.5, -2.5]), gravity=1.62),
]

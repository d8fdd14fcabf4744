"""Amounts of a class that is a number by its methods, can be called, and is ordered."""

import math


class Amount:
    def __init__(self, size, unit=1.0):
        self.size, self.unit = size, unit

    def __float__(self):
        return self.size * self.unit

    def __int__(self):
        return int(self.size * self.unit)

    def __bool__(self):
        return self.size > 0.5

    def __lt__(self, other):
        return float(self) < float(other)

    def __call__(self, unit):
        return Amount(float(self) / unit, unit)


def total(amounts):
    most, least = max(amounts), min(*amounts)
    return float(most) ** 2 + math.sqrt(float(least)) + math.log1p(most(3.0))


def quantity_class(first, second):
    amounts = [Amount(first, 2.0), Amount(second), Amount(first * second, 0.5)]
    found = total(amounts)
    if amounts[1]:
        found += 3.0 * float(amounts[1]) ** 3
    return found + (first if not amounts[0] else -first) * int(amounts[2])


EXAMPLES = [dict(first=1.2, second=0.3), dict(first=0.2, second=2.7), dict(first=1.1, second=5.3)]

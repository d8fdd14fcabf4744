"""Programs that decide on values, whose modules' texts stand in the tests. Lines count."""

import math

import numpy as np

import symdiff as sd


def tariff(income):
    if income < 0.0:
        raise ValueError(f"negative income {income}")
    if income <= 10_000.0:
        tax = 0.1 * income
    elif income <= 40_000.0:
        tax = 1_000.0 + 0.2 * (income - 10_000.0)
    else:
        excess = income - 40_000.0
        tax = 7_000.0 + 0.4 * excess + math.log(excess) * math.sqrt(excess)
    return tax * tax


def absolute(x, y):
    size = x if x > 0.0 else -x
    return size * y


def early(x, y):
    if x > 2.0:
        return math.log(x - 2.0) * y
    root = math.sqrt(2.0 - x)
    if y > 0.0:
        return root * math.log(y)
    return root / y


def nested(x, y):
    if x > 0.0:
        z = math.sqrt(x)
        if y > 0.0:
            z = z * math.log(y)
            w = z * x
        else:
            w = z / y
    else:
        w = x * y
    return w * w


def conjunction(x, y):
    if x > 0.0 and math.log(x) < y:
        return math.log(x) * y
    return x * y


def clipped(x, y):
    if x > 1.0:
        x = 1.0
    elif x < -1.0:
        x = -1.0
    return math.exp(x) * y


def filtered(level, signal):
    def step(level, x):
        if x > level:
            level = level + 0.5 * np.log(x - level + 1.0)
        else:
            level = level - 0.1 * np.sqrt(level - x)
        return level, level * x

    level, out = sd.scan(step, level, signal)
    return level + np.sum(out) ** 2


def scaled(x, t):
    total = np.sum(x)
    if total > t:  # as a statement, for its text
        y = x * np.log(total - t)
    else:
        y = x * np.sqrt(t - total)
    return np.sum(y**2)

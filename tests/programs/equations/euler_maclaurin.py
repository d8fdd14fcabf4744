"""The zeta function at a real point by the Euler-Maclaurin formula."""

import numpy as np


def euler_maclaurin(s):
    N = 10
    total = sum(n**-s for n in range(1, N))
    total += N ** (1 - s) / (s - 1) + 0.5 * N**-s
    term = s * N ** (-s - 1)
    for k, bernoulli in enumerate([1 / 6, -1 / 30, 1 / 42, -1 / 30], start=1):
        total += bernoulli / np.prod(np.arange(1.0, 2 * k + 1)) * term
        term *= (s + 2 * k - 1) * (s + 2 * k) / N**2
    return total


EXAMPLES = [dict(s=2.0), dict(s=3.5)]

"""A tridiagonal system by the algorithm of Thomas."""

import numpy as np


def thomas(a, b, c, d):
    n = len(d)
    cp = np.zeros(n - 1)
    dp = np.zeros(n)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i - 1] * cp[i - 1]
        if i < n - 1:
            cp[i] = c[i] / m
        dp[i] = (d[i] - a[i - 1] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x


EXAMPLES = [
    dict(
        a=np.array([0.5, -0.3, 0.2, 0.1]),
        b=np.array([2.0, 3.0, 2.5, 4.0, 3.0]),
        c=np.array([0.4, 0.6, -0.2, 0.3]),
        d=np.array([1.0, -1.0, 2.0, 0.5, 0.3]),
    )
]

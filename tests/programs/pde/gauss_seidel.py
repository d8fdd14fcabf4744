"""A linear system by sweeps of Gauss and Seidel, until the change is small."""

import numpy as np


def gauss_seidel(A, b):
    n = len(b)
    x = np.zeros(n)
    for sweep in range(40):
        change = 0.0
        for i in range(n):
            total = b[i]
            for j in range(n):
                if j != i:
                    total -= A[i, j] * x[j]
            new = total / A[i, i]
            change = max(change, abs(new - x[i]))
            x[i] = new
        if change < 1e-10:
            break
    return x


EXAMPLES = [
    dict(
        A=np.array([[4.0, 1.0, 0.5], [1.0, 5.0, -1.0], [0.3, -0.7, 3.0]]),
        b=np.array([1.0, 2.0, -1.0]),
    )
]

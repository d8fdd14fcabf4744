"""The exponential of a matrix: scaled by a power of two, by its series, and squared again."""

import numpy as np


def matrix_exponential(A):
    size = np.max(np.sum(np.abs(A), axis=1))
    squarings = 0
    while size > 0.5:
        size = size / 2
        squarings += 1
    B = A / 2**squarings
    term = np.eye(len(A))
    total = np.eye(len(A))
    for k in range(1, 14):
        term = term @ B / k
        total = total + term
    for _ in range(squarings):
        total = total @ total
    return total


EXAMPLES = [
    dict(A=np.array([[0.1, 0.9], [-0.4, 0.2]])),
    dict(A=np.array([[0.1, 0.2], [-0.1, 0.2]])),
]

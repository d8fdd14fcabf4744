"""The logarithm of the likeliest path, by Viterbi's algorithm with loops."""

import numpy as np


def viterbi(start, transition, scores):
    T, n = scores.shape
    best = np.zeros((T, n))
    best[0] = start + scores[0]
    for t in range(1, T):
        for j in range(n):
            top = best[t - 1, 0] + transition[0, j]
            for i in range(1, n):
                candidate = best[t - 1, i] + transition[i, j]
                if candidate > top:
                    top = candidate
            best[t, j] = top + scores[t, j]
    return max(best[-1])


rng = np.random.default_rng(10)
EXAMPLES = [
    dict(
        start=rng.normal(size=3), transition=rng.normal(size=(3, 3)), scores=rng.normal(size=(4, 3))
    )
]

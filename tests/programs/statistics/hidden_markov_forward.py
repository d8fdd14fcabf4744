"""The forward algorithm of a hidden Markov model, scaled at each step."""

import numpy as np


def hidden_markov_forward(start, transition, emission, observed):
    alpha = start * emission[:, observed[0]]
    total = np.sum(alpha)
    log_likelihood = np.log(total)
    alpha = alpha / total
    for symbol in observed[1:]:
        alpha = (alpha @ transition) * emission[:, symbol]
        total = alpha.sum()
        log_likelihood += np.log(total)
        alpha /= total
    return log_likelihood


EXAMPLES = [
    dict(
        start=np.array([0.6, 0.4]),
        transition=np.array([[0.7, 0.3], [0.2, 0.8]]),
        emission=np.array([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]]),
        observed=np.array([0, 2, 1, 1, 0]),
    )
]

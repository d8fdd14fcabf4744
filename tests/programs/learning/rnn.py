"""A recurrent network over a sequence."""

import numpy as np


def rnn(Wx, Wh, b, x):
    h = np.zeros(len(b))
    for t in range(len(x)):
        h = np.tanh(Wx @ x[t] + Wh @ h + b)
    return np.sum(h**2)


rng = np.random.default_rng(20)
EXAMPLES = [
    dict(
        Wx=rng.normal(size=(3, 2)),
        Wh=rng.normal(size=(3, 3)),
        b=rng.normal(size=3),
        x=rng.normal(size=(4, 2)),
    )
]

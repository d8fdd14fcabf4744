"""The cost of moving one heap to another, by Sinkhorn's iteration."""

import numpy as np


def sinkhorn(cost, a, b, epsilon=0.5):
    a, b = a / np.sum(a), b / np.sum(b)
    K = np.exp(-cost / epsilon)
    u = np.ones_like(a)
    for _ in range(100):
        v = b / (K.T @ u)
        new = a / (K @ v)
        if np.max(np.abs(new - u)) < 1e-11:
            break
        u = new
    plan = u[:, None] * K * v[None, :]
    return np.sum(plan * cost)


rng = np.random.default_rng(0)
EXAMPLES = [
    dict(
        cost=rng.uniform(0.1, 1.0, (3, 4)),
        a=np.array([0.2, 0.3, 0.5]),
        b=np.array([0.1, 0.4, 0.3, 0.2]),
    )
]

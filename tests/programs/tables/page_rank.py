"""The rank of pages by iteration until the change is small."""

import numpy as np


def page_rank(links, damping):
    n = len(links)
    out = links.sum(axis=1)
    rank = np.ones(n) / n
    for _ in range(100):
        new = np.full(n, (1 - damping) / n)
        for i in range(n):
            for j in range(n):
                new[j] += damping * rank[i] * links[i, j] / out[i]
        change = np.abs(new - rank).sum()
        rank = new
        if change < 1e-3:
            break
    return np.sum(rank**2)


EXAMPLES = [dict(links=np.array([[0.1, 1.0, 0.5], [0.7, 0.2, 0.3], [0.4, 0.9, 0.1]]), damping=0.6)]
STEP = 1e-5

"""A shortest way through a grid, rounded by a temperature."""

import numpy as np


def soft_shortest_path(cost, temperature):
    rows, columns = cost.shape
    V = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            if i == 0 and j == 0:
                V[i, j] = cost[0, 0]
            elif i == 0:
                V[i, j] = V[i, j - 1] + cost[i, j]
            elif j == 0:
                V[i, j] = V[i - 1, j] + cost[i, j]
            else:
                up, left = V[i - 1, j], V[i, j - 1]
                soft = -temperature * np.logaddexp(-up / temperature, -left / temperature)
                V[i, j] = soft + cost[i, j]
    return V[-1, -1]


rng = np.random.default_rng(17)
EXAMPLES = [dict(cost=rng.uniform(size=(3, 4)), temperature=0.2)]

"""The game of life with sigmoids in the place of its rules, on a torus."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-8 * x))


def life_relaxed(board):
    rows, columns = board.shape
    for generation in range(2):
        new = np.zeros((rows, columns))
        for i in range(rows):
            for j in range(columns):
                count = 0.0
                for di in (-1, 0, 1):
                    for dj in (-1, 0, 1):
                        if di or dj:
                            count += board[(i + di) % rows, (j + dj) % columns]
                born = sigmoid(count - 2.5) * sigmoid(3.5 - count)
                stays = sigmoid(count - 1.5) * sigmoid(3.5 - count)
                new[i, j] = board[i, j] * stays + (1 - board[i, j]) * born
        board = new
    return board.sum()


rng = np.random.default_rng(5)
EXAMPLES = [dict(board=rng.uniform(size=(3, 4)))]
STEP = 1e-3

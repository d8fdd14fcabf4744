"""A fit that does not fall, by pooling neighbours that violate it."""

import numpy as np


def isotonic(y):
    blocks = []
    for value in y:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            before, weight = blocks.pop()
            total = weight + count
            blocks.append([(before * weight + mean * count) / total, total])
    fitted = []
    for mean, count in blocks:
        fitted.extend([mean] * count)
    return np.sum((np.array(fitted) - y) ** 2)


EXAMPLES = [dict(y=np.array([0.3, 0.8, 0.1, 0.9, 0.7]))]

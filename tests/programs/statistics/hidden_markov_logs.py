"""The forward algorithm with logarithms, and the sum of exponentials by hand."""

import math


def log_sum(values):
    top = max(values)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(v - top) for v in values))


def hidden_markov_logs(stay, right):
    log_move = [[math.log(stay), math.log(1 - stay)], [math.log(1 - stay), math.log(stay)]]
    observed = [0, 0, 1, 0, 1, 1]
    scores = [math.log(0.5)] * 2
    for symbol in observed:
        seen = [s + math.log(right if k == symbol else 1 - right) for k, s in enumerate(scores)]
        scores = [log_sum([seen[i] + log_move[i][j] for i in range(2)]) for j in range(2)]
    return log_sum(scores)


EXAMPLES = [dict(stay=0.8, right=0.9), dict(stay=0.3, right=0.6)]

"""Wealth that is accumulated by itertools, and its worst loss by functools."""

from functools import reduce
from itertools import accumulate

import numpy as np


def accumulate_returns(returns):
    return list(accumulate(returns, lambda wealth, r: wealth * (1 + r), initial=1.0))


def worst_loss(returns):
    wealth = accumulate_returns(returns)
    peak = reduce(lambda a, b: b if b > a else a, wealth)
    return peak - wealth[-1]


EXAMPLES = [dict(returns=np.array([0.1, -0.2, 0.3, -0.15]))]

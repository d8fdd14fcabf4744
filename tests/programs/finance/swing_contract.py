"""A swing contract: at each date the better of use and wait, by a table from the end."""

import numpy as np


def swing_contract(prices, strike):
    dates, rights = len(prices), 2
    value = np.zeros((dates + 1, rights + 1))
    for t in range(dates - 1, -1, -1):
        for k in range(1, rights + 1):
            wait = value[t + 1, k]
            use = prices[t] - strike + value[t + 1, k - 1]
            if use > wait:
                value[t, k] = use
            else:
                value[t, k] = wait
    return value[0, rights]


EXAMPLES = [dict(prices=np.array([1.0, 1.4, 0.8, 1.6, 1.1]), strike=0.9)]

"""The volatility that explains a price, by Newton's method kept inside of bounds."""

import math


def price(S, K, T, sigma):
    d = (math.log(S / K) + 0.5 * sigma**2 * T) / (sigma * math.sqrt(T))
    normal = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))
    return S * normal(d) - K * normal(d - sigma * math.sqrt(T))


def implied_volatility(target, S, K, T):
    sigma = 0.3
    for _ in range(25):
        d = (math.log(S / K) + 0.5 * sigma**2 * T) / (sigma * math.sqrt(T))
        vega = S * math.sqrt(T) * math.exp(-d * d / 2) / math.sqrt(2 * math.pi)
        change = (price(S, K, T, sigma) - target) / vega
        sigma = min(max(sigma - change, 0.01), 3.0)
        if abs(change) < 1e-12:
            break
    return sigma


EXAMPLES = [dict(target=10.0, S=100.0, K=95.0, T=0.5), dict(target=5.0, S=100.0, K=110.0, T=1.0)]

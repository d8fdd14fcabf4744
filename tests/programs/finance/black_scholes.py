"""Prices of Black and Scholes, with checks of the arguments."""

import math


def cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def black_scholes(S, K, T, r, sigma, kind="call"):
    if S <= 0 or K <= 0:
        raise ValueError(f"prices must be positive, got {S} and {K}")
    if sigma < 0:
        raise ValueError("the volatility is negative")
    if T <= 0:
        return max(S - K, 0.0) if kind == "call" else max(K - S, 0.0)
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    if kind == "call":
        return S * cdf(d1) - K * math.exp(-r * T) * cdf(d2)
    elif kind == "put":
        return K * math.exp(-r * T) * cdf(-d2) - S * cdf(-d1)
    raise ValueError(f"unknown kind {kind!r}")


EXAMPLES = [
    dict(S=100.0, K=95.0, T=1.0, r=0.03, sigma=0.2),
    dict(S=100.0, K=95.0, T=-0.1, r=0.03, sigma=0.2),
    dict(S=90.0, K=95.0, T=-0.1, r=0.03, sigma=0.2),
]
RAISES = [
    dict(S=-100.0, K=95.0, T=1.0, r=0.03, sigma=0.2),
    dict(S=100.0, K=95.0, T=1.0, r=0.03, sigma=-0.2),
]

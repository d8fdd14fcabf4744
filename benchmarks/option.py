"""The formula of the call benchmarks: an option's price in the manner of Black and Scholes.

A European call on a share with a dividend yield of 2 %, a volatility that depends on the
moneyness, and the normal distribution in Page's (1977) form with tanh.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

INPUTS = ("S", "K", "sigma", "T", "r")
POINT = (105.0, 100.0, 0.25, 0.75, 0.03)

PROGRAM = """\
m = log(S/K)
s = sigma*(1 - 0.1*m + 0.2*m**2)
v = s*sqrt(T)
d1 = (m + (r - 0.02 + s**2/2)*T)/v
d2 = d1 - v
n1 = 0.5*(1 + tanh(0.7978845608028654*(d1 + 0.044715*d1**3)))
n2 = 0.5*(1 + tanh(0.7978845608028654*(d2 + 0.044715*d2**3)))
S*exp(-0.02*T)*n1 - K*exp(-r*T)*n2
"""

# Five numbers or arrays to a number or an array: what `math` takes, or NumPy, JAX, PyTorch.
Price = Callable[..., Any]


def price_with(library: Any) -> Price:  # math, numpy, jax.numpy, torch, autograd.numpy
    """The program in a library's functions, as one would write it for automatic derivatives."""
    exp, log, sqrt, tanh = library.exp, library.log, library.sqrt, library.tanh

    def price(S: Any, K: Any, sigma: Any, T: Any, r: Any) -> Any:
        m = log(S / K)
        s = sigma * (1 - 0.1 * m + 0.2 * m**2)
        v = s * sqrt(T)
        d1 = (m + (r - 0.02 + s**2 / 2) * T) / v
        d2 = d1 - v
        n1 = 0.5 * (1 + tanh(0.7978845608028654 * (d1 + 0.044715 * d1**3)))
        n2 = 0.5 * (1 + tanh(0.7978845608028654 * (d2 + 0.044715 * d2**3)))
        return S * exp(-0.02 * T) * n1 - K * exp(-r * T) * n2

    return price


def written_by_hand(library: ModuleType) -> Price:
    """Value and gradient as an expert writes them, in `math` for floats, in NumPy for arrays."""
    exp, log, sqrt, tanh = library.exp, library.log, library.sqrt, library.tanh

    def value_and_grad(S: Any, K: Any, sigma: Any, T: Any, r: Any) -> Any:
        m = log(S / K)
        smile = 1.0 + m * (0.2 * m - 0.1)
        s = sigma * smile
        root = sqrt(T)
        v = s * root
        drift = r - 0.02 + 0.5 * s * s
        d1 = (m + drift * T) / v
        d2 = d1 - v
        q1 = d1 * d1
        q2 = d2 * d2
        t1 = tanh(d1 * (0.7978845608028654 + 0.03567740813630013 * q1))
        t2 = tanh(d2 * (0.7978845608028654 + 0.03567740813630013 * q2))
        share = S * exp(-0.02 * T)
        strike = K * exp(-r * T)
        paid = 0.5 * share * (1.0 + t1)
        owed = 0.5 * strike * (1.0 + t2)
        by_d1 = share * (1.0 - t1 * t1) * (0.3989422804014327 + 0.0535161122044502 * q1)
        by_d2 = strike * (1.0 - t2 * t2) * (0.3989422804014327 + 0.0535161122044502 * q2)
        u = (by_d1 - by_d2) / v
        by_v = by_d2 - u * d1
        u_T = u * T
        by_s = by_v * root + u_T * s
        by_m = u + by_s * sigma * (0.4 * m - 0.1)
        return paid - owed, (
            (by_m + paid) / S,
            -(by_m + owed) / K,
            by_s * smile,
            u * drift + 0.5 * by_v * s / root - 0.02 * paid + r * owed,
            u_T + T * owed,
        )

    return value_and_grad

"""The likelihood of returns with changing variance, GARCH(1, 1)."""

import numpy as np


def garch(omega, alpha, beta, returns):
    if omega <= 0 or alpha < 0 or beta < 0:
        raise ValueError("the parameters must be positive")
    if alpha + beta >= 1:
        raise ValueError(f"not stationary: {alpha + beta:.2f}")
    variance = np.zeros(len(returns))
    variance[0] = omega / (1 - alpha - beta)
    for t in range(1, len(returns)):
        variance[t] = omega + alpha * returns[t - 1] ** 2 + beta * variance[t - 1]
    return 0.5 * np.sum(np.log(variance) + returns**2 / variance)


RETURNS = np.array([0.1, -0.3, 0.25, 0.6, -0.5, 0.05, 0.2])
EXAMPLES = [dict(omega=0.02, alpha=0.1, beta=0.8, returns=RETURNS)]
RAISES = [
    dict(omega=-0.02, alpha=0.1, beta=0.8, returns=RETURNS),
    dict(omega=0.02, alpha=0.5, beta=0.7, returns=RETURNS),
]

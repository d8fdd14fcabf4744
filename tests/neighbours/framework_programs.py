"""NumPy functions, with arguments, that PyTorch and JAX are given."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(0)


def quadratic(w, X, y):
    return np.mean((X @ w - y) ** 2)


def layers(params, X):
    hidden = np.tanh(X @ params["W"] + params["b"])
    return hidden @ params["v"]


def several(x, y):
    return x * np.sin(y), np.sum(np.exp(x) * y)


def looped(x, steps):
    for _ in range(steps):
        x = x - 0.1 * np.sin(x)
    return x


PROGRAMS = {
    "quadratic": (quadratic, (RNG.standard_normal(3), RNG.standard_normal((4, 3)), np.ones(4))),
    "layers": (
        layers,
        (
            {
                "W": RNG.standard_normal((3, 2)),
                "b": RNG.standard_normal(2),
                "v": RNG.standard_normal(2),
            },
            RNG.standard_normal((4, 3)),
        ),
    ),
    "several": (several, (RNG.standard_normal(3), RNG.standard_normal(3))),
    "looped": (looped, (RNG.standard_normal(2), 5)),
}


def mapped(new, value):
    """A nested value with arrays exchanged."""
    if isinstance(value, dict):
        return {key: mapped(new, part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(mapped(new, part) for part in value)
    return new(value) if isinstance(value, np.ndarray) else value

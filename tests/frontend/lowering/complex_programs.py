"""Random programs of three real numbers that go through real and complex ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

NUMBERS = (0, 1, -1, 2.0, -0.5, 1j, -2j, 1 + 2j, -1 - 0.5j)


def _written(u: Any, v: Any) -> Any:
    w = np.zeros(3, complex)
    w[0] = np.sum(u)
    w[1:] = v[1:]
    w.imag[1] += 2
    return w


# of two values and a number; each keeps away from branch cuts and poles
ON_NUMBERS: tuple[Callable[[Any, Any, Any], Any], ...] = (
    lambda u, v, c: u + v,
    lambda u, v, c: u - v,
    lambda u, v, c: u * v,
    lambda u, v, c: u / (v * v * 0.1 + 3.7),
    lambda u, v, c: -u,
    lambda u, v, c: np.conj(u),
    lambda u, v, c: np.real(u),
    lambda u, v, c: np.imag(u + 0j),
    lambda u, v, c: np.abs(u),
    lambda u, v, c: np.abs(u) ** 2 * 0.2,
    lambda u, v, c: np.exp(0.2 * u),
    lambda u, v, c: np.sin(0.3 * u),
    lambda u, v, c: np.sqrt(u + 5j),
    lambda u, v, c: (0.5 * u) ** 2,
    lambda u, v, c: (0.4 * u) ** 3,
    lambda u, v, c: (u + 3j) ** 1.5 * 0.1,
    lambda u, v, c: c * u,
    lambda u, v, c: c - u,
    lambda u, v, c: u + c,
    lambda u, v, c: np.where(np.real(u) > 0.3, u, v),
    lambda u, v, c: np.angle(u + 4j),
    lambda u, v, c: np.log(u * 0.1 + 2j),
)
ON_ARRAYS = (
    *ON_NUMBERS,
    lambda u, v, c: np.sum(u) * 0.3 + v * 0,
    lambda u, v, c: u[::-1] * v,
    lambda u, v, c: np.dot(u, np.conj(v)) * 0.2 * u,
    lambda u, v, c: np.fft.fft(u) * 0.4,
    lambda u, v, c: np.fft.rfft(np.real(u), 5) * 0.3,
    lambda u, v, c: np.fft.irfft(u, 3),
    lambda u, v, c: _written(u, v),
)


def random_program(seed: int) -> Callable[[Any], Any]:
    """A real function of an array of three numbers; of arrays where the seed is odd."""
    draw = random.Random(seed)
    steps = ON_ARRAYS if seed % 2 else ON_NUMBERS
    chosen = [
        (draw.choice(steps), draw.randrange(100), draw.randrange(100), draw.choice(NUMBERS))
        for _ in range(draw.randint(4, 14))
    ]

    def program(x: Any) -> Any:
        values = [x, x * x + 0.5, 1j * x + 1.2, np.exp(1j * x)]
        if not seed % 2:
            values = [x[0] * 1.0, x[1] * x[2] + 0.5, 1j * x[0] + 1.2, np.exp(1j * x[1])]
        for step, a, b, c in chosen:
            values.append(step(values[a % len(values)], values[b % len(values)], c))
        z = values[-1] + 0j
        total = np.sum(np.real(z)) + np.sum(np.imag(z) * 0.7) + 0.1 * np.sum(np.abs(z) ** 2)
        for value in values[4:-1]:
            total = total + 0.003 * np.sum(np.real(value))
        return total

    return program

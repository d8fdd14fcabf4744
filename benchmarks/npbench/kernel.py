"""A kernel: a NumPy function that returns a number, with its arguments at a size."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np  # noqa: TID253  the kernels need it

LOOP, STENCIL, OTHER = "loop", "stencil", "other"


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel of NPBench's, which ends in the sum of what it computes.

    Attributes:
        function: takes arrays and numbers.
        arguments: makes them, at the size S, from a generator.
        kind: `LOOP` for loops over parts of arrays, `STENCIL` for sweeps over neighbours, `OTHER`.
        wrt: the names of the arguments that the gradient is by.
    """

    function: Callable[..., Any]
    arguments: Callable[[np.random.Generator], tuple[Any, ...]]
    kind: str
    wrt: tuple[str, ...]

    @property
    def name(self) -> str:
        """That of the function."""
        return self.function.__name__

    @property
    def names(self) -> tuple[str, ...]:
        """Those of its arguments, in their order."""
        return tuple(inspect.signature(self.function).parameters)


class Kernels(list[Kernel]):
    """Kernels in the order in which they are defined."""

    def add(
        self,
        kind: str,
        arguments: Callable[[np.random.Generator], tuple[Any, ...]],
        wrt: str,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator for a kernel."""

        def added(function: Callable[..., Any]) -> Callable[..., Any]:
            self.append(Kernel(function, arguments, kind, tuple(wrt.split())))
            return function

        return added


def positive_definite(random: np.random.Generator, n: int) -> Any:
    """A symmetric matrix with eigenvalues of at least 1."""
    a = random.uniform(size=(n, n))
    return a @ a.T / n + np.eye(n)


def dominant(random: np.random.Generator, n: int) -> Any:
    """A matrix whose diagonal outweighs its rows."""
    return random.uniform(-1.0, 1.0, (n, n)) + n * np.eye(n)

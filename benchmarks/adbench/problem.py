"""A problem of ADBench: its objective for every library, its arguments, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

GRADIENT, JACOBIAN, SPARSE = "gradient", "Jacobian", "sparse Jacobian"
Objective = Callable[..., Any]  # takes arrays, returns a number or an array


class Problem(NamedTuple):
    """An objective and what is wanted of it.

    Attributes:
        title: with the sizes.
        kind: `GRADIENT`, `JACOBIAN` or `SPARSE`.
        objective: of a library like NumPy.
        arguments: draws them, the same in every process.
        wrt: how many of the first arguments it is differentiated by.
        in_jax: of `jax.numpy` and `jax.lax`, where JAX has its own words for a loop.
        blocks: of a sparse Jacobian: the objective of one observation, given a library, and its
            arguments for each; libraries without sparse Jacobians differentiate that.
        entries: of a sparse Jacobian: from those blocks to its entries at places (rows, columns).
    """

    title: str
    kind: str
    objective: Callable[[Any], Objective]
    arguments: Callable[[], list[Any]]
    wrt: int
    in_jax: Callable[[Any, Any], Objective] | None = None
    blocks: tuple[Callable[[Any], Objective], Callable[[], list[Any]]] | None = None
    entries: Callable[[Any, Any, Any], Any] | None = None

"""Measurements as the command line has them: standard deviations, and correlations of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symdiff.api import Function
from symdiff.errors import SymdiffError, at_this_point
from symdiff.neighbours.propagated import Propagated
from symdiff.neighbours.propagation import propagate


def propagated(
    function: Function,
    at: Mapping[str, tuple[Any, Any]],
    correlations: Mapping[tuple[str, str], float],
    order: int = 1,
) -> Propagated:
    """The uncertainty of a function of measurements.

    Args:
        function: of them, by name.
        at: the value and the standard deviation of each, numbers or nested lists.
        correlations: of pairs of numbers.
        order: as of `propagate`.

    Raises:
        SymdiffError: for correlations of what is no number, or of more than 1; and as `propagate`.
    """
    import numpy as np

    at = {name: at[name] for name in function.inputs}
    values = {name: value for name, (value, _) in at.items()}
    if not correlations:
        std = {name: std for name, (_, std) in at.items()}
        with at_this_point():
            return propagate(function, values, std=std, order=order)
    names = list(function.wrt)
    sizes = [np.size(at[name][0]) for name in names]
    stds = np.concatenate([np.ravel(at[name][1]) for name in names])
    matrix = np.eye(len(stds))
    for pair, correlation in correlations.items():
        for name in pair:
            if name not in names or np.ndim(at[name][0]):
                raise SymdiffError(
                    f"--correlation names '{name}', which is no number that is differentiated by"
                )
        if pair[0] == pair[1] or not abs(correlation) <= 1.0:
            raise SymdiffError(
                f"--correlation gives {correlation:g} for {pair[0]} and {pair[1]}",
                suggestion="two inputs have one from -1 to 1",
            )
        one, other = (sum(sizes[: names.index(name)]) for name in pair)
        matrix[one, other] = matrix[other, one] = correlation
    if np.linalg.eigvalsh(matrix).min() < -1e-12:
        raise SymdiffError("no inputs have such correlations: their matrix is not positive")
    covariance = matrix * np.outer(stds, stds)
    with at_this_point():
        return propagate(function, values, covariance, order=order)

"""Numbers of the package `uncertainties`, known by what they have: it need not be installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def is_uncertain(value: Any) -> bool:
    """Whether a value is such a number."""
    return hasattr(value, "nominal_value") and hasattr(value, "std_dev")


def is_array(value: Any) -> bool:
    """Whether a value is an array of objects, some of them such numbers."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind == "O" and any(map(is_uncertain, value.ravel()))


def nominal(leaf: Any) -> Any:
    """A number or array without the uncertainties; all else as it is."""
    import numpy as np

    if is_array(leaf):
        plain = [float(nominal(part)) for part in leaf.ravel()]
        return np.array(plain).reshape(leaf.shape)
    return leaf.nominal_value if is_uncertain(leaf) else leaf


def covariance_of(numbers: Sequence[Any]) -> Any:
    """The covariance of numbers, of shape (n, n); those without an uncertainty are exact."""
    import numpy as np
    from uncertainties import covariance_matrix

    places = [at for at, number in enumerate(numbers) if is_uncertain(number)]
    sigma = np.zeros((len(numbers), len(numbers)))
    sigma[np.ix_(places, places)] = covariance_matrix([numbers[at] for at in places])
    return sigma


def with_uncertainty(value: float, slopes: Sequence[float], numbers: Sequence[Any]) -> Any:
    """A number that depends on others, linearly about where they are."""
    made: Any = value
    for slope, number in zip(slopes, numbers, strict=True):
        if is_uncertain(number):
            made = made + float(slope) * (number - number.nominal_value)
    return made

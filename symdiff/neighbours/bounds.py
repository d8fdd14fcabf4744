"""Bounds in the structure of the parameters, as SciPy's solvers take them of the flat vector."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.tracing.pytree import Structure, members
from symdiff.neighbours.flat import Packing


def pairs_of(bounds: Any, packing: Packing) -> Any:
    """Bounds of `minimize`: as they are, or of pairs `(lowest, highest)` in the structure.

    Raises:
        ShapeError: for another structure, or what is no pair.
    """
    import numpy as np
    from scipy.optimize import Bounds

    if packing.is_array or bounds is None or isinstance(bounds, Bounds):
        return bounds
    if isinstance(bounds, np.ndarray) or _is_flat(bounds, len(packing.theta)):
        return bounds
    lowest, highest = [], []
    for leaf in _leaves(packing.structure, bounds):
        pair = (None, None) if leaf is None else leaf
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ShapeError(
                f"the bounds hold {leaf!r} for a number or an array of the parameters",
                suggestion="write a pair (lowest, highest), with None for no bound",
            )
        lowest.append(pair[0])
        highest.append(pair[1])
    return Bounds(packing.spread(lowest, -np.inf), packing.spread(highest, np.inf))


def limits_of(bounds: Any, packing: Packing) -> Any:
    """Bounds of `least_squares`, `(lowest, highest)`, of which each may have the structure.

    Raises:
        ShapeError: for another structure.
    """
    import numpy as np

    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        return bounds
    ends = zip(bounds, (-np.inf, np.inf), strict=True)
    return tuple([_limit(bound, packing, missing) for bound, missing in ends])


def _limit(bound: Any, packing: Packing, missing: float) -> Any:
    import numpy as np

    is_flat = isinstance(bound, int | float | np.ndarray) or _is_flat(bound, len(packing.theta))
    if packing.is_array or is_flat:
        return np.ravel(bound) if np.ndim(bound) > 1 else bound
    return packing.spread(_leaves(packing.structure, bound), missing)


def _is_flat(bounds: Any, count: int) -> bool:
    """Whether bounds are a list with an entry for each number, as SciPy has them."""
    if not isinstance(bounds, tuple | list) or len(bounds) != count:
        return False
    return not any(isinstance(part, dict) for part in bounds)


def _leaves(structure: Structure, value: Any) -> list[Any]:
    """What stands where the leaves of a structure are; `None` for what a dict leaves out."""
    if structure.kind is None:
        return [value]
    if value is None:
        return [None] * len(list(structure.paths()))
    parts = dict(members(value) or ())
    unknown = [key for key in parts if key not in structure.keys]
    is_whole = isinstance(value, dict) or len(parts) == len(structure.keys)
    if unknown or not is_whole:
        shown = ", ".join(map(str, structure.keys))
        if isinstance(value, dict):
            raise ShapeError(f"the bounds name '{unknown[0]}', and the parameters are {shown}")
        raise ShapeError(f"the bounds hold {value!r} for the parameters {shown}")
    pairs = zip(structure.keys, structure.parts, strict=True)
    return [leaf for key, inner in pairs for leaf in _leaves(inner, parts.get(key))]

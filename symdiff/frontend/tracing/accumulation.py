"""Addition of a gradient to arrays of the caller's."""

from __future__ import annotations

from typing import Any

from symdiff.errors import ShapeError
from symdiff.frontend.tracing.pytree import flatten, flatten_up_to
from symdiff.frontend.tracing.values import numpy


def accumulate(into: Any, gradient: Any) -> None:
    """Add a gradient to arrays that the caller owns.

    Raises:
        ShapeError: where an array is missing or does not fit; nothing is added then.
    """
    parts, structure = flatten(gradient)
    try:
        targets = flatten_up_to(structure, into)
    except ValueError:
        raise ShapeError(
            "accumulate: the arrays are not in the structure of the gradient"
        ) from None
    triples = zip(structure.paths(), targets, parts, strict=True)
    wanted = [triple for triple in triples if triple[2] is not None]
    for path, target, part in wanted:
        _check_target(target, part, "".join(f"[{key!r}]" for key in path))
    for _, target, part in wanted:
        target += part


def _check_target(target: Any, part: Any, where: str) -> None:
    np = numpy()
    if not isinstance(target, np.ndarray) or target.shape != np.shape(part):
        wanted = f"an array of the shape {np.shape(part)}"
        raise ShapeError(f"accumulate{where}: expected {wanted}, got {_shown(target)}")
    if not np.can_cast(np.result_type(part), target.dtype, "same_kind"):
        raise ShapeError(f"accumulate{where}: an array of {target.dtype} cannot take floats")
    if not target.flags.writeable:
        raise ShapeError(f"accumulate{where}: the array is read-only")


def _shown(value: Any) -> str:
    shape, kind = getattr(value, "shape", None), type(value).__name__
    is_array = isinstance(value, numpy().ndarray)
    return f"one of the shape {shape}" if is_array else f"a {kind}"

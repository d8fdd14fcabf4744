"""Rules that users write, against central differences of the function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.errors import CheckError, ShapeError

_STEP = 1e-4  # with differences of the fourth order, errors are about 1e-12 of the function


def check_rule(
    name: str,
    function: Callable[..., Any],
    rules: Mapping[str, Callable[..., Any] | None],
    args: Sequence[Any],
    tolerance: float,
) -> None:
    """Compare the rules of a function with differences in a random direction of each argument.

    Args:
        name: what messages call the function.
        function: of the arguments.
        rules: `jvp` and `vjp`, those that there are.
        args: floats and arrays of floats; others are left as they are.
        tolerance: relative to the larger of 1 and the derivative.

    Raises:
        CheckError: naming the rule that disagrees.
        ShapeError: where a rule gives another shape.
    """
    import numpy as np

    random = np.random.default_rng(0)
    value = function(*args)
    weights = random.normal(size=np.shape(value))
    cotangents: Any = None
    vjp, jvp = rules["vjp"], rules["jvp"]
    if vjp is not None:
        given = vjp(weights if np.ndim(value) else float(weights), value, *args)
        is_bare = len(args) == 1 and not (isinstance(given, tuple) and len(given) == 1)
        cotangents = (given,) if is_bare else given
    for number, x in enumerate(args):
        if not isinstance(x, (float, np.ndarray, np.generic)) or np.asarray(x).dtype.kind != "f":
            continue
        v = random.normal(size=np.shape(x))
        slope = _slope(function, args, number, v)
        exact = float(np.sum(weights * slope))
        where = f"of '{name}' by argument {number + 1}"
        if vjp is not None:
            bar = cotangents[number]
            _same_shape(f"the vjp {where}", 0.0 if bar is None else bar, x, is_zero=bar is None)
            found = 0.0 if bar is None else float(np.sum(np.asarray(bar) * v))
            _compare(f"the vjp {where}", found, exact, tolerance)
        if jvp is not None:
            tangents = [_zero(other) for other in args]
            tangents[number] = v if np.ndim(x) else float(v)
            t = jvp(tuple(tangents), value, *args)
            _same_shape(f"the jvp {where}", 0.0 if t is None else t, value, is_zero=t is None)
            found = 0.0 if t is None else float(np.sum(weights * t))
            _compare(f"the jvp {where}", found, exact, tolerance)


def _slope(function: Callable[..., Any], args: Sequence[Any], number: int, v: Any) -> Any:
    """The derivative along v, by differences of the fourth order."""
    import numpy as np

    x = np.asarray(args[number], float)
    h = _STEP * max(1.0, float(np.max(np.abs(x), initial=0.0)))

    def at(step: float) -> Any:
        moved = x + step * v
        changed = [*args[:number], moved if moved.ndim else float(moved), *args[number + 1 :]]
        return np.asarray(function(*changed), float)

    return (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)


def _zero(x: Any) -> Any:
    import numpy as np

    if isinstance(x, (float, np.ndarray, np.generic)) and np.asarray(x).dtype.kind in "biuf":
        return np.zeros(np.shape(x)) if np.ndim(x) else 0.0
    return None


def _same_shape(what: str, given: Any, like: Any, *, is_zero: bool) -> None:
    import numpy as np

    if not is_zero and np.shape(given) != np.shape(like):
        raise ShapeError(
            f"{what} gives the shape {np.shape(given)}, and {np.shape(like)} is needed"
        )


def _compare(what: str, found: float, exact: float, tolerance: float) -> None:
    if not abs(found - exact) <= tolerance * max(1.0, abs(exact)):  # NaN disagrees too
        raise CheckError(f"{what} gives {found:.6g} where differences give {exact:.6g}")

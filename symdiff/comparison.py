"""Comparison of a traced function with the function itself, where something wraps its arguments.

Labels and units may decide what a function computes, and a trace has numbers alone. So each call
compares both, at its arguments and at others near them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any, NamedTuple

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import specified
from symdiff.frontend.tracing.contents import is_plain_array
from symdiff.frontend.tracing.pytree import Path, flatten, mapped
from symdiff.frontend.tracing.shapes import bound_by_shapes
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.wrappers import (
    is_frame,
    is_quantity,
    with_columns,
    with_numbers,
    wrapper_of,
)
from symdiff.wrapped import in_base_units, of_columns, with_arguments, with_units

# by which values may differ, in roundings: sums of pandas' are added in another order
_RELATIVE, _ABSOLUTE = {False: 5e4, True: 1e3}, 16.0
_SINGLE = 1e-10  # float32 rounds by more
_LENGTH = 3  # of an axis with a name
_NEAR = (0.125, 1e-3, 1e-5)  # how far other arguments are, relative: the first where it can be run


class _Point(NamedTuple):
    """What a function and its trace compute at a point.

    Attributes:
        value: of the function itself.
        expected: the numbers and arrays in it.
        found: those of the trace.
    """

    value: Any
    expected: Sequence[Any]
    found: Sequence[Any]


class Comparison:
    """A traced function beside the function itself.

    Args:
        name: of the function.
        function: the function itself.
        traced: what it was traced as, a function of the numbers and arrays in its arguments.
        differentiated: names of the arguments that are differentiated by.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        traced: Callable[..., Any],
        differentiated: Sequence[str],
    ) -> None:
        self._name = name
        self._function = function
        self._traced = traced
        self._differentiated = differentiated

    def at(self, bound: Any) -> Any:
        """The value of the function itself at the arguments of a call.

        Raises:
            UnsupportedError: where the traced function has another one there or near by, or units
                that do not fit.
        """
        here = self._computed(bound, _copied)
        near = self._near(bound, here)
        sizes = [*map(max, map(_size, here.expected), map(_size, near.expected))]
        eps = _eps_of(bound)
        if not (_is_same(here, sizes, eps) and _is_same(near, sizes, eps)):
            raise UnsupportedError(
                f"{self._name} computes something else of what wraps its arguments, as labels or "
                "units, than of the numbers alone",
                suggestion="pass the numbers: x.to_numpy() of labels, q.magnitude of units",
            )
        return here.value

    def _near(self, bound: Any, here: _Point) -> _Point:
        """Both at arguments near by, where as much is finite as here."""
        for distance in _NEAR:
            with contextlib.suppress(Exception):  # whatever the function raises there
                found = self._computed(bound, partial(_moved, distance))
                if _are_alike(found, here):
                    return found
        raise UnsupportedError(
            f"{self._name} cannot be run near its arguments, to see if what wraps them decides",
            suggestion="pass the numbers: x.to_numpy() of labels, q.magnitude of units",
        )

    def _computed(self, bound: Any, move: Callable[[Any], Any]) -> _Point:
        """What both compute where arguments are moved."""
        import numpy as np

        point = self._moved(bound, move)
        with np.errstate(all="ignore"):
            value = self._function(*point.args, **point.kwargs)
            numbers = specified(of_columns(point, self._differentiated), self._differentiated)[1]
            found = flatten(with_units(self._name, self._traced, numbers))[0]
        returned = [leaf for leaf in flatten(with_columns(value, "f"))[0] if leaf is not None]
        return _Point(value, returned, found)

    def _moved(self, bound: Any, move: Callable[[Any], Any]) -> Any:
        """The arguments with other numbers: those that are wrapped, all where none is.

        Frames that a trace reads as they are stay so.
        """
        leaves = [leaf for value in bound.arguments.values() for leaf in flatten(value)[0]]
        of_plain = _copied if any(wrapper_of(leaf) or is_frame(leaf) for leaf in leaves) else move
        changed = {}
        for name, value in bound.arguments.items():
            is_traced = name in self._differentiated
            moved = partial(_leaf_at, move, of_plain, is_traced)
            changed[name] = mapped(value, moved)
        return with_arguments(bound, changed)


def _eps_of(bound: Any) -> float:
    """The coarser rounding of the floats among arguments."""
    import numpy as np

    leaves = [leaf for value in bound.arguments.values() for leaf in flatten(value)[0]]
    arrays = [leaf for leaf in leaves if getattr(leaf, "dtype", None) == np.float32]
    return float(np.finfo(np.float32 if arrays else np.float64).eps)


def _size(value: Any) -> float:
    """The largest of the numbers that are finite, in base units."""
    import numpy as np

    numbers = np.abs(in_base_units(value)[0].astype(float))
    return float(np.max(numbers, initial=0.0, where=np.isfinite(numbers)))


def _are_alike(point: _Point, other: _Point) -> bool:
    """Whether the same numbers are finite at two points, of the function and of the trace."""
    import numpy as np

    values, others = [*point.expected, *point.found], [*other.expected, *other.found]
    pairs = zip(values, others, strict=False)
    both = [(in_base_units(x)[0], in_base_units(y)[0]) for x, y in pairs]
    return len(values) == len(others) and all(
        x.shape == y.shape and np.array_equal(np.isfinite(x), np.isfinite(y)) for x, y in both
    )


def _is_same(point: _Point, sizes: Sequence[float], eps: float) -> bool:
    """Whether a function and its trace compute the same at a point."""
    if len(point.found) != len(point.expected):
        return False
    triples = zip(point.expected, point.found, sizes, strict=True)
    return all(_are_near(expected, found, size, eps) for expected, found, size in triples)


def _are_near(expected: Any, found: Any, size: float, eps: float) -> bool:
    """Whether numbers are the same but for rounding.

    Args:
        expected: of the function itself.
        found: of the trace.
        size: what the largest of them comes to, here or near by.
        eps: of what they are rounded to.
    """
    import numpy as np

    (x, unit), (y, other) = in_base_units(expected), in_base_units(found)
    if x.shape != y.shape or unit != other:
        return False
    if "f" not in (x.dtype.kind, y.dtype.kind):
        return bool(np.array_equal(x, y))
    eps = max([eps, *[float(np.finfo(z.dtype).eps) for z in (x, y) if z.dtype.kind == "f"]])
    relative = _RELATIVE[eps > _SINGLE] * eps
    return bool(np.allclose(y, x, relative, _ABSOLUTE * eps * size, equal_nan=True))


def refuse_by_labels_inside(
    function: Any,
    traced: Callable[..., Any],
    shapes: Mapping[str, Any],
    libraries: Set[str],
) -> None:
    """Likewise of a function that reads arrays with labels beside its arguments.

    Args:
        function: the function itself.
        traced: what it was traced as.
        shapes: of its arguments.
        libraries: the packages of the arrays.

    Raises:
        UnsupportedError: where the two differ, or the function cannot be run with such arguments.
    """
    name = getattr(function, "__name__", "the function")
    specs = bound_by_shapes(function, shapes)
    bound = with_arguments(
        specs,
        {argument: mapped(value, _ones) for argument, value in specs.arguments.items()},
    )
    try:
        Comparison(name, function, traced, ()).at(bound)
    except SymdiffError:
        raise
    except Exception as error:
        raise UnsupportedError(
            f"{name} reads arrays of {' and '.join(sorted(libraries))}, and cannot be run to see "
            f"whether it goes by their labels: {error}",
            suggestion="take their numbers before: x.to_numpy()",
        ) from None


def _ones(_: Any, leaf: Any) -> Any:
    """Ones in the place of a spec, three along an axis with a name."""
    import numpy as np

    if not isinstance(leaf, Spec):
        return leaf
    shape = [n if isinstance(n, int) else _LENGTH for n in leaf.shape]
    found = np.ones(shape, leaf.dtype)
    return found if shape else found.item()


# --- arguments at another point ------------------------------------------------------------------


def _leaf_at(
    move: Callable[[Any], Any],
    of_plain: Callable[[Any], Any],
    is_traced: bool,  # noqa: FBT001  bound beforehand
    path: Path,
    leaf: Any,
) -> Any:
    """A leaf of an argument, moved.

    Args:
        move: what is wrapped.
        of_plain: what is not.
        is_traced: whether it is differentiated by: then a frame is read by columns, and whole
            numbers are taken as floats.
        path: its place.
        leaf: itself.
    """
    if is_frame(leaf):
        made = leaf.copy()
        for name in leaf.columns if is_traced else ():
            made[name] = _leaf_at(move, of_plain, is_traced, path, leaf[name])
        return made
    if isinstance(leaf, float):
        return type(leaf)(of_plain(leaf))
    if is_quantity(leaf):
        return with_numbers(leaf, move(leaf.magnitude)[()])
    is_wrapped = bool(wrapper_of(leaf))
    if not is_wrapped and not is_plain_array(leaf):
        return leaf
    if is_traced and leaf.dtype.kind in "iu" and move is not _copied:
        leaf = leaf.astype(float)
    return (
        with_numbers(leaf, (move if is_wrapped else of_plain)(leaf))
        if (leaf.dtype.kind == "f")
        else leaf
    )


def _copied(numbers: Any) -> Any:
    import numpy as np

    return np.array(numbers)


def _moved(distance: float, numbers: Any) -> Any:
    """Numbers near these, each moved by another part of it."""
    import numpy as np

    x = np.asarray(numbers)
    parts = np.random.default_rng(x.size).uniform(-distance, distance, x.shape)
    return (x + np.where(x == 0.0, np.abs(parts), parts * np.abs(x))).astype(x.dtype)

"""Arguments that wrap arrays: under labels, of pandas and xarray, and with units, of pint.

Their numbers are traced, without the rest. What a function computes of them may depend on that all
the same: by `x[1]` pandas means the row that is called 1, and `x[1:] - x[:-1]` lines up rows of one
name. So a traced function is compared with the function itself: in each call at its arguments, and
where labels are seen for the first time at others near them.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import specified
from symdiff.frontend.tracing.contents import is_plain_array
from symdiff.frontend.tracing.pytree import Path, flatten, flatten_up_to, mapped
from symdiff.frontend.tracing.shapes import bound_by_shapes
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.wrappers import (
    are_same,
    is_frame,
    is_quantity,
    labels_of,
    refuse_other_labels,
    with_columns,
    with_numbers,
    wrapper_of,
)
from symdiff.verbs import INPUTS, Verb
from symdiff.wrt import is_single

_ROUNDINGS = 5e4  # by which values may differ: sums of pandas' are added in another order
_LENGTH = 3  # of an axis with a name
_NEAR = (0.125, 1e-3, 1e-5)  # how far other arguments are, relative: the first where it can be run


def of_columns(bound: Any, differentiated: Sequence[str]) -> Any:
    """The arguments, with columns for the data frames among those that are differentiated by."""
    changed = {name: with_columns(bound.arguments[name], name) for name in differentiated}
    if all(value is bound.arguments[name] for name, value in changed.items()):
        return bound
    return _with(bound, changed)


def refuse_matrix_of_frame(verb: Verb, given: Any, bound: Any) -> None:
    """Refuse a Jacobian or a Hessian by a data frame, whose columns have no order among them.

    Args:
        verb: what is computed.
        given: the arguments of the call.
        bound: these, with columns for data frames.
    """
    if verb.is_matrix and bound is not given:
        raise UnsupportedError(
            f"a {verb.noun} by a data frame is not supported",
            suggestion="pass its array: frame.to_numpy()",
        )


def vectors_of_columns(vectors: Sequence[Any], bound: Any) -> Sequence[Any]:
    """Vectors behind the arguments, with columns for the data frames among them.

    Raises:
        UnsupportedError: where one has other labels than an argument.
    """
    found = [with_columns(vector, "a vector") for vector in vectors]
    if found:
        arguments = {name: with_columns(value, name) for name, value in bound.arguments.items()}
        refuse_other_labels({**arguments, **{f"vector {k}": v for k, v in enumerate(found, 1)}})
    return found


def _with(bound: Any, changed: Mapping[str, Any]) -> Any:
    """Bound arguments with others in the place of some."""
    arguments = type(bound.arguments)(bound.arguments)
    arguments.update(changed)
    return inspect.BoundArguments(bound.signature, arguments)


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
        self._labels: list[Any] | None = None  # those that were seen last

    def at(self, bound: Any) -> Any:
        """The value of the function itself at the arguments of a call.

        Raises:
            UnsupportedError: where the traced function has another one, or units that do not fit.
        """
        is_same, value = self._compared(self._point(bound, _copied))
        if is_same and not self._has_seen(bound):
            is_same = self._is_same_near(bound)
        if not is_same:
            raise UnsupportedError(
                f"{self._name} computes something else of labels or units around numbers than of "
                "the numbers alone",
                suggestion="pass the numbers: x.to_numpy() of labels, q.magnitude of units",
            )
        self._labels = _all_labels(bound)
        return value

    def _has_seen(self, bound: Any) -> bool:
        labels, found = self._labels, _all_labels(bound)
        if labels is None or len(labels) != len(found):
            return False
        return all(map(are_same, labels, found))

    def _is_same_near(self, bound: Any) -> bool:
        for distance in _NEAR:
            with contextlib.suppress(Exception):  # whatever the function raises there
                return self._compared(self._point(bound, partial(_moved, distance)))[0]
        raise UnsupportedError(
            f"{self._name} cannot be run near its arguments, to see whether labels decide",
            suggestion="pass the numbers: x.to_numpy() of labels, q.magnitude of units",
        )

    def _compared(self, point: Any) -> tuple[bool, Any]:
        """Whether both compute the same at a point, and what the function itself does."""
        import numpy as np

        with np.errstate(all="ignore"):
            value = self._function(*point.args, **point.kwargs)
            numbers = specified(of_columns(point, self._differentiated), self._differentiated)[1]
            found = flatten(with_units(self._name, self._traced, numbers))[0]
        returned = [leaf for leaf in flatten(with_columns(value, "f"))[0] if leaf is not None]
        is_same = len(returned) == len(found) and all(map(_are_near, returned, found))
        return is_same, value

    def _point(self, bound: Any, move: Callable[[Any], Any]) -> Any:
        """The arguments with other numbers; frames that a trace reads as they are, copied."""
        changed = {}
        for name, value in bound.arguments.items():
            of_frame = move if name in self._differentiated else _copied
            changed[name] = mapped(value, partial(_leaf_at, move, of_frame))
        return _with(bound, changed)


def with_units(name: str, function: Callable[..., Any], numbers: Sequence[Any]) -> Any:
    """An emitted function of numbers, some of which may have units of pint's.

    Raises:
        UnsupportedError: where units do not fit in what it computes.
    """
    if not any(map(is_quantity, numbers)):
        return function(*numbers)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", sys.modules["pint"].UnitStrippedWarning)
            return function(*numbers)
    except Exception as error:
        raise UnsupportedError(
            f"the units in what {name} computes do not fit: {error}",
            suggestion="pass numbers in units that you choose: q.to('m').magnitude",
        ) from error


def _all_labels(bound: Any) -> list[Any]:
    """The labels of each leaf of the arguments."""
    return [labels_of(leaf) for value in bound.arguments.values() for leaf in flatten(value)[0]]


def _are_near(expected: Any, found: Any) -> bool:
    import numpy as np

    (expected, unit), (found, other) = _in_base_units(expected), _in_base_units(found)
    if expected.shape != found.shape or unit != other:
        return False
    if "f" not in (expected.dtype.kind, found.dtype.kind):
        return bool(np.array_equal(expected, found))
    kinds = [x.dtype for x in (expected, found) if x.dtype.kind == "f"]
    eps = max([float(np.finfo(kind).eps) for kind in kinds])
    size = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    return bool(np.allclose(found, expected, 0.0, _ROUNDINGS * eps * size, equal_nan=True))


def _in_base_units(value: Any) -> tuple[Any, dict[str, Any]]:
    """Numbers in base units, and the powers of these; none for what has no unit."""
    import numpy as np

    if not is_quantity(value):
        return np.asarray(value), {}
    value = value.to_base_units()
    return np.asarray(value.magnitude), dict(value.dimensionality)


def given_back(
    verb: Verb, wrt: Any, bound: Any, differentiated: Sequence[str], result: Any, value: Any
) -> Any:
    """A gradient, or a product in its place, under the labels of the arguments.

    Jacobians and Hessians are arrays without labels, and so is what the function itself returns.

    Args:
        verb: what was computed.
        wrt: the arguments to differentiate by, as they were asked for.
        bound: the arguments of the call.
        differentiated: names of those that are differentiated by.
        result: of the call, in the structure of the arguments.
        value: what the function itself returns.

    Raises:
        UnsupportedError: where a gradient has lost its unit.
    """
    if verb.result != (INPUTS,):
        return result
    found, behind = result if verb.returns_value else (None, result)
    parts = (behind,) if is_single(wrt) else behind
    unit = _in_base_units(value)[1] if verb.has_gradient else None
    made = [
        _as_argument(bound.arguments[name], part, unit)
        for name, part in zip(differentiated, parts, strict=True)
    ]
    behind = made[0] if is_single(wrt) else tuple(made)
    return (found, behind) if verb.returns_value else behind


def _as_argument(argument: Any, part: Any, unit: dict[str, Any] | None) -> Any:
    """A part of a gradient in the structure, and under the labels, of its argument."""
    leaves, structure = flatten(argument)
    numbers = flatten_up_to(structure, part)
    made = []
    for leaf, number in zip(leaves, numbers, strict=True):
        if unit is not None and number is not None and not is_frame(leaf):
            _refuse_without_unit(leaf, number, unit)
        made.append(number if is_quantity(leaf) else with_numbers(leaf, number))
    return structure.maker(range(len(made)))(made)


def _refuse_without_unit(leaf: Any, number: Any, unit: dict[str, Any]) -> None:
    """Refuse a derivative whose unit is not that of the value over that of the argument."""
    import numpy as np

    per = _in_base_units(leaf)[1]
    wanted = {name: unit.get(name, 0) - per.get(name, 0) for name in (*unit, *per)}
    has = _in_base_units(number)[1]
    if {k: v for k, v in wanted.items() if v} != has and np.any(np.asarray(number) != 0.0):
        raise UnsupportedError(
            "a derivative loses its unit where it is put together of parts",
            suggestion="pass numbers in units that you choose: q.to('m').magnitude",
        )


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
    bound = _with(
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
    move: Callable[[Any], Any], of_frame: Callable[[Any], Any], path: Path, leaf: Any
) -> Any:
    if is_frame(leaf):
        made = leaf.copy()
        for name in leaf.columns:
            made[name] = _leaf_at(of_frame, of_frame, path, leaf[name])
        return made
    if isinstance(leaf, float):
        return type(leaf)(move(leaf))
    if is_quantity(leaf):
        return with_numbers(leaf, move(leaf.magnitude)[()])
    has_numbers = wrapper_of(leaf) or is_plain_array(leaf)
    is_of_floats = has_numbers and leaf.dtype.kind == "f"
    return with_numbers(leaf, move(leaf)) if is_of_floats else leaf


def _copied(numbers: Any) -> Any:
    import numpy as np

    return np.array(numbers)


def _moved(distance: float, numbers: Any) -> Any:
    """Numbers near these, each moved by another part of it."""
    import numpy as np

    x = np.asarray(numbers)
    parts = np.random.default_rng(x.size).uniform(-distance, distance, x.shape)
    return (x + parts * np.where(x == 0.0, 1.0, np.abs(x))).astype(x.dtype)

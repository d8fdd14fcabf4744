"""Arguments that wrap arrays: under labels, of pandas and xarray, and with units, of pint.

Their numbers are traced, without the rest, and what is computed of them gets it back.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.pytree import flatten, flatten_up_to
from symdiff.frontend.tracing.wrappers import (
    is_frame,
    is_quantity,
    refuse_other_labels,
    with_columns,
    with_numbers,
)
from symdiff.verbs import INPUTS, Verb
from symdiff.wrt import is_single


def of_columns(bound: Any, differentiated: Sequence[str]) -> Any:
    """The arguments, with columns for the data frames among those that are differentiated by."""
    changed = {name: with_columns(bound.arguments[name], name) for name in differentiated}
    if all(value is bound.arguments[name] for name, value in changed.items()):
        return bound
    return with_arguments(bound, changed)


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


def with_arguments(bound: Any, changed: Mapping[str, Any]) -> Any:
    """Bound arguments with others in the place of some."""
    arguments = type(bound.arguments)(bound.arguments)
    arguments.update(changed)
    return inspect.BoundArguments(bound.signature, arguments)


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


def in_base_units(value: Any) -> tuple[Any, dict[str, Any]]:
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
    unit = in_base_units(value)[1] if verb.has_gradient else None
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

    per = in_base_units(leaf)[1]
    wanted = {name: unit.get(name, 0) - per.get(name, 0) for name in (*unit, *per)}
    has = in_base_units(number)[1]
    if {k: v for k, v in wanted.items() if v} != has and np.any(np.asarray(number) != 0.0):
        raise UnsupportedError(
            "a derivative loses its unit where it is put together of parts",
            suggestion="pass numbers in units that you choose: q.to('m').magnitude",
        )

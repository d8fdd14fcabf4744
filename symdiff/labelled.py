"""Arguments with labels: arrays and data frames of pandas, arrays of xarray.

Their numbers are traced, without labels. What a function computes of them may depend on labels all
the same: by `x[1]` pandas means the row that is called 1, and `x[1:] - x[:-1]` lines up rows of one
name. So the traced function is compared with the function itself, at the arguments of the call and
at others near them, before its derivative is believed.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import specified
from symdiff.frontend.tracing.contents import is_plain_array
from symdiff.frontend.tracing.labels import (
    are_same,
    is_frame,
    labels_of,
    library_of,
    refuse_other_labels,
    with_columns,
    with_numbers,
)
from symdiff.frontend.tracing.pytree import Path, flatten, flatten_up_to, mapped
from symdiff.frontend.tracing.shapes import bound_by_shapes
from symdiff.frontend.tracing.spec import Spec
from symdiff.verbs import INPUTS, Verb
from symdiff.wrt import is_single

_RELATIVE, _ABSOLUTE = 1e-7, 1e-12  # sums of pandas' are added in another order
_LENGTH = 3  # of an axis with a name
_NEAR = 0.125  # how far the other arguments are, relative


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


def all_labels(bound: Any) -> list[Any]:
    """The labels of each leaf of the arguments."""
    return [labels_of(leaf) for value in bound.arguments.values() for leaf in flatten(value)[0]]


def have_labels(bound: Any, labels: Sequence[Any] | None) -> bool:
    """Whether the leaves of the arguments have these labels."""
    found = all_labels(bound)
    return labels is not None and len(found) == len(labels) and all(map(are_same, found, labels))


def given_back(verb: Verb, wrt: Any, bound: Any, differentiated: Sequence[str], result: Any) -> Any:
    """A gradient, or a product in its place, under the labels of the arguments.

    Jacobians and Hessians are arrays without labels, and so is what the function itself returns.

    Args:
        verb: what was computed.
        wrt: the arguments to differentiate by, as they were asked for.
        bound: the arguments of the call.
        differentiated: names of those that are differentiated by.
        result: of the call, in the structure of the arguments.
    """
    if verb.result != (INPUTS,) or not any(label is not None for label in all_labels(bound)):
        return result
    value, behind = result if verb.returns_value else (None, result)
    parts = (behind,) if is_single(wrt) else behind
    made = [
        _labelled(bound.arguments[name], part)
        for name, part in zip(differentiated, parts, strict=True)
    ]
    behind = made[0] if is_single(wrt) else tuple(made)
    return (value, behind) if verb.returns_value else behind


def _labelled(argument: Any, part: Any) -> Any:
    leaves, structure = flatten(argument)
    numbers = flatten_up_to(structure, part)
    made = [with_numbers(leaf, number) for leaf, number in zip(leaves, numbers, strict=True)]
    return structure.maker(range(len(made)))(made)


def refuse_by_labels(
    name: str,
    function: Callable[..., Any],
    traced: Callable[..., Any],
    bound: Any,
    differentiated: Sequence[str],
) -> None:
    """Refuse a function that computes something else of arrays with labels than of their numbers.

    Args:
        name: of the function.
        function: the function itself.
        traced: what it was traced as, a function of the numbers and arrays in its arguments.
        bound: the arguments.
        differentiated: names of those that are differentiated by.

    Raises:
        UnsupportedError: where the two differ.
    """
    is_as_traced = partial(_is_as_traced, function, traced, differentiated)
    is_same = is_as_traced(_at(bound, _copied, differentiated))
    with contextlib.suppress(Exception):  # whatever the function raises at arguments of ours
        is_same &= is_as_traced(_at(bound, _moved, differentiated))
    if not is_same:
        raise UnsupportedError(
            f"{name} computes something else of arrays with labels than of their numbers alone",
            suggestion="pass x.to_numpy(), and write it by positions",
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
        refuse_by_labels(name, function, traced, _at(bound, _moved, ()), ())
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


def _is_as_traced(
    function: Callable[..., Any],
    traced: Callable[..., Any],
    differentiated: Sequence[str],
    bound: Any,
) -> bool:
    import numpy as np

    with np.errstate(all="ignore"):
        numbers = specified(of_columns(bound, differentiated), differentiated)[1]
        found = flatten(traced(*numbers))[0]
        returned = flatten(with_columns(function(*bound.args, **bound.kwargs), "f"))[0]
    expected = [np.asarray(leaf) for leaf in returned if leaf is not None]
    return len(expected) == len(found) and all(map(_are_near, expected, map(np.asarray, found)))


def _are_near(expected: Any, found: Any) -> bool:
    import numpy as np

    if expected.shape != found.shape:
        return False
    size = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    return bool(np.allclose(found, expected, _RELATIVE, _ABSOLUTE * size, equal_nan=True))


# --- arguments at another point ------------------------------------------------------------------


def _at(bound: Any, move: Callable[[Any], Any], differentiated: Sequence[str]) -> Any:
    """The arguments with other numbers; frames that a trace reads as they are, copied."""
    changed = {}
    for name, value in bound.arguments.items():
        of_frame = move if name in differentiated else _copied
        changed[name] = mapped(value, partial(_leaf_at, move, of_frame))
    return _with(bound, changed)


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
    has_numbers = library_of(leaf) or is_plain_array(leaf)
    is_of_floats = has_numbers and leaf.dtype.kind == "f"
    return with_numbers(leaf, move(leaf)) if is_of_floats else leaf


def _copied(numbers: Any) -> Any:
    import numpy as np

    return np.array(numbers)


def _moved(numbers: Any) -> Any:
    """Numbers near these, each moved by another part of it."""
    import numpy as np

    x = np.asarray(numbers)
    parts = np.random.default_rng(x.size).uniform(-_NEAR, _NEAR, x.shape)
    return (x + parts * np.where(x == 0.0, 1.0, np.abs(x))).astype(x.dtype)

"""Wrappers of arrays: labels around them, of pandas and xarray, and units, of pint.

A trace has numbers alone, in their order. Data frames are traced as their columns.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.columns import Columns
from symdiff.frontend.tracing.contents import package_of
from symdiff.frontend.tracing.pytree import flatten, mapped
from symdiff.frontend.tracing.recorder import Recorder

_LABELLED = ("pandas", "xarray")
_PRODUCTS = frozenset(("multiply",))


def wrapper_of(value: Any) -> str:
    """The package whose object a number or an array is wrapped in; empty for none."""
    package = package_of(value)
    is_wrapped = package in _LABELLED and is_labelled(value)
    return package if is_wrapped or is_quantity(value) else ""


def is_labelled(value: Any) -> bool:
    """Whether a value is an array with labels."""
    if package_of(value) not in _LABELLED or not hasattr(value, "dtype"):
        return False
    has_labels = hasattr(value, "dims") or hasattr(value, "index")
    return has_labels and bool(value.shape)


def is_quantity(value: Any) -> bool:
    """Whether a value is a number or an array with a unit of pint's."""
    return package_of(value) == "pint" and hasattr(value, "magnitude")


def is_frame(value: Any) -> bool:
    """Whether a value is a data frame of pandas'."""
    return package_of(value) == "pandas" and hasattr(value, "columns")


def wrapper_with(name: str, libraries: Collection[str]) -> str:
    """The class among those of wrappers that has an attribute; empty where none has it.

    Args:
        name: of the attribute.
        libraries: the packages that take part in a trace.
    """
    for library, kind in (("pandas", "Series"), ("xarray", "DataArray"), ("pint", "Quantity")):
        if library in libraries and hasattr(getattr(sys.modules[library], kind), name):
            return f"a {kind}"
    return ""


def refuse_labels(trace: Recorder, key: Any) -> None:
    """Refuse labels as an index of an array that had some.

    Raises:
        UnsupportedError: in the place where it stands.
    """
    parts = key if isinstance(key, (tuple, list)) else (key,)
    bounds = [(p.start, p.stop) if isinstance(p, slice) else (p,) for p in parts]
    named = [bound for pair in bounds for bound in pair if isinstance(bound, str)]
    if named:
        trace.refuse(
            f"{named[0]!r} is a label, and the numbers alone are traced",
            "take elements by their positions: x.to_numpy()[0]",
        )


def refuse_units(trace: Recorder, values: Iterable[Any]) -> None:
    """Refuse what has a unit beside arguments with units, of which their numbers are traced.

    Raises:
        UnsupportedError: in the place where they meet.
    """
    if "pint" in trace.libraries and any(package_of(value) == "pint" for value in values):
        trace.refuse(
            "a quantity of the function's own meets an argument, which is traced without its unit",
            "pass it as an argument too, or numbers for both: q.to('m').magnitude",
        )


def with_unit(name: str, args: Sequence[Any]) -> Any:
    """A number times a unit of pint's, as a quantity; `None` of all else.

    pint asks first whether the number is 1, and makes the same of it.
    """
    if name not in _PRODUCTS or package_of(args[-1]) != "pint" or is_quantity(args[-1]):
        return None
    registry = getattr(args[-1], "_REGISTRY", None)
    return None if registry is None else registry.Quantity(*args)


def labels_of(value: Any) -> Any:
    """The labels of an array or a data frame, without its numbers; `None` for anything else."""
    if is_frame(value):
        return value.index, value.columns
    if not is_labelled(value):
        return None
    if hasattr(value, "dims"):
        return value.dims, value.shape, value.coords.to_dataset()
    return (value.index,)


def are_same(labels: Any, other: Any) -> bool:
    """Whether labels are the same, in the same order."""
    if labels is None or other is None or len(labels) != len(other):
        return labels is other
    return all(_is_same(one, another) for one, another in zip(labels, other, strict=True))


def _is_same(one: Any, other: Any) -> bool:
    if hasattr(one, "equals"):
        return type(one) is type(other) and bool(getattr(one, "identical", one.equals)(other))
    return bool(one == other)


def refuse_other_labels(arguments: Mapping[str, Any]) -> None:
    """Refuse arrays with labels that are not the same.

    Raises:
        UnsupportedError: naming two of them.
    """
    first: tuple[str, Any, Any] | None = None
    for name, value in arguments.items():
        for leaf in flatten(value)[0]:
            if not is_labelled(leaf):
                continue
            package, labels = package_of(leaf), labels_of(leaf)
            first = first or (name, leaf, labels)
            if leaf is not first[1] and not are_same(labels, first[2]):
                raise UnsupportedError(
                    f"'{name}' has other labels than '{first[0]}', and {package} goes by labels",
                    suggestion="align them before, or pass their arrays: x.to_numpy()",
                )


def with_columns(value: Any, where: str) -> Any:
    """A value with the columns of a data frame in the place of each frame in it.

    Raises:
        UnsupportedError: for a frame with two columns of one name, or without any.
    """
    if not any([is_frame(leaf) for leaf in flatten(value)[0]]):
        return value
    return mapped(value, lambda _, leaf: _columns(leaf, where) if is_frame(leaf) else leaf)


def _columns(frame: Any, where: str) -> Columns:
    if not frame.columns.is_unique or not len(frame.columns):
        what = "two columns of one name" if len(frame.columns) else "no columns"
        raise UnsupportedError(f"'{where}' is a DataFrame with {what}")
    return Columns({name: frame[name] for name in frame.columns})


def with_numbers(value: Any, numbers: Any) -> Any:
    """Numbers in the place of those of an array or a data frame, under its labels, in its unit.

    Args:
        value: the array or the frame, or anything else, in whose place the numbers come back as
            they are.
        numbers: an array of the same shape; those of a frame by column.
    """
    import numpy as np

    if numbers is None:
        return None
    if is_frame(value):
        columns = [numbers[name] for name in value.columns]
        stacked = np.column_stack(columns)
        return type(value)(stacked, index=value.index, columns=value.columns)
    if is_quantity(value):
        return type(value)(numbers, value.units)
    if not is_labelled(value):
        return numbers
    if hasattr(value, "dims"):
        return type(value)(numbers, coords=value.coords, dims=value.dims, name=value.name)
    return type(value)(numbers, index=value.index, name=value.name)

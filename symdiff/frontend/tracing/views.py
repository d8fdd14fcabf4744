"""Functions of NumPy whose results may share the memory of an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.array import Array, Traced
from symdiff.frontend.tracing.values import known, numpy_function
from symdiff.ops.handle import Handle

Again = Callable[[Any], Any]  # makes a view again, of a line or of an array of NumPy's

# Whether the result is a view, NumPy itself is asked
VIEWS = frozenset(
    "array_split ascontiguousarray asfortranarray atleast_1d atleast_2d atleast_3d broadcast_to "
    "diag diagonal einsum expand_dims flip fliplr flipud hsplit linalg.diagonal "
    "linalg.matrix_transpose matrix_transpose moveaxis permute_dims ravel real real_if_close "
    "reshape rollaxis rot90 split squeeze swapaxes transpose unstack vsplit dsplit".split()
)
# These give a view or a copy as the array is laid out
BY_LAYOUT = frozenset(("ascontiguousarray", "asfortranarray", "ravel", "reshape"))

_OF_EACH = frozenset(("atleast_1d", "atleast_2d", "atleast_3d"))
_ARRAY_NAMES = ("a", "m", "x", "v", "arr", "ary", "array", "val")


def split_by_array(name: str, args: Sequence[Any]) -> bool:
    """Whether a call is one for each of its arguments."""
    return name in _OF_EACH and len(args) > 1


def array_first(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """The arguments with the array by position, which may have been given by its name."""
    if args or name not in VIEWS:
        return args, kwargs
    given = next((key for key in _ARRAY_NAMES if key in kwargs), None)
    if given is None:
        return args, kwargs
    return (kwargs[given],), {key: value for key, value in kwargs.items() if key != given}


def place_of_array(name: str, args: Sequence[Any]) -> int | None:
    """Which argument a view is one of; `None` for what is no view."""
    place = 1 if name == "einsum" and len(args) == 2 and isinstance(args[0], str) else 0
    if name == "einsum" and not (place or len(args) == 2 or len(args) == 3):
        return None  # of several operands
    # numbers have no views but the one that can only be read
    kind = Traced if name == "broadcast_to" else Array
    return place if name in VIEWS and len(args) > place and isinstance(args[place], kind) else None


def repeater(
    name: str,
    place: int | None,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    plain: Sequence[Any],
    keywords: Mapping[str, Any],
) -> Again | None:
    """How a view is made again of what it is a view of; `None` for what is no view.

    Args:
        name: of NumPy's function.
        place: where the array stands among the arguments.
        args: those of the call.
        kwargs: those of the call.
        plain: the arguments as the lowering takes them.
        keywords: likewise.
    """
    if place is None:
        return None
    lowering, after = LOWERINGS[name], place + 1
    of_args = [None if k == place else known(value) for k, value in enumerate(args)]
    of_numpy = {key: known(value) for key, value in kwargs.items()}

    def again(content: Any) -> Any:
        if isinstance(content, Handle):
            given = (*plain[:place], content, *plain[after:])
            return lowering(content.builder, *given, **keywords)
        return numpy_function(name)(*of_args[:place], content, *of_args[after:], **of_numpy)

    again.function = name  # type: ignore[attr-defined] # asked for where the layout matters
    return again


def item_of(again: Again, number: int) -> Again:
    """How one of several views is made again."""
    return lambda content: again(content)[number]

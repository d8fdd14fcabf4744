"""Functions of NumPy whose results may share the memory of an argument."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.errors import SymdiffError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.array import ArrayTracer
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import (
    Obstacle,
    Step,
    Storage,
    View,
    is_concrete,
    sampled,
    steps_between,
)
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.types import kind_of
from symdiff.frontend.tracing.values import concrete, numpy, numpy_function
from symdiff.ops.builder import Builder
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT

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
_LARGEST = 10**8  # elements of an array that NumPy is tried on


class Call(NamedTuple):
    """A call of a function that may give views.

    Attributes:
        name: of NumPy's function.
        place: where the array stands among the arguments.
        args: the arguments as the user gave them.
        kwargs: likewise.
        plain: the arguments as the lowering takes them.
        keywords: likewise.
    """

    name: str
    place: int
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    plain: Sequence[Any]
    keywords: Mapping[str, Any]

    @property
    def array(self) -> Tracer:
        """The array among the arguments."""
        found: Tracer = self.args[self.place]
        return found


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
    kind = Tracer if name == "broadcast_to" else ArrayTracer
    return place if name in VIEWS and len(args) > place and isinstance(args[place], kind) else None


def is_complex_array(value: Any) -> bool:
    """Whether a value is an array of complex numbers, of which a part is a view."""
    return type(value) is ArrayTracer and bool(value.dtype.kind == "c")


def part_of(trace: Recorder, array: Tracer, name: str) -> Tracer:
    """The real or imaginary part of an array: a view, every second number in its memory."""
    np = numpy()
    content = array.content
    if is_concrete(content):
        part = getattr(np, name)(content)
    else:
        part = trace.placed(lambda: OPERATIONS[name](trace.handle(array)))
    layout = np.empty((*map(sampled, content.shape), 2), np.int8)[..., 0]
    return ArrayTracer(trace, View(array.storage, (Step(name, ()),), part, layout))


def views_of(call: Call, results: Sequence[Any]) -> list[View | None]:
    """For each result of a call the view that it is; `None` for one with memory of its own."""
    base = call.array.storage
    layouts, obstacle = _layouts(call, base, results)
    shared = [obstacle is not None or _is_shared(layout, base) for layout in layouts]
    if not any(shared):
        return [None] * len(results)
    found: list[View | None] = []
    chains = _chains(call, len(results))
    for content, layout, steps, is_view in zip(results, layouts, chains, shared, strict=True):
        missing = None if steps is not None else _not_again(call.name)
        view = View(base, steps or (), content, layout, obstacle or missing)
        found.append(view if is_view else None)
    return found


def _is_shared(layout: Any, base: Storage) -> bool:
    """Whether NumPy's result is a view of NumPy's array."""
    np = numpy()
    array = base.content if is_concrete(base.content) else base.layout
    return isinstance(layout, np.ndarray) and np.shares_memory(layout, array)


def _chains(call: Call, count: int) -> list[tuple[Step, ...] | None]:
    """The steps to each result, as they are for any array of this shape."""
    content, after = call.array.content, call.place + 1
    builder = Builder(EXACT)
    start = builder.handle(builder.input("x", tuple(content.shape), kind_of(call.array.dtype)))
    given = (*call.plain[: call.place], start, *call.plain[after:])
    try:
        made = LOWERINGS[call.name](builder, *given, **call.keywords)
    except (SymdiffError, TypeError, ValueError, IndexError):
        return [None] * count
    parts = made if isinstance(made, (tuple, list)) else [made]
    return [steps_between(start, part) for part in parts]


def _layouts(
    call: Call, base: Storage, results: Sequence[Any]
) -> tuple[Sequence[Any], Obstacle | None]:
    """What NumPy makes of an array that is laid out as this one, without numbers."""
    name, shape = call.name, call.array.content.shape
    if is_concrete(base.content):
        return results, None
    nothing = [None] * len(results)
    if base.obstacle:
        return nothing, base.obstacle
    is_open = name in BY_LAYOUT and len(shape) > 1 and not base.buffer.in_c_order
    is_open |= base.layout.size == 0 and 0 not in shape  # of nothing there is no view
    if is_open or math.prod(map(sampled, shape)) > _LARGEST:
        return nothing, (
            f"whether this {name} is a view depends on how NumPy lays out the array",
            "write .copy() behind it",
        )
    args = [base.layout if k == call.place else _sample(v) for k, v in enumerate(call.args)]
    try:
        made = numpy_function(name)(*args, **{k: _sample(v) for k, v in call.kwargs.items()})
    except (TypeError, ValueError, IndexError):
        return nothing, None
    return list(made) if isinstance(made, (tuple, list)) else [made], None


def _sample(value: Any) -> Any:
    """An argument as NumPy takes it, with a number for a named length."""
    if isinstance(value, Length):
        return sampled(value.dim)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)([_sample(part) for part in value])
    return concrete(value)


def _not_again(name: str) -> Obstacle:
    return (
        f"a view that np.{name} makes is not supported where the array is written to afterwards",
        "write .copy() behind it",
    )

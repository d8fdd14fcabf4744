"""Places that a loop carries: variables, items of lists and dicts, attributes, ends of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any

from symdiff.frontend.staging.merge import (
    UNSET,
    Unsure,
    is_number,
    is_tracer,
    python_class,
)
from symdiff.frontend.staging.undecided import Undecided
from symdiff.frontend.tracing.array import PYTHONS, ArrayTracer, IntTracer, ScalarTracer
from symdiff.frontend.tracing.lists import ListTracer
from symdiff.frontend.tracing.places import span_here
from symdiff.frontend.tracing.pytree import Structure, flatten
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.storage import Buffer
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.types import kind_of
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.node import COMPLEX, CONTINUOUS, FLOAT
from symdiff.graph.shape import Shape


@dataclass(frozen=True, slots=True)
class Form:
    """What a number or an array is, apart from its value.

    Attributes:
        shape: its lengths.
        dtype: NumPy's type of its elements.
        tracer: the class of its tracer.
    """

    shape: Shape
    dtype: Any
    tracer: type[Tracer]

    @classmethod
    def of(cls, value: Any) -> Form:
        """That of a number, an array or a tracer."""
        np = numpy()
        if type(value) in _TRACERS:
            return cls(tuple(value.content.shape), value.storage.dtype, type(value))
        if type(value) is complex:
            return cls((), np.dtype(complex), PYTHONS[float])
        plain = python_class(value)
        if plain is not None:
            return cls((), np.dtype(plain), PYTHONS[plain])
        kind = ArrayTracer if isinstance(value, np.ndarray) else ScalarTracer
        return cls(tuple(value.shape), value.dtype, kind)

    @property
    def kind(self) -> str:
        """The kind of its line."""
        return kind_of(self.dtype)

    def with_end(self, end: Form) -> Form | None:
        """The form of what begins as this and is carried on as another; `None` for none.

        A whole number that becomes a float begins as one, a float that becomes complex likewise,
        and Python's number as NumPy's.
        """
        if self.shape != end.shape:
            return None
        if self.kind != end.kind and (self.kind == "bool" or end.kind not in CONTINUOUS):
            return None
        if self.kind == COMPLEX != end.kind:
            return None
        sizes = self.dtype.itemsize, end.dtype.itemsize
        if self.kind == end.kind == FLOAT and sizes[0] > sizes[1]:
            return None
        return end


def counter() -> Form:
    """The form of a number that counts steps."""
    return Form((), numpy().dtype(numpy().int64), IntTracer)


_TRACERS = frozenset((*PYTHONS.values(), ArrayTracer, ScalarTracer))


@dataclass(frozen=True, slots=True)
class Place:
    """A place whose value goes from step to step.

    Attributes:
        name: what the user calls it.
        key: what tells it from others.
        read: gets what it holds.
        store: lets it hold something.
        owner: what it is in; `None` for a variable.
    """

    name: str
    key: Any
    read: Callable[[], Any]
    store: Callable[[Any], object]
    owner: Any = None

    @property
    def is_end_of_list(self) -> bool:
        """Whether it is the last item of a list that grows."""
        return bool(self.key[0] == "end")


def item_of(owner: Any, key: Any) -> Place:
    """An item of a list or a dict."""
    name = key if isinstance(key, str) else "item"
    return Place(
        name,
        ("item", id(owner), key),
        lambda: owner[key],
        lambda value: owner.__setitem__(key, value),
        owner,
    )


def attribute_of(owner: Any, name: str) -> Place:
    """An attribute."""
    return Place(
        name,
        ("attribute", id(owner), name),
        lambda: getattr(owner, name),
        lambda value: setattr(owner, name, value),
        owner,
    )


def cell_of(name: str, cell: CellType) -> Place:
    """A variable in a cell."""
    return Place(
        name,
        ("variable", name),
        partial(getattr, cell, "cell_contents"),
        partial(setattr, cell, "cell_contents"),
    )


def end_of(items: list[Any]) -> Place:
    """The last item of a list that grows."""
    return Place(
        "end",
        ("end", id(items)),
        lambda: items[-1],
        lambda value: items.__setitem__(-1, value),
    )


class UnknownItem(Undecided):
    """What stands for the items of a list that grows, but for its last."""

    advice = "read its last item, found[-1], or write into an array: found[k] = ... of np.zeros(n)"


def unknown_item() -> Undecided:
    """What stands for the items of a list that grows, but for its last."""
    return UnknownItem("an item is read of a list that grows in the loop", span_here())


@dataclass(frozen=True, slots=True)
class Leaves:
    """A value taken apart.

    Attributes:
        values: its leaves.
        structure: the rest.
    """

    values: Sequence[Any]
    structure: Structure

    @classmethod
    def of(cls, value: Any) -> Leaves:
        """Those of a value."""
        return cls(*flatten(value))

    @property
    def numbers(self) -> list[int]:
        """The places of the leaves that are numbers or arrays."""
        return [at for at, value in enumerate(self.values) if is_number(value)]

    def has_form_of(self, other: Leaves) -> bool:
        """Whether another value differs in numbers alone."""
        return self.structure == other.structure and all(
            is_number(a) and is_number(b) if is_number(a) or is_number(b) else _is_same(a, b)
            for a, b in zip(self.values, other.values, strict=True)
        )


def change_between(starts: Leaves, ends: Leaves) -> str:
    """What a step has changed, of values that the next one cannot begin with."""
    pairs = list(zip(starts.values, ends.values, strict=False))
    forms = [(Form.of(a), Form.of(b)) for a, b in pairs if is_number(a) and is_number(b)]
    shapes = [(a.shape, b.shape) for a, b in forms if a.shape != b.shape]
    if shapes:
        first, then = [f"({', '.join(map(str, s))}{',' * (len(s) == 1)})" for s in shapes[0]]
        return f"changes its shape from {first} to {then}"
    if len(starts.values) != len(ends.values):
        return f"changes its length from {len(starts.values)} to {len(ends.values)}"
    return "changes its shape or its kind"


def _is_same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, (str, bytes)) and a == b)


class Carry:
    """A number or an array that goes from step to step.

    Attributes:
        name: what the user calls it.
        start: what it is at first.
        form: what a step begins with.
        input: its line at the start of a step; `None` for what each step sets before it is read.
        output: its line at the end of a step.
    """

    def __init__(self, name: str, start: Any, form: Form, line: int | None) -> None:
        self.name, self.start, self.form, self.input = name, start, form, line
        self.output = -1


class Variable:
    """A place in a run: what it holds before, what stands for that, and what a step leaves.

    Attributes:
        place: where it is.
        held: what it holds before the loop, which may be that it may not be set.
        before: what it holds before the loop, where it is set.
        start: what stands for that in the step.
        end: what a step leaves there.
        carries: for each leaf that is a number, what goes from step to step.
        numbers: which leaves those are behind the loop.
        unlike: those that do not, as the step leaves something else.
        is_anew: whether each step sets it, before it is read.
    """

    def __init__(self, place: Place) -> None:
        self.place, self.held = place, place.read()
        self.before = self.held.value if isinstance(self.held, Unsure) else self.held
        self.start: Any = self.before if self.is_set else UNSET
        self.end: Any = UNSET
        self.carries: list[Carry] = []
        self.numbers: Sequence[int] = ()
        self.unlike: list[Carry] = []
        self.is_anew = False

    @property
    def is_set(self) -> bool:
        """Whether it holds something before the loop."""
        return self.before is not UNSET and not isinstance(self.before, Undecided)


def own_buffer(trace: Recorder, value: Any) -> Buffer | None:
    """The memory of an array that may be written into; `None` for views and for what is not one."""
    if type(value) is not ArrayTracer or not isinstance(value.storage, Buffer):
        return None
    buffer = value.storage
    return buffer if buffer.recorder is trace and not buffer.argument else None


def storage_of(value: Any) -> Any:
    """The memory of a tracer; `None` for anything else."""
    return value.storage if is_tracer(value) or isinstance(value, ListTracer) else None


def is_constant(value: Any) -> bool:
    """Whether a value that a step makes is the same in all steps: it holds nothing of one."""
    if type(value) is FunctionType:
        return not value.__closure__ and not value.__defaults__ and not value.__kwdefaults__
    plain = (str, bytes, type, BuiltinFunctionType, ModuleType)
    return value is None or isinstance(value, plain)

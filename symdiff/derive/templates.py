"""Templates of rules: what a rule says of numbers, run once on slots and replayed for each line.

A rule is written for handles, which is how it reads as mathematics. The rules of `add`, `sin` or
`tanh` make the same lines for every line of their operation, so they need not be run again. A rule
that asks what its arguments are, as that of `power` does, has no template.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, NoReturn

from symdiff.graph.shape import SCALAR
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Linear, Multilinear, Pair, Partials, Unknown
from symdiff.ops.registry import OPERATIONS


class Template(NamedTuple):
    """Lines on slots: first the cotangent, the result and the arguments, then one slot a line.

    Attributes:
        lines: an operation and the slots of its arguments; "" and a number for a constant.
        results: the slot of each argument's cotangent, `None` for no dependence.
        is_linear: whether the operation is linear in all arguments jointly.
    """

    lines: list[tuple[str, tuple[Any, ...]]]
    results: list[int | None]
    is_linear: bool

    def replay(self, builder: Builder, given: Sequence[int]) -> list[int | None]:
        """The cotangents of the arguments.

        Args:
            builder: gets the lines.
            given: the positions of the cotangent, the result and the arguments, all of them floats.
        """
        slots, make = list(given), builder.make
        for op, args in self.lines:
            if not op:
                slots.append(builder.constant(*args))
            elif len(args) == 2:  # most of them
                first, second = args
                slots.append(make(op, (slots[first], slots[second])))
            else:
                slots.append(make(op, tuple(map(slots.__getitem__, args))))
        return [None if slot is None else slots[slot] for slot in self.results]


@cache
def template_of(op: str, count: int) -> Template | None:
    """The template of an operation's rule, `None` where it has none.

    Args:
        op: the operation.
        count: of its arguments.
    """
    record = OPERATIONS[op]
    if record.params or not record.is_elementwise:
        return None
    slots = _Slots(2 + count)
    t, y, *args = [Handle(slots, slot) for slot in range(2 + count)]
    parts: Sequence[Any]
    try:
        match record.derivative:
            case Partials(rule):
                parts = [_times(t, factor) for factor in rule(y, *args)]
            case Linear(transpose) | Multilinear(transpose):
                parts = transpose(t, *args)
            case Pair(_, vjp):
                parts = vjp(t, y, *args)
            case _:
                return None
    except _AskedError:
        return None
    results = [None if part is None else part.at for part in parts]
    return Template(slots.lines, results, isinstance(record.derivative, Linear))


def _times(t: Handle, factor: Handle | float | Unknown | None) -> Handle | None:
    if isinstance(factor, Unknown):
        raise _AskedError(factor.reason)
    return None if factor is None else t * factor


class _AskedError(Exception):
    """A rule asks what a slot holds, beyond that it is a number."""


class _Slot:
    """Stands for a line that is a number, of which no more is known."""

    shape = SCALAR

    def __getattr__(self, name: str) -> NoReturn:
        raise _AskedError(name)


class _Slots:
    """The maker that a rule is run with to see what it does."""

    def __init__(self, count: int) -> None:
        self.nodes: list[Any] = [_Slot()] * count  # the shape of a `Node`, and no more
        self.lines: list[tuple[str, tuple[Any, ...]]] = []

    @property
    def constants(self) -> NoReturn:
        raise _AskedError("constants")

    @property
    def arrays(self) -> NoReturn:
        raise _AskedError("arrays")

    def make(self, op: str, args: tuple[int, ...], params: tuple[Any, ...] = ()) -> int:
        if params:
            raise _AskedError("params")
        return self._add(op, args)

    def constant(self, value: float, like: int | None = None) -> int:
        del like
        return self._add("", (float(value),))

    def position(self, value: Handle | float, like: int) -> int:
        return value.at if isinstance(value, Handle) else self.constant(value, like)

    def full(self, *_: Any) -> NoReturn:
        raise _AskedError("full")

    def _add(self, op: str, args: tuple[Any, ...]) -> int:
        self.lines.append((op, args))
        self.nodes.append(self.nodes[0])
        return len(self.nodes) - 1

"""Templates of rules: what a rule says of numbers, run once on slots and replayed for each line.

A rule is written for handles, which is how it reads as mathematics. The rules of `add`, `sin` or
`tanh` make the same lines for every line of their operation, so they need not be run again. A rule
that asks whether an argument is a constant, as that of `power` does, has a template for each
answer; one that asks more of its arguments has none.
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
        lines: an operation and the slots of its arguments; "" and a number for a constant, or ""
            and a slot and what is taken from the number that it holds.
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
                slots.append(builder.constant(_number(builder, slots, *args)))
            elif len(args) == 2:  # most of them
                first, second = args
                slots.append(make(op, (slots[first], slots[second])))
            else:
                slots.append(make(op, tuple(map(slots.__getitem__, args))))
        return [None if slot is None else slots[slot] for slot in self.results]


def _number(builder: Builder, slots: Sequence[int], value: float, less: float = 0.0) -> float:
    return value if not isinstance(value, int) else builder.constants[slots[value]] - less


@cache
def template_of(op: str, count: int, constants: tuple[bool, ...] | None = None) -> Template | None:
    """The template of an operation's rule, `None` where it has none.

    Args:
        op: the operation.
        count: of its arguments.
        constants: which of the arguments are constants, `None` for a rule that must not ask.
    """
    record = OPERATIONS[op]
    if record.params or not record.is_elementwise:
        return None
    slots = _Slots(2 + count, constants)
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


class _Number:
    """Stands for the number that a constant in a slot is, less another one."""

    def __init__(self, slot: int, less: float = 0.0) -> None:
        self.slot = slot
        self.less = less

    def __sub__(self, other: float) -> _Number:
        if self.less:
            raise _AskedError("two differences")
        return _Number(self.slot, other)

    def __gt__(self, other: float) -> NoReturn:
        raise _AskedError("the value of a constant")


class _Slots:
    """The maker that a rule is run with to see what it does."""

    def __init__(self, count: int, constants: tuple[bool, ...] | None) -> None:
        self.nodes: list[Any] = [_Slot()] * count  # the shape of a `Node`, and no more
        self.lines: list[tuple[str, tuple[Any, ...]]] = []
        self._constants = constants

    @property
    def constants(self) -> Any:  # asked for numbers, and gives what stands for them
        return self

    def get(self, slot: int) -> _Number | None:
        """The number of a slot, where it is known whether it is one."""
        if self._constants is None or not 2 <= slot < 2 + len(self._constants):
            raise _AskedError("constants")
        return _Number(slot) if self._constants[slot - 2] else None

    @property
    def arrays(self) -> NoReturn:
        raise _AskedError("arrays")

    def make(self, op: str, args: tuple[int, ...], params: tuple[Any, ...] = ()) -> int:
        if params:
            raise _AskedError("params")
        return self._add(op, args)

    def constant(self, value: float | _Number, like: int | None = None) -> int:
        del like
        given = (value.slot, value.less) if isinstance(value, _Number) else (float(value),)
        return self._add("", given)

    def position(self, value: Handle | float | _Number, like: int) -> int:
        return value.at if isinstance(value, Handle) else self.constant(value, like)

    def full(self, *_: Any) -> NoReturn:
        raise _AskedError("full")

    def _add(self, op: str, args: tuple[Any, ...]) -> int:
        self.lines.append((op, args))
        self.nodes.append(self.nodes[0])
        return len(self.nodes) - 1

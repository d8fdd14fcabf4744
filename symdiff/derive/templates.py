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
from symdiff.ops.arithmetic import add, divide, multiply, negate, subtract
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Linear, Multilinear, Pair, Partials, Unknown
from symdiff.ops.registry import OPERATIONS

Line = tuple[str, tuple[Any, ...]]
Signed = tuple[int, bool]  # a slot, and whether the opposite of what it holds is meant


class Template(NamedTuple):
    """Lines on slots: first the cotangent, the result and the arguments, then one slot a line.

    Attributes:
        lines: an operation and the slots of its arguments; "" and a number for a constant, or ""
            and a slot and what is taken from the number that it holds.
        results: the slot of each argument's cotangent, and whether it is the opposite of what is
            there; `None` for no dependence.
        is_linear: whether the operation is linear in all arguments jointly.
    """

    lines: list[Line]
    results: list[Signed | None]
    is_linear: bool

    def replay(self, builder: Builder, given: Sequence[int]) -> list[int]:
        """The lines in the slots.

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
        return slots


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
    lines, slots_now = _without_signs(slots.lines, 2 + count)
    results = [None if part is None else slots_now[part.at] for part in parts]
    return Template(lines, results, isinstance(record.derivative, Linear))


def _without_signs(lines: Sequence[Line], given: int) -> tuple[list[Line], list[Signed]]:
    """The lines without those of signs, which go where the identities would move them.

    Returns:
        The lines that are left, and for each slot before, the one that it is now.
    """
    made: list[Line] = []
    slots = [(slot, False) for slot in range(given)]

    def put(op: str, args: tuple[Any, ...], *, is_negative: bool = False) -> Signed:
        made.append((op, args))
        return given + len(made) - 1, is_negative

    for op, args in lines:
        if not op:
            slots.append(put(op, args))
            continue
        taken = [slots[slot] for slot in args]
        if op == negate.name:
            slot, is_negative = taken[0]
            slots.append((slot, not is_negative))
        elif op in (multiply.name, divide.name):
            (x, x_sign), (y, y_sign) = taken
            slots.append(put(op, (x, y), is_negative=x_sign != y_sign))
        elif op in (add.name, subtract.name):
            (x, x_sign), (y, y_sign) = taken
            y_sign = y_sign != (op == subtract.name)
            if x_sign == y_sign:
                slots.append(put(add.name, (x, y), is_negative=x_sign))
            else:
                slots.append(put(subtract.name, (y, x) if x_sign else (x, y)))
        else:
            own = [put(negate.name, (slot,))[0] if sign else slot for slot, sign in taken]
            slots.append(put(op, tuple(own)))
    return made, slots


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

    start = 0

    def __init__(self, count: int, constants: tuple[bool, ...] | None) -> None:
        self.nodes: list[Any] = [_Slot()] * count  # the shape of a `Node`, and no more
        self.lines: list[Line] = []
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

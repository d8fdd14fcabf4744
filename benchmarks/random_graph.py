"""A random expression of a given size: bounded values, every line needed, nothing to simplify."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INPUTS = 10
_WINDOW = 40  # operands are chosen among so many latest values
_UNUSED = 20  # with more values that nothing uses yet, the oldest is used next
_LARGEST = 8.0  # a value that could be larger goes through tanh or sin instead
_KINDS = ("add", "subtract", "multiply", "sin", "tanh", "quotient")
_OPERATIONS = (1, 1, 1, 1, 1, 3)  # of each kind; a quotient is a/(1.5 + b*b)


@dataclass(frozen=True, slots=True)
class Tape:
    """Steps on earlier values; the first `INPUTS` values are the inputs.

    Attributes:
        kinds: by step, its index in the table of kinds.
        left: by step, the first operand.
        right: by step, the second; the first again where there is one.
    """

    kinds: array[int]
    left: array[int]
    right: array[int]

    @property
    def operations(self) -> int:
        """How many there are."""
        return sum(_OPERATIONS[kind] for kind in self.kinds)


def random_tape(operations: int, seed: int = 0) -> Tape:
    """A tape of about so many operations; its last value depends on all others."""
    return _Drawing(seed).run(operations)


class _Drawing:
    """The state while a tape is drawn: bounds of the values, what is unused, what was done."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tape = Tape(array("b"), array("l"), array("l"))
        self.bounds = [1.0] * INPUTS
        self.unused = dict.fromkeys(range(INPUTS))
        self.recent: dict[tuple[int, int, int], None] = {}

    def run(self, operations: int) -> Tape:
        done = 0
        while done < operations - len(self.unused):
            done += self._step()
        while len(self.unused) > 1:
            first, second, *_ = self.unused
            self._append(0, first, second)
        return self.tape

    def _step(self) -> int:
        """Draw one step that was not drawn before; the number of its operations."""
        while True:
            kind = self.random.randrange(len(_KINDS))
            left, right = self._operands()
            if _bound(kind, self.bounds[left], self.bounds[right]) > _LARGEST:
                kind = self.random.choice((3, 4))
            if _KINDS[kind] in ("sin", "tanh"):
                right = left
            if left != right or _KINDS[kind] in ("sin", "tanh"):
                keys = _keys(kind, left, right)
                if not any(key in self.recent for key in keys):
                    break
        self.recent.update(dict.fromkeys(keys))
        while len(self.recent) > 50 * _WINDOW:
            del self.recent[next(iter(self.recent))]
        self._append(kind, left, right)
        return _OPERATIONS[kind]

    def _operands(self) -> tuple[int, int]:
        count = len(self.bounds)
        first, second = (count - 1 - self.random.randrange(min(count, _WINDOW)) for _ in "ab")
        if len(self.unused) > _UNUSED:
            first = next(iter(self.unused))
        return (first, second) if self.random.random() < 0.5 else (second, first)

    def _append(self, kind: int, left: int, right: int) -> None:
        self.tape.kinds.append(kind)
        self.tape.left.append(left)
        self.tape.right.append(right)
        for operand in (left, right):
            self.unused.pop(operand, None)
        self.unused[len(self.bounds)] = None
        self.bounds.append(_bound(kind, self.bounds[left], self.bounds[right]))


def _bound(kind: int, left: float, right: float) -> float:
    """How large the result can be in size."""
    return (left + right, left + right, left * right, 1.0, 1.0, left / 1.5)[kind]


def _keys(kind: int, left: int, right: int) -> list[tuple[int, int, int]]:
    """What may not stand twice: equal lines are shared by symdiff, not by CasADi."""
    if _KINDS[kind] == "quotient":
        return [(kind, right, right)]  # its square
    if _KINDS[kind] in ("add", "subtract", "multiply"):
        pair = (min(left, right), max(left, right))
        return [(other, *pair) for other in range(3)]  # a + b and a - b may combine
    return [(kind, left, left)]


def play(
    tape: Tape, inputs: Sequence[Any], operations: Mapping[str, Callable[..., Any]]
) -> Any:  # whatever the operations work on
    """The last value, with the operations of some library in the places of the steps."""
    values = list(inputs)
    table = [operations[kind] for kind in _KINDS]
    for kind, left, right in zip(tape.kinds, tape.left, tape.right, strict=True):
        operation, x = table[kind], values[left]
        values.append(operation(x) if kind in (3, 4) else operation(x, values[right]))
    return values[-1]

"""A thin handle on a line of a graph under construction: lets a rule read as mathematics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from symdiff.graph.node import Node


class Maker(Protocol):
    """What a handle needs of the builder that it points into."""

    @property
    def constants(self) -> Mapping[int, float]:
        """The numbers among the lines, by position."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The lines so far."""

    def make(self, op: str, args: tuple[int, ...], params: tuple[Any, ...] = ()) -> int:
        """The position of this operation on these lines."""

    def position(self, value: Handle | float) -> int:
        """The position of a handle, or of a constant made for a number."""


class Handle:
    """A position in a builder, with Python's operators."""

    __slots__ = ("_at", "builder")

    def __init__(self, builder: Maker, position: int) -> None:
        self.builder = builder
        self._at = position

    @property
    def at(self) -> int:
        """The position of the line."""
        return self._at

    @property
    def number(self) -> float | None:
        """The value, where the line is a constant."""
        return self.builder.constants.get(self._at)

    @property
    def params(self) -> tuple[Any, ...]:
        """The parameters of the line's operation."""
        return self.builder.nodes[self._at].params

    def _make(self, op: str, *args: Handle | float) -> Handle:
        position = self.builder.position
        return Handle(self.builder, self.builder.make(op, tuple([position(a) for a in args])))

    def __add__(self, other: Handle | float) -> Handle:
        return self._make("add", self, other)

    def __radd__(self, other: float) -> Handle:
        return self._make("add", other, self)

    def __sub__(self, other: Handle | float) -> Handle:
        return self._make("subtract", self, other)

    def __rsub__(self, other: float) -> Handle:
        return self._make("subtract", other, self)

    def __mul__(self, other: Handle | float) -> Handle:
        return self._make("multiply", self, other)

    def __rmul__(self, other: float) -> Handle:
        return self._make("multiply", other, self)

    def __truediv__(self, other: Handle | float) -> Handle:
        return self._make("divide", self, other)

    def __rtruediv__(self, other: float) -> Handle:
        return self._make("divide", other, self)

    def __pow__(self, other: Handle | float) -> Handle:
        return self._make("power", self, other)

    def __neg__(self) -> Handle:
        return self._make("negate", self)

    def __lt__(self, other: Handle | float) -> Handle:
        return self._make("less", self, other)

    def __le__(self, other: Handle | float) -> Handle:
        return self._make("less_equal", self, other)

    def __gt__(self, other: Handle | float) -> Handle:
        return self._make("greater", self, other)

    def __ge__(self, other: Handle | float) -> Handle:
        return self._make("greater_equal", self, other)

    def __and__(self, other: Handle) -> Handle:
        return self._make("logical_and", self, other)

    def __or__(self, other: Handle) -> Handle:
        return self._make("logical_or", self, other)

    def __invert__(self) -> Handle:
        return self._make("logical_not", self)

    def __bool__(self) -> bool:
        raise TypeError("the truth of a line of a graph is not known while it is built")


class Masked(NamedTuple):
    """A cotangent that counts only where a condition holds; elsewhere it is exactly zero."""

    condition: Handle
    cotangent: Handle


def only(condition: Handle, cotangent: Handle) -> Masked:
    """`cotangent` where the condition holds and zero elsewhere, without a product by zero."""
    return Masked(condition, cotangent)

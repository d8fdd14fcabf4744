"""A thin handle on a line of a graph under construction: lets a rule read as mathematics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from symdiff.graph.node import FLOAT, Node
from symdiff.graph.shape import Shape, broadcast


class Maker(Protocol):
    """What a handle needs of the builder that it points into."""

    @property
    def start(self) -> int:
        """How many lines the graph had that it goes on from."""

    @property
    def constants(self) -> Mapping[int, float]:
        """The numbers among the lines, by position."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The lines so far."""

    @property
    def arrays(self) -> Mapping[Any, int]:
        """The lines that make arrays which are known, by the contents of these."""

    def make(self, op: str, args: tuple[int, ...], params: tuple[Any, ...] = ()) -> int:
        """The position of this operation on these lines."""

    def position(self, value: Handle | float, like: int) -> int:
        """The position of a handle, or of a constant made for a number in the shape of a line."""

    def constant(self, value: float, like: int | None = None) -> int:
        """The position of a number, or of an array full of it, of the shape of another line."""

    def full(self, value: float, shape: Shape, dtype: str = FLOAT) -> int:
        """The position of an array full of a number."""


class Handle:
    """A position in a builder, with Python's operators, which broadcast as NumPy's do."""

    __slots__ = ("at", "builder")

    def __init__(self, builder: Maker, position: int) -> None:
        self.builder = builder
        self.at = position

    @property
    def number(self) -> float | None:
        """The value, where the line is a constant."""
        return self.builder.constants.get(self.at)

    @property
    def shape(self) -> Shape:
        """The shape of the line."""
        return self.builder.nodes[self.at].shape

    @property
    def ndim(self) -> int:
        """How many axes the line has."""
        return len(self.shape)

    @property
    def dtype(self) -> str:
        """The kind of the line's elements."""
        return self.builder.nodes[self.at].dtype

    @property
    def params(self) -> tuple[Any, ...]:
        """The parameters of the line's operation."""
        return self.builder.nodes[self.at].params

    def _with(self, op: str, other: Handle | float) -> Handle:
        builder, left = self.builder, self.at
        if not isinstance(other, Handle):
            return Handle(builder, builder.make(op, (left, builder.position(other, left))))
        right = other.at
        if builder.nodes[left].shape != builder.nodes[right].shape:
            left, right = _in_common_shape(builder, left, right)
        return Handle(builder, builder.make(op, (left, right)))

    def _after(self, op: str, other: float) -> Handle:
        builder = self.builder
        return Handle(builder, builder.make(op, (builder.position(other, self.at), self.at)))

    def _alone(self, op: str) -> Handle:
        return Handle(self.builder, self.builder.make(op, (self.at,)))

    def __add__(self, other: Handle | float) -> Handle:
        return self._with("add", other)

    def __radd__(self, other: float) -> Handle:
        return self._after("add", other)

    def __sub__(self, other: Handle | float) -> Handle:
        return self._with("subtract", other)

    def __rsub__(self, other: float) -> Handle:
        return self._after("subtract", other)

    def __mul__(self, other: Handle | float) -> Handle:
        return self._with("multiply", other)

    def __rmul__(self, other: float) -> Handle:
        return self._after("multiply", other)

    def __truediv__(self, other: Handle | float) -> Handle:
        return self._with("divide", other)

    def __rtruediv__(self, other: float) -> Handle:
        return self._after("divide", other)

    def __pow__(self, other: Handle | float) -> Handle:
        return self._with("power", other)

    def __neg__(self) -> Handle:
        return self._alone("negate")

    def __lt__(self, other: Handle | float) -> Handle:
        return self._with("less", other)

    def __le__(self, other: Handle | float) -> Handle:
        return self._with("less_equal", other)

    def __gt__(self, other: Handle | float) -> Handle:
        return self._with("greater", other)

    def __ge__(self, other: Handle | float) -> Handle:
        return self._with("greater_equal", other)

    def __and__(self, other: Handle) -> Handle:
        return self._with("logical_and", other)

    def __or__(self, other: Handle) -> Handle:
        return self._with("logical_or", other)

    def __invert__(self) -> Handle:
        return self._alone("logical_not")

    def __bool__(self) -> bool:
        raise TypeError("the truth of a line of a graph is not known while it is built")


def _in_common_shape(builder: Maker, *positions: int) -> tuple[int, ...]:
    """Lines repeated where the others are longer, as NumPy broadcasts."""
    shapes = [builder.nodes[at].shape for at in positions]
    shape = broadcast(*shapes)
    return tuple(
        at if own == shape else builder.make("broadcast", (at,), (shape,))
        for at, own in zip(positions, shapes, strict=True)
    )


class Masked(NamedTuple):
    """A cotangent that counts only where a condition holds; elsewhere it is exactly zero."""

    condition: Handle
    cotangent: Handle


def only(condition: Handle, cotangent: Handle) -> Masked:
    """`cotangent` where the condition holds and zero elsewhere, without a product by zero."""
    return Masked(condition, cotangent)

"""The loop that lowers SymPy expressions, and what the rules for single nodes share.

SymPy's own methods walk an expression by recursion and forget what is shared, so none is called
on a whole expression. Lowering a node is a generator: it yields the arguments that it needs, is
sent their positions, and returns its own. One loop drives a stack of them, and remembers by
identity what is done; what is equal without being identical meets in the builder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any  # SymPy has no types: an expression is `Any` here

from symdiff.errors import LimitError, UnsupportedError
from symdiff.graph.node import BOOL
from symdiff.graph.shape import SCALAR, Dim, Shape, named
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_together

Steps = Generator[Any, int, int]  # yields expressions, is sent positions, returns its own
Rule = Callable[["Lowering", Any], Steps]

_DEEPEST = 50  # functions of which each stands in the body of another


class Lowering:
    """Expressions in, positions out.

    Args:
        builder: where the lines go.
        rule: how to lower one node, by its class.
        lengths: by name, the symbols that are known to be lengths of axes.

    Attributes:
        symbols: by name, each symbol of a number or of a matrix met and its position.
        applied: by name, each undefined function of a symbol that is an input.
        is_elementwise: whether this is the body of a function that is applied to each element:
            numbers there meet arrays.
    """

    def __init__(
        self, builder: Builder, rule: Rule, lengths: Mapping[str, Any] | None = None
    ) -> None:
        self.builder = builder
        self.symbols: dict[str, tuple[Any, int]] = {}
        self.applied: dict[str, Any] = {}
        self.lengths: dict[str, Any] = dict(lengths or {})
        self.is_elementwise = False
        self._rule = rule
        self._bound: Mapping[Any, int] = {}
        self._level = 0
        self._done: dict[int, tuple[Any, int]] = {}  # holds the expression: its id stays its own

    def inside(self, bound: Mapping[Any, int]) -> Lowering:
        """The lowering of a function's body, its variables bound to lines.

        Raises:
            LimitError: where it stands inside of too many others.
        """
        if self._level >= _DEEPEST:
            raise LimitError(f"functions stand inside of each other more than {_DEEPEST} deep")
        inner = Lowering(self.builder, self._rule)
        inner.symbols, inner.lengths = self.symbols, self.lengths
        inner.applied = self.applied
        inner.is_elementwise = True
        inner._bound = {**self._bound, **bound}
        inner._level = self._level + 1
        return inner

    def lower(self, expression: Any) -> int:
        """The position of an expression. Depth has no limit."""
        done = self._done
        stack: list[tuple[Any, Steps]] = [(expression, self._rule(self, expression))]
        answer: int | None = None
        while stack:
            current, steps = stack[-1]
            try:
                wanted = steps.send(answer)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as finished:
                stack.pop()
                answer = finished.value
                done[id(current)] = (current, finished.value)
                continue
            known = done.get(id(wanted))
            if known is None:
                stack.append((wanted, self._rule(self, wanted)))
                answer = None
            else:
                answer = known[1]
        return done[id(expression)][1]

    # --- lines -------------------------------------------------------------------------------

    def make(self, op: str, *args: int, params: tuple[Any, ...] = ()) -> int:
        """A line; numbers and arrays meet in the body of a function."""
        if self.is_elementwise:
            args = tuple(self.together(args))
        return self.builder.make(op, args, params)

    def together(self, positions: Iterable[int]) -> list[int]:
        """Lines in their common shape."""
        return [x.at for x in broadcast_together(*map(self.handle, positions))]

    def handle(self, position: int) -> Handle:
        """A line, for writing formulas."""
        return self.builder.handle(position)

    def constant(self, value: float) -> int:
        """The line of a number."""
        return self.builder.constant(value)

    def number(self, position: int) -> int:
        """A line as a number: a condition counts as 1 or 0.

        Raises:
            UnsupportedError: where it is a matrix.
        """
        node = self.builder.nodes[position]
        if node.shape:
            self._check_number(position)
        return position if node.dtype != BOOL else self.as_real(position)

    def as_real(self, position: int) -> int:
        """A line as real numbers, of any shape."""
        if self.builder.nodes[position].dtype != BOOL:
            return position
        return self.make("where", position, self.constant(1.0), self.constant(0.0))

    def truth(self, position: int) -> int:
        """A line as a condition: a number holds where it is not 0."""
        self._check_number(position)
        if self.builder.nodes[position].dtype == BOOL:
            return position
        return self.make("not_equal", position, self.constant(0.0))

    def _check_number(self, position: int) -> None:
        if self.builder.nodes[position].shape and not self.is_elementwise:
            raise UnsupportedError(
                "a matrix stands where a number should",
                suggestion="take an element of it, as in A[0, 0], or write a matrix expression",
            )

    # --- symbols -----------------------------------------------------------------------------

    def is_bound(self, symbol: Any) -> bool:
        """Whether a symbol is the variable of a function whose body this is."""
        return symbol in self._bound

    def symbol(self, symbol: Any) -> int:
        """The line of a number given as an input, of a length, or what a symbol is bound to."""
        bound = self._bound.get(symbol)
        if bound is not None:
            return bound
        name = real_name(symbol)
        if name in self.lengths:
            return self.builder.make("length", (), (self.length(symbol),))
        return self.input(name, symbol, SCALAR)

    def input(self, name: str, symbol: Any, shape: Shape) -> int:
        """The line of an input.

        Raises:
            UnsupportedError: where another symbol has its name.
        """
        known, position = self.symbols.get(name, (symbol, -1))
        if known != symbol:
            raise _two_symbols(name)
        if position < 0:
            position = self.builder.input(name, shape)
            self.symbols[name] = (symbol, position)
        return position

    def length(self, symbol: Any) -> Dim:
        """The named dimension that a symbol stands for.

        Raises:
            UnsupportedError: where another symbol has its name.
        """
        name = real_name(symbol)
        if self.lengths.setdefault(name, symbol) != symbol:
            raise _two_symbols(name)
        return named(name)


def ready(position: int) -> Steps:
    """A leaf needs nothing."""
    return position
    yield  # makes this function a generator


def numbers(low: Lowering, expressions: Iterable[Any]) -> Generator[Any, int, list[int]]:
    """The positions of several expressions, as numbers."""
    positions: list[int] = []
    for expression in expressions:
        position = yield expression
        positions.append(low.number(position))
    return positions


def argument_name(symbol: Any) -> str:
    """The name of a symbol, or a name itself, as that of an argument.

    Raises:
        UnsupportedError: where it cannot be one.
    """
    written = symbol if isinstance(symbol, str) else symbol.name
    name = unicodedata.normalize("NFKC", written)
    if not name.isidentifier():
        plain = re.sub(r"[\W_]+", "_", name).strip("_")
        better = plain if plain.isidentifier() else "x"
        raise UnsupportedError(
            f"the symbol {written!r} cannot be an argument's name",
            suggestion=f"rename it: .subs(Symbol({written!r}), Symbol({better!r}))",
        )
    return name


def real_name(symbol: Any) -> str:
    """The name of a symbol that stands for a real number."""
    name = argument_name(symbol)
    if symbol.is_real is False or not symbol.is_commutative:
        raise UnsupportedError(f"the symbol '{name}' is not a real number")
    return name


def _two_symbols(name: str) -> UnsupportedError:
    return UnsupportedError(
        f"two different symbols are called '{name}'",
        suggestion="they differ in their assumptions: create the symbol once and use it",
    )

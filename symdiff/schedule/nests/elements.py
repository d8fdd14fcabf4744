"""Elements: the number that an array expression has at a place.

Two steps. `ready` states before a nest what it needs beside numbers: values that are read more
than once in it, and operations that fill an array. `element` then gives the number inside of the
nest; sums and products over axes become loops there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import Shape
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.nests.builder import Builder, converted, element_of
from symdiff.schedule.nests.whole import ZERO
from symdiff.schedule.program import (
    BOTH,
    CHOICE,
    COPY,
    EITHER,
    LARGER,
    NOT,
    NUMBER,
    SMALLER,
    STACKED,
    Expr,
    If,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    parts,
)

Places = tuple[Expr, ...]
# (the elements, operation, places) -> the number there
At = Callable[["Elements", Op, Places], Expr]
# (the elements, operation, array): writes all elements of an array
Fill = Callable[["Elements", Op, Ref], None]
Known = Callable[[Op], Any]  # the array of an operation without arguments, NumPy's


class Rules(NamedTuple):
    """How operations that are not elementwise are stated, by their names.

    Attributes:
        moved: those that read one element for each of their own.
        reduced: those that read elements of a part of the axes, each once.
        contracted: those that read elements again and again.
        filled: those that write an array as a whole.
        known: those without arguments that make an array of known numbers.
        is_whole: whether an operation is written as a whole although it could be read by element.
    """

    moved: Mapping[str, At]
    reduced: Mapping[str, At]
    contracted: Mapping[str, At]
    filled: Mapping[str, Fill]
    known: Mapping[str, Known]
    is_whole: Callable[[Op], bool]


_ITSELF = {COPY, STACKED, NUMBER, "stop", "checked"}
_LAZY = {CHOICE, BOTH, EITHER, "where"}
_TRUTHS = {"logical_and", "logical_or", "logical_not", BOTH, EITHER, NOT}
_DECIDES = {CHOICE, "where"}  # by their first argument, which is no number of theirs
_COMPARES = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
_CASTS = {"as_float64", "as_float32", "as_int64", "as_bool"}


class Elements(Builder):
    """What numbers and elements of arrays are, stated where they need statements.

    Args:
        fresh: a name that is wished for, to one that nothing has.
        rules: how operations that are not elementwise are stated.
        lengths: the names of the lengths that are known before all statements.
        extents: those of the lengths that steps of loops give their numbers.
    """

    def __init__(
        self,
        fresh: Callable[[str], str],
        rules: Rules,
        lengths: Collection[str] = (),
        extents: Collection[str] = (),
    ) -> None:
        super().__init__(fresh, lengths, extents)
        self.rules = rules

    # --- numbers ---------------------------------------------------------------------------------

    def number(self, expr: Expr) -> Expr:
        """An expression of the shape () as a number."""
        if not isinstance(expr, Op):
            return expr
        if expr.name in _ITSELF:
            return self.number(expr.args[0])
        if expr.name in self.rules.known:
            return Number(self.rules.known[expr.name](expr).item(), (), expr.dtype)
        if expr.name in _LAZY:
            return self._lazy(expr)
        if is_elementwise(expr.name):
            return _of_kinds(expr, [self.number(argument) for argument in expr.args])
        return self.element(self._ready(expr, is_once=True), ())

    def _lazy(self, expr: Op) -> Expr:
        """An operation that may not need its last arguments; they are not computed in vain."""
        first, *others = expr.args
        condition = self.number(first)
        ways: list[tuple[list[Statement], Expr]] = []
        for other in others:
            with self.way() as block:
                ways.append((block, self.number(other)))
        if not any(block for block, _ in ways):
            return _of_kinds(expr, [condition, *[value for _, value in ways]])
        return self._branched(expr, condition, ways)

    def _branched(
        self, expr: Op, condition: Expr, ways: Sequence[tuple[list[Statement], Expr]]
    ) -> Ref:
        """The same by statements: each way sets a name."""
        name = self.fresh("v")
        blocks = [(*block, Let(name, converted(x, expr.dtype))) for block, x in ways]
        if expr.name not in _DECIDES:
            known = (Let(name, condition),)
            blocks.insert(1 if expr.name == BOTH else 0, known)
        then, otherwise = blocks
        self.state(If(condition, then, otherwise, self.span))
        return Ref(name, (), expr.dtype)

    # --- before a nest ---------------------------------------------------------------------------

    def ready(self, expr: Expr, *, is_once: bool) -> Expr:
        """What a nest can read of an expression, with what it needs stated before.

        Args:
            expr: what is read.
            is_once: whether each element is read once at most.
        """
        if not isinstance(expr, Op):
            return expr
        if not expr.shape:
            number = self.number(expr)
            is_place = number.dtype == INT and self.range_of(number) is not None
            return number if is_place else self.settled(number)
        if expr.name in _ITSELF:
            return self.ready(expr.args[0], is_once=is_once)
        if expr.name in self.rules.known:
            return self.known_array(expr, self.rules.known[expr.name](expr))
        if self._is_filled(expr) or not (is_once or self._is_cheap(expr)):
            return self.materialised(expr)
        return self._ready(expr, is_once=is_once)

    def _ready(self, expr: Op, *, is_once: bool) -> Expr:
        """The operation itself, of arguments that a nest can read."""
        name, args = expr.name, expr.args
        if name == "reshape":
            return self._reshaped(expr, is_once=is_once)
        if name in ("broadcast", "index") or name in self.rules.contracted:
            ready = [self.ready(args[0], is_once=is_once and name == "index" and len(args) == 1)]
            ready += [self.ready(argument, is_once=False) for argument in args[1:]]
        else:
            once = [is_once and (x.shape == expr.shape or name in self.rules.reduced) for x in args]
            ready = [self.ready(x, is_once=o) for x, o in zip(args, once, strict=True)]
        return expr._replace(args=tuple(ready))

    def _is_filled(self, expr: Op) -> bool:
        """Whether an operation is written as a whole."""
        name, rules = expr.name, self.rules
        by_element = name in rules.reduced or name in rules.contracted
        return name in rules.filled and (not by_element or rules.is_whole(expr))

    def _is_cheap(self, expr: Op) -> bool:
        """Whether reading it again costs no more than what is in memory."""
        operations = [part for part in parts(expr) if isinstance(part, Op) and part.shape]
        return all(part.name in self.rules.moved or part.name in _ITSELF for part in operations)

    def _reshaped(self, expr: Op, *, is_once: bool) -> Expr:
        """Axes of length 1 come and go; else the array is in memory."""
        (x,) = expr.args
        if long(x.shape) == long(expr.shape):
            return expr._replace(args=(self.ready(x, is_once=is_once),))
        x = self.ready(x, is_once=False)
        if not isinstance(x, Ref):
            x = self.materialised(x)
        return expr._replace(args=(x,))

    def materialised(self, expr: Expr) -> Ref:
        """An array in memory."""
        if isinstance(expr, Ref):
            return expr
        found = self.kept(expr)
        assert isinstance(found, Ref)  # an array
        return found

    def kept(self, expr: Expr) -> Expr:
        """A value that stays as it is, whatever is written later."""
        if not expr.shape:
            return self.settled(self.number(expr))
        array = self.buffer("v", expr.shape, expr.dtype)
        self.fill(array, expr)
        return array

    def fill(self, array: Ref, expr: Expr) -> None:
        """Write all elements of an array; none of them is read by the expression."""
        while isinstance(expr, Op) and expr.name in _ITSELF:
            expr = expr.args[0]
        if isinstance(expr, Op) and self._is_filled(expr):
            self.rules.filled[expr.name](self, expr, array)
            return
        expr = self.ready(expr, is_once=True)
        with self.loops(array.shape) as places:
            self.store(array, self.element(expr, aligned(places, expr.shape)), places)

    # --- inside of a nest ------------------------------------------------------------------------

    def element(self, expr: Expr, places: Places) -> Expr:
        """The number at a place of a ready expression."""
        if isinstance(expr, Number):
            return expr._replace(shape=())
        if isinstance(expr, Ref):
            return element_of(expr, places) if expr.shape else expr
        moved, reduced, contracted, *_ = self.rules
        name = expr.name
        if found := moved.get(name) or reduced.get(name) or contracted.get(name):
            return found(self, expr, places)
        if not is_elementwise(expr.name):
            raise UnsupportedError(f"loops for the operation '{expr.name}' are not there")
        args = [self.element(x, aligned(places, x.shape)) for x in expr.args]
        return _of_kinds(expr, args)


def is_elementwise(name: str) -> bool:
    """Whether an operation computes numbers from numbers."""
    is_decided = name in _LAZY or name in (NOT, LARGER, SMALLER)
    return is_decided or (name in OPERATIONS and OPERATIONS[name].is_elementwise)


def aligned(places: Places, shape: Shape) -> Places:
    """Places of a broadcast array in what it repeats."""
    found = places[len(places) - len(shape) :]
    return tuple([ZERO if n == 1 else place for place, n in zip(found, shape, strict=True)])


def _of_kinds(expr: Op, args: Sequence[Expr]) -> Op:
    """The operation on numbers, all of one kind where it counts."""
    name, kind = expr.name, expr.dtype
    if name in _COMPARES:
        kind = FLOAT if any(x.dtype == FLOAT for x in args) else INT
    if name in _TRUTHS:
        args = [converted(x, BOOL) for x in args]
    elif name in _DECIDES:
        args = [converted(args[0], BOOL), *[converted(x, kind) for x in args[1:]]]
    elif name not in _CASTS:
        args = [converted(x, kind) for x in args]
    elif name != "as_float32" and args[0].dtype == kind:
        return args[0]  # type: ignore[return-value]
    return Op(name, tuple(args), expr.params, (), expr.dtype)


def long(shape: Shape) -> list[Any]:
    """The lengths of a shape that are not 1."""
    return [n for n in shape if n != 1]

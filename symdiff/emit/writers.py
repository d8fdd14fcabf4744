"""Writers of expressions: from the texts of operands to the text of an operation on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.emit.dialect import Each
from symdiff.emit.spell.base import COMPARISON, NAME, POWER, Operand, Write
from symdiff.graph.shape import Shape

_OPERAND = tuple.__new__  # an `Operand` for each line: its own `__new__` takes twice as long

# (operands, params, shape of the result) -> the text and its precedence
Writer = Callable[[Sequence[Operand], tuple[Any, ...], Shape], Operand]


def named(name: str, shape: Shape) -> Operand:
    """A name as an operand."""
    return _OPERAND(Operand, (name, NAME, shape, ()))


def width(draft: Operand) -> int:
    """How long the text of an operand is."""
    return len(draft.text)


def written(write: Write) -> Writer:
    """What a spelling writes by a function of its own."""

    def writer(operands: Sequence[Operand], params: tuple[Any, ...], shape: Shape) -> Operand:
        text, precedence, needs = write(operands, *params)
        for operand in operands:
            needs += operand.needs
        return Operand(text, precedence, shape, needs)

    return writer


def on_lists(on_numbers: Writer, each: Each) -> Writer:
    """An operation on numbers, done for each element of lists."""

    def writer(operands: Sequence[Operand], params: tuple[Any, ...], shape: Shape) -> Operand:
        if not shape:
            return on_numbers(operands, params, shape)
        return each(lambda numbers: on_numbers(numbers, params, ()), operands, shape)

    return writer


def infix(sign: str, own: int) -> Writer:
    """An operator: what binds looser, or as tightly on the wrong side, stands in parentheses."""
    least_left = own + 1 if own in (COMPARISON, POWER) else own
    least_right = own if own == POWER else own + 1

    def writer(operands: Sequence[Operand], _: tuple[Any, ...], shape: Shape) -> Operand:
        (a, left, _, needs), (b, right, _, others) = operands
        if left < least_left:
            a = f"({a})"
        if right < least_right:
            b = f"({b})"
        return _OPERAND(Operand, (f"{a}{sign}{b}", own, shape, needs + others))

    return writer


def prefix(sign: str, own: int) -> Writer:
    """An operator before its operand; not before itself, which in C counts down."""

    def writer(operands: Sequence[Operand], _: tuple[Any, ...], shape: Shape) -> Operand:
        ((a, inner, _, needs),) = operands
        is_apart = inner < own or a.startswith(sign)
        return Operand(f"{sign}({a})" if is_apart else f"{sign}{a}", own, shape, needs)

    return writer


def call(name: str, own: int) -> Writer:
    """A call of a function: parameters first."""

    def writer(operands: Sequence[Operand], params: tuple[Any, ...], shape: Shape) -> Operand:
        if len(operands) == 1 and not params:  # most of them
            ((text, _, _, needs),) = operands
            return _OPERAND(Operand, (f"{name}({text})", own, shape, needs))
        arguments = [*map(repr, params), *[operand.text for operand in operands]]
        needs = sum([operand.needs for operand in operands], ())
        return Operand(f"{name}({', '.join(arguments)})", own, shape, needs)

    return writer

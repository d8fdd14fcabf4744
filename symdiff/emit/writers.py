"""Writers of expressions: from the texts of operands to the text of an operation on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from symdiff.emit.dialect import Each
from symdiff.emit.spell.base import COMPARISON, NAME, POWER, Operand, Write
from symdiff.graph.shape import Shape

# what an `Operand` holds: there may be millions, and a plain tuple takes a fifth of the time
Text = tuple[str, int, Shape, tuple[str, ...]]

# (operands, params, shape of the result) -> the text and its precedence
Writer = Callable[[Sequence[Text], tuple[Any, ...], Shape], Text]

operand: Callable[[Text], Operand] = partial(tuple.__new__, Operand)


def named(name: str, shape: Shape) -> Text:
    """A name as an operand."""
    return name, NAME, shape, ()


def width(draft: Text) -> int:
    """How long the text of an operand is."""
    return len(draft[0])


def written(write: Write) -> Writer:
    """What a spelling writes by a function of its own."""

    def writer(operands: Sequence[Text], params: tuple[Any, ...], shape: Shape) -> Text:
        text, precedence, needs = write([*map(operand, operands)], *params)
        for _, _, _, others in operands:
            needs += others
        return text, precedence, shape, needs

    return writer


def on_lists(on_numbers: Writer, each: Each) -> Writer:
    """An operation on numbers, done for each element of lists."""

    def writer(operands: Sequence[Text], params: tuple[Any, ...], shape: Shape) -> Text:
        if not shape:
            return on_numbers(operands, params, shape)

        def inner(numbers: Sequence[Operand]) -> Operand:
            return operand(on_numbers(numbers, params, ()))

        return each(inner, [*map(operand, operands)], shape)

    return writer


def infix(sign: str, own: int) -> Writer:
    """An operator: what binds looser, or as tightly on the wrong side, stands in parentheses."""
    least_left = own + 1 if own in (COMPARISON, POWER) else own
    least_right = own if own == POWER else own + 1

    def writer(operands: Sequence[Text], _: tuple[Any, ...], shape: Shape) -> Text:
        (a, left, _, needs), (b, right, _, others) = operands
        if left < least_left:
            a = f"({a})"
        if right < least_right:
            b = f"({b})"
        return f"{a}{sign}{b}", own, shape, needs + others

    return writer


def prefix(sign: str, own: int) -> Writer:
    """An operator before its operand; not before itself, which in C counts down."""

    def writer(operands: Sequence[Text], _: tuple[Any, ...], shape: Shape) -> Text:
        ((a, inner, _, needs),) = operands
        is_apart = inner < own or a.startswith(sign)
        return f"{sign}({a})" if is_apart else f"{sign}{a}", own, shape, needs

    return writer


def call(name: str, own: int) -> Writer:
    """A call of a function: parameters first."""

    def writer(operands: Sequence[Text], params: tuple[Any, ...], shape: Shape) -> Text:
        if len(operands) == 1 and not params:  # most of them
            ((text, _, _, needs),) = operands
            return f"{name}({text})", own, shape, needs
        arguments = [*map(repr, params), *[text for text, _, _, _ in operands]]
        needs = sum([needs for _, _, _, needs in operands], ())
        return f"{name}({', '.join(arguments)})", own, shape, needs

    return writer

"""Choices as expressions: what Python makes of them, for all truths."""

from __future__ import annotations

from itertools import product

import pytest

from symdiff.graph.node import BOOL
from symdiff.schedule.alternatives import as_expression
from symdiff.schedule.blocks import Chosen, Open
from symdiff.schedule.program import BOTH, CHOICE, EITHER, NOT, Expr, Number, Op, Ref

ASKED, A, B = (Ref(name, (), BOOL) for name in ("asked", "a", "b"))
FALSE, TRUE = (Number(value, (), BOOL) for value in (0.0, 1.0))


def value_of(expr: Expr, given: dict[str, bool]) -> bool:
    """The truth that an expression is, with Python's own `and`, `or`, `not` and `if`."""
    if isinstance(expr, Ref):
        return given[expr.name]
    if isinstance(expr, Number):
        return bool(expr.value)
    assert isinstance(expr, Op)
    truths = [value_of(arg, given) for arg in expr.args]
    if expr.name == NOT:
        return not truths[0]
    if expr.name == BOTH:
        return truths[0] and truths[1]
    if expr.name == EITHER:
        return truths[0] or truths[1]
    assert expr.name == CHOICE
    return truths[1] if truths[0] else truths[2]


@pytest.mark.parametrize("dtype", [BOOL, "float64"])
@pytest.mark.parametrize("turned", ["as asked", "where it fails"])
@pytest.mark.parametrize("values", [*product((A, FALSE, TRUE), (B, FALSE, TRUE))])
def test_a_choice_is_what_its_way_chooses(
    values: tuple[Expr, Expr], turned: str, dtype: str
) -> None:
    chosen = [Chosen(7, part, value, None) for part, value in enumerate(values, 1)]
    then, otherwise = chosen if turned == "as asked" else chosen[::-1]
    found = as_expression(Open(1, ASKED, None, ([then], [otherwise])), chosen, dtype)
    assert found is not None
    for asked, a, b in product((False, True), repeat=3):
        given = {"asked": asked, "a": a, "b": b}
        wanted = then.value if asked else otherwise.value
        assert value_of(found, given) == value_of(wanted, given)
    if dtype == BOOL and {FALSE, TRUE} & {*values}:
        assert isinstance(found, Op)
        assert found.name in (BOTH, EITHER)

"""Systems of linear inequalities between whole numbers: whether one is sure to have no solution.

The variables are eliminated one after the other (J. Fourier, 1826; T. Motzkin, 1936). A system that
has no real solution has no whole one; of others nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from symdiff.graph.shape import Dim, Dimension, Monomial

_MOST = 300  # inequalities, before it is given up
_CONSTANT: Monomial = ()
_Row = frozenset[tuple[Monomial, int]]  # factors of an expression that is not negative


def is_impossible(expressions: Iterable[Dimension]) -> bool:
    """Whether it is shown that not all of some expressions are at least 0.

    Args:
        expressions: polynomials of named dimensions, whose products count as variables. A name that
            starts with an underscore is at least 0, the others are at least 1.
    """
    found = [_factors(expression) for expression in expressions]
    names = {term for factors in found for term in factors if term}
    for term in names:
        may_be_zero = any(name.startswith("_") for name in term)
        found.append({term: 1} if may_be_zero else {term: 1, _CONSTANT: -1})
    rows = {_reduced(factors) for factors in found}
    while names and len(rows) <= _MOST:
        if any(_is_false(row) for row in rows):
            return True
        name = min(sorted(names), key=lambda term: _growth(rows, term))
        names.discard(name)
        rows = _without(rows, name)
    return any(_is_false(row) for row in rows)


def _factors(expression: Dimension) -> dict[Monomial, int]:
    if isinstance(expression, Dim):
        return dict(expression.terms)
    return {_CONSTANT: expression} if expression else {}


def _reduced(factors: Mapping[Monomial, int]) -> _Row:
    """The same for whole numbers: factors without a common divisor, the constant rounded down."""
    divisor = math.gcd(*[factor for term, factor in factors.items() if term]) or 1
    reduced = {term: factor // divisor for term, factor in factors.items()}
    return frozenset([(term, factor) for term, factor in reduced.items() if factor])


def _is_false(row: _Row) -> bool:
    """Whether it is a negative number."""
    return len(row) == 1 and all(not term and factor < 0 for term, factor in row)


def _growth(rows: Iterable[_Row], name: Monomial) -> int:
    """How many inequalities there are more without a variable."""
    signs = [factor > 0 for row in rows for term, factor in row if term == name]
    positive = sum(signs)
    return positive * (len(signs) - positive) - len(signs)


def _without(rows: set[_Row], name: Monomial) -> set[_Row]:
    """The inequalities that follow for the other variables."""
    kept: set[_Row] = set()
    lower: list[dict[Monomial, int]] = []
    upper: list[dict[Monomial, int]] = []
    for row in rows:
        factors = dict(row)
        own = factors.get(name, 0)
        if not own:
            kept.add(row)
        else:
            (lower if own > 0 else upper).append(factors)
    for low in lower:
        for high in upper:
            a, b = -high[name], low[name]
            terms = {*low, *high} - {name}
            kept.add(_reduced({t: low.get(t, 0) * a + high.get(t, 0) * b for t in terms}))
    return kept

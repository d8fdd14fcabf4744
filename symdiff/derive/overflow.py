"""Overflow as far as operations say it: which lines may hold exponentials that grow or vanish.

Normal forms of exponentials say it exactly and are dear. Most lines of most functions have no use
for one: what is asked here costs one look at each line, and errs on the side of the search.
"""

from __future__ import annotations

from itertools import chain
from operator import and_
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder
from symdiff.ops.rules.signs import is_never_negative

_GROWING = frozenset("exp exp2 exp10 expm1 sinh cosh csch".split())
_EXPONENTIAL = _GROWING | frozenset("sech tanh sigmoid erf erfc ndtr".split())
_SOURCES = _EXPONENTIAL | {"power"}
_BOUNDED = frozenset("sech tanh sigmoid erf erfc ndtr sin cos arctan sign".split())
_LOGARITHMS = frozenset("log log2 log10 log1p".split())
# what is rewritten where an argument grows
_FRAIL = frozenset("sqrt cbrt multiply exp expm1 tanh erf erfc ndtr sigmoid arctan".split())


class Overflow(NamedTuple):
    """What may overflow, each by position.

    Attributes:
        holds: 1 where a line may hold an exponential.
        twins: 1 where a line may have a twin.
        forms: 1 where the twin of a line that it is made of takes its normal form.
    """

    holds: bytearray
    twins: bytearray
    forms: bytearray


def overflow_of(builder: Builder, graph: Graph) -> Overflow:
    """Where exponentials may grow or vanish."""
    constants, count = builder.constants, len(graph)
    holds, grows, found = bytearray(count), bytearray(count), bytearray(count)
    if _SOURCES.isdisjoint(graph.by_op):
        return Overflow(holds, found, found)
    for position, (op, args, _, _, _) in enumerate(graph.nodes):
        inside, above = op in _EXPONENTIAL, False
        for argument in args:
            if holds[argument]:
                inside = True
                if grows[argument]:  # what grows holds an exponential
                    above = True
        if not inside and op != "power":
            continue
        if op == "power":
            inside |= args[0] in constants
            above |= inside
            found[position] = inside
        elif op == "divide":
            may_vanish = bool(holds[args[1]]) and not _is_above_zero(builder, args[1])
            above |= may_vanish
            found[position] = may_vanish or grows[args[1]]
        elif op in _LOGARITHMS:
            found[position] = 1
        elif op in _FRAIL:
            found[position] = above
        holds[position] = inside
        grows[position] = op in _GROWING or (above and op not in _BOUNDED)
    asked = [graph.nodes[at].args for at, is_found in enumerate(found) if is_found]
    needed = graph.ancestors(chain.from_iterable(asked))
    return Overflow(holds, found, bytearray(map(and_, needed, holds)))


def _is_above_zero(builder: Builder, position: int) -> bool:
    """Whether a line is a positive number and what is never negative."""
    op, args, _, _, _ = builder.nodes[position]
    return op == "add" and any(
        builder.constants.get(one, 0.0) > 0.0 and is_never_negative(builder, other)
        for one, other in (args, args[::-1])
    )

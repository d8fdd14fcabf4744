"""Halves of softplus: log(1 + exp(z)) as it is written against overflow, with two kinks at 0.

`log1p(exp(-|z|)) + maximum(z, 0)` is softplus(z), and smooth: the kinks of the two meet. Its terms
may stand apart in a sum, as in the cross-entropy `maximum(z, 0) - z*y + log1p(exp(-|z|))` of
TensorFlow's documentation of `sigmoid_cross_entropy_with_logits`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from symdiff.graph.graph import Graph
from symdiff.ops.builder import Builder

Term = tuple[int, bool]  # a line of a sum, and whether it is taken away

_MOST = 8  # terms of a sum that are looked at
_LOGARITHMS = frozenset(("log1p", "log", "softplus"))
_INSIDE = ("exp", "negate", "absolute")
_POSITIVE_PARTS = frozenset(("maximum", "relu"))


def may_have_halves(graph: Graph) -> bool:
    """Whether there are the operations of both halves in a graph."""
    ops = graph.by_op.keys()
    return "absolute" in ops and not (
        _LOGARITHMS.isdisjoint(ops) or _POSITIVE_PARTS.isdisjoint(ops)
    )


def _joined(b: Builder, x: int, y: int, *, is_difference: bool) -> int | None:
    """A sum with softplus(z) in the place of its halves; `None` where they are not in it."""
    terms = [*_terms(b, x, is_taken=False), *_terms(b, y, is_taken=is_difference)]
    for number, (line, is_taken) in enumerate(terms):
        size = _of_logarithm(b, line)
        for other, (part, is_other_taken) in enumerate(terms):
            z = None if size is None or is_taken != is_other_taken else _of_positive(b, part)
            if z is not None and size in (z, _opposite(b, z)):
                rest = [term for n, term in enumerate(terms) if n not in (number, other)]
                return _sum(b, [(b.make("softplus", (z,)), is_taken), *rest])
    return None


def _terms(b: Builder, line: int, *, is_taken: bool) -> list[Term]:
    """What is added up in a line, the last terms first."""
    found: list[Term] = []
    while b.nodes[line].op in ("add", "subtract") and len(found) < _MOST:
        op, (line, last), *_ = b.nodes[line]
        found.append((last, is_taken != (op == "subtract")))
    return [*found, (line, is_taken)]


def _sum(b: Builder, terms: list[Term]) -> int:
    """The sum of lines, those that are added first."""
    (line, is_taken), *rest = sorted(terms, key=lambda term: term[1])
    found = b.make("negate", (line,)) if is_taken else line
    for line, is_taken in rest:
        found = b.make("subtract" if is_taken else "add", (found, line))
    return found


def _of_logarithm(b: Builder, line: int) -> int | None:
    """The z of log1p(exp(-|z|)), which is softplus(-|z|), or of log(1 + exp(-|z|))."""
    node = b.nodes[line]
    if node.op not in _LOGARITHMS:
        return None
    (inner,) = node.args
    if node.op == "log":
        added = b.nodes[inner]
        others = [at for at in added.args if b.constants.get(at) != 1.0]
        if added.op != "add" or len(others) != 1:
            return None
        (inner,) = others
    for op in _INSIDE[node.op == "softplus" :]:
        if b.nodes[inner].op != op:
            return None
        (inner,) = b.nodes[inner].args
    return inner


def _of_positive(b: Builder, line: int) -> int | None:
    """The z of maximum(z, 0)."""
    node = b.nodes[line]
    if node.op == "relu":
        return node.args[0]
    if node.op != "maximum":
        return None
    others = [at for at in node.args if b.constants.get(at) != 0.0]
    return others[0] if len(others) == 1 else None


def _opposite(b: Builder, z: int) -> int | None:
    """The u of z = -u."""
    node = b.nodes[z]
    return node.args[0] if node.op == "negate" else None


OF_HALVES: dict[str, Callable[..., int | None]] = {
    "add": partial(_joined, is_difference=False),
    "subtract": partial(_joined, is_difference=True),
}

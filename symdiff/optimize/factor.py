"""Factoring: t*p + t*q is t*(p + q). Reverse mode leaves many sums with a common cotangent.

The factors of a smaller array that is repeated are factors too, those above a quotient's line as
well: what normalises a layer's rows or columns is common to all terms of its derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import INT, Node
from symdiff.graph.shape import SCALAR, Shape
from symdiff.ops.arithmetic import divide
from symdiff.ops.reduction import broadcast, broadcast_to
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.optimize.sums import Signed, Sums, counted, sum_of

_CHAINS = ("multiply", "negate")

_TERM = tuple.__new__  # one for each term of each sum: its own takes twice as long

# the position of a factor, or `~position` of a smaller array that is repeated
Factors = tuple[int, ...]


class Term(NamedTuple):
    """One term of a sum: its sign, its factors, and what the smaller ones are divided by."""

    negative: bool
    factors: Factors
    divisors: Factors = ()


class Group(NamedTuple):
    """Terms of a sum that share factors; the terms are what is left without them."""

    common: Factors
    terms: list[Term]


def factor_sums(graph: Graph) -> Graph:
    """Take common factors out of the sums of the derivative. The value's lines stay as written."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        lines = [
            Signed(negative=False, position=_group(rebuilder, group, node.shape))
            for group in plans[position]
        ]
        return sum_of(rebuilder.builder, lines)

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, list[Group]]:
    """By the position of a sum, the groups that stand for it where that saves products."""
    nodes, sums, plans = graph.nodes, Sums(graph), {}
    inner = sums.alone(_CHAINS)
    opened = _opened(sums)
    for position in sums.roots():
        signed = sums.terms(position)
        if not _may_share(nodes, opened, signed):
            continue
        terms = [_term(sums, inner, *one) for one in signed]
        groups = _groups(nodes, terms)
        if len(groups) < len(terms):
            plans[position] = groups
    return plans


def _opened(sums: Sums) -> bytearray:
    """By position, 1 where a line may be taken apart in factors."""
    repeated = sums.graph.by_op.get(broadcast.name, ())
    opened = sums.alone((*_CHAINS, divide.name) if repeated else _CHAINS)
    for position in repeated:
        opened[position] = 1
    return opened


def _may_share(nodes: Sequence[Node], opened: bytearray, terms: list[Signed]) -> bool:
    """A quick look that spares most sums the search: whether any factor stands in two terms.

    What factors are made of is compared, which is the same for the same factor.
    """
    seen: set[int] = set()
    for _, root in terms:
        pending = [root]
        for position in pending:
            if opened[position]:
                pending += nodes[position][1]
            elif position in seen:
                return True
        seen.update(pending)
    return False


def _term(sums: Sums, inner: bytearray, negative: bool, root: int) -> Term:  # noqa: FBT001  a sign
    """The factors of nested products that nothing else uses, from left to right."""
    nodes = sums.graph.nodes
    if not inner[root] and nodes[root].op != broadcast.name:
        return _TERM(Term, (negative, (root,), ()))
    factors: list[int] = []
    divisors: list[int] = []
    pending = [root]
    while pending:
        factor = pending.pop()
        position = max(factor, ~factor)
        op, args, _, _, _ = nodes[position]
        if inner[position]:
            if op == "negate":
                negative = not negative
            pending += args[::-1] if factor >= 0 else [~argument for argument in args[::-1]]
        elif factor < 0 and op == divide.name and sums.is_alone(position):
            pending.append(~args[0])
            divisors.append(~args[1])
        elif factor >= 0 and op == broadcast.name and nodes[args[0]].shape != SCALAR:
            (pending if sums.is_alone(position) else factors).append(~args[0])
        else:
            factors.append(factor)
    return _TERM(Term, (negative, tuple(factors), tuple(divisors)))


def _groups(nodes: list[Node], terms: list[Term]) -> list[Group]:
    """Each term goes to the factor that most terms share; groups that save nothing fall apart."""
    counts = counted([factor for term in terms for factor in {*term.factors}])
    by_factor: dict[tuple[int, int], list[Term]] = {}
    for index, term in enumerate(terms):
        best = max(term.factors, key=lambda at: (counts[at], nodes[max(at, ~at)].args != ()))
        key = (best, 0) if counts[best] > 1 else (best, index + 1)
        by_factor.setdefault(key, []).append(term)
    groups = []
    for members in by_factor.values():
        group = _extract(members)
        groups.extend([group] if group is not None else [Group((), [term]) for term in members])
    return groups


def _extract(terms: list[Term]) -> Group | None:
    """The group of these terms, or `None` where it takes as many products as before."""
    if len(terms) == 1:
        return Group((), terms)
    shared = counted(terms[0].factors)
    for term in terms[1:]:
        other = counted(term.factors)
        shared = {at: min(count, other[at]) for at, count in shared.items() if at in other}
    common = tuple([at for at, count in shared.items() for _ in range(count)])
    rest = []
    for term in terms:
        left, taken = [], dict(shared)
        for factor in term.factors:
            if taken.get(factor):
                taken[factor] -= 1
            else:
                left.append(factor)
        rest.append(term._replace(factors=tuple(left)))
    before = sum([len(term.factors) - 1 for term in terms])
    after = sum([max(len(term.factors) - 1, 0) for term in rest]) + len(common)
    return Group(common, rest) if after < before else None


def _group(rebuilder: Rebuilder, group: Group, shape: Shape) -> int:
    """The line of `common * (term + term + ...)`."""
    lines = []
    for term in group.terms:
        line = _real(rebuilder, _product(rebuilder, term, shape))
        lines.append(Signed(term.negative, line))
    total = sum_of(rebuilder.builder, lines)
    if not group.common:
        return total
    common = _product(rebuilder, Term(negative=False, factors=group.common), shape)
    return rebuilder.builder.make("multiply", (common, total))


def _real(rebuilder: Rebuilder, line: int) -> int:
    """A line as a float: sums and products of whole numbers alone would wrap."""
    builder = rebuilder.builder
    return builder.make("as_float64", (line,)) if builder.nodes[line].dtype == INT else line


def _product(rebuilder: Rebuilder, term: Term, shape: Shape) -> int:
    """The line of a term without its sign; what is repeated is multiplied before it is."""
    builder, parts = rebuilder.builder, []
    above, below = (
        [builder.handle(rebuilder.moved[max(at, ~at)]) for at in lines]
        for lines in (term.factors, term.divisors)
    )
    shapes = dict.fromkeys([x.shape for x in (*above, *below)])
    for one in sorted(shapes, key=lambda own: own == shape):  # the smaller ones first
        factors = [x for x in above if x.shape == one]
        product = factors[0] if factors else builder.handle(builder.full(1.0, one))
        for factor in factors[1:]:
            if builder.nodes[factor.at].dtype == INT:
                product = builder.handle(_real(rebuilder, product.at))
            product = product * factor
        for divisor in below:
            if divisor.shape == one:
                product = product / divisor
        parts.append(broadcast_to(product, shape))
    if not parts:  # the term is the common factor itself
        return builder.full(1.0, shape)
    line = parts[0]
    for part in parts[1:]:
        line = line * part
    return line.at

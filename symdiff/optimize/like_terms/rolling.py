"""Rolling: sums of like terms, and arrays and outputs of like elements, as operations on arrays.

`[x[1] - x[0], x[2] - x[1], ...]` is `x[1:] - x[:-1]`, and the sum of such is that of its elements,
one after the other: the value keeps its order of operations. Derivatives are then those of arrays.
Terms are alike where they are the same operations on elements of arrays whose indices go on by the
same steps from each to the next; numbers among them may be any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, Node
from symdiff.ops.along_axis import sum_in_order
from symdiff.ops.arithmetic import add, negate, subtract
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import index
from symdiff.ops.joining import concatenate, concatenated, stack
from symdiff.ops.rules import EXACT
from symdiff.ops.structural import reshape, reshaped
from symdiff.optimize.like_terms.arrays import Arrays
from symdiff.optimize.like_terms.columns import Columns
from symdiff.optimize.like_terms.runs import Run, Term, runs_of
from symdiff.optimize.like_terms.steps import Steps
from symdiff.optimize.rebuild import Rebuilder

_LONGEST_TERM = 16  # additions in a sum that is looked at as the first term of another one
_SUMS = (add.name, subtract.name)


class _Sequence(NamedTuple):
    """What may hold like terms: the line, its terms or elements in their order.

    Of a sum, `sums` has the lines of the first two terms together, of the first three, ...
    """

    position: int
    terms: list[Term]
    sums: Sequence[int] = ()


class _Plan(NamedTuple):
    """A sequence of terms or elements, and the runs in it."""

    terms: Sequence[Term]
    runs: Sequence[Run]
    is_sum: bool


def rolled(graph: Graph, least: int) -> Graph:
    """The function with like terms and elements as arrays.

    Args:
        graph: a function, before it is differentiated.
        least: how many lines of a form there are at least where they become an array.
    """
    if not graph.has_arrays or index.name not in graph.by_op:
        return graph
    found = [one for one in (*_sums(graph), *_lists(graph)) if len(one.terms) >= least]
    if not found and len(graph.outputs) < least:
        return graph
    steps = Steps(graph)
    plans: dict[int, _Plan] = {}
    for position, terms, sums in found:
        parted = _from_first(steps, terms, sums)
        in_terms = runs_of(steps, parted, least)
        if in_terms:
            plans[position] = _Plan(parted, in_terms, is_sum=bool(sums))
    outputs = runs_of(steps, [Term(position) for position in graph.outputs], least)
    if not plans and not outputs:
        return graph
    rebuilder = Rebuilder(graph)
    runs = [*outputs, *chain.from_iterable([plan.runs for plan in plans.values()])]
    columns = Columns(steps, chain.from_iterable([run.columns for run in runs]))
    arrays = Arrays(columns, rebuilder.builder, rebuilder.moved)

    def replace(_: Rebuilder, __: Node, position: int) -> int:
        plan = plans[position]
        if plan.is_sum:
            return _summed(arrays, plan).at
        return reshaped(_listed(arrays, plan), graph[position].shape).at

    rebuilder.copy(range(len(graph)), replace, plans)
    rebuilder.builder.rules = EXACT
    results = [rebuilder.moved[position] for position in graph.outputs]
    for run in outputs:
        whole = _array_of(arrays, run)
        for at in range(run.start, run.end):
            results[at] = index(whole, params=((("int", at - run.start),),)).at
    return rebuilder.finish(results)


# --- what may hold like terms --------------------------------------------------------------------


def _sums(graph: Graph) -> list[_Sequence]:
    """The sums of numbers."""
    uses, found, inside = graph.uses(), [], bytearray(len(graph))
    lines = sorted(at for name in _SUMS for at in graph.by_op.get(name, ()))

    def goes_on(position: int) -> bool:
        """Whether a line is a sum of numbers."""
        node = graph[position]
        return node.op in _SUMS and not node.shape and node.dtype == FLOAT

    for root in reversed(lines):
        if inside[root] or not goes_on(root):
            continue
        terms, sums, at = list[Term](), list[int](), root
        while goes_on(at) and (at == root or uses[at] == 1):
            inside[at] = 1
            first, second = graph[at].args
            is_negative = graph[at].op == subtract.name
            is_second = goes_on(second) and uses[second] == 1 and not is_negative
            if is_second and not (goes_on(first) and uses[first] == 1):
                first, second = second, first
            terms.append(Term(second, is_negative))
            sums.append(at)
            at = first
        found.append(_Sequence(root, [Term(at), *terms[::-1]], sums[::-1]))
    return found


def _from_first(steps: Steps, terms: list[Term], sums: Sequence[int]) -> list[Term]:
    """The terms of a sum, of which the first may be a sum that the next ones are like."""
    for count, line in enumerate(sums[:_LONGEST_TERM], start=2):
        if len(terms) < count + 2:
            break
        one, other = [term.line for term in terms[count : count + 2]]
        if len({steps.forms[at] for at in (line, one, other)}) > 1:
            continue
        step = steps.between(line, one)
        if steps.moves(step) and step == steps.between(one, other):
            return [Term(line), *terms[count:]]
    return terms


def _lists(graph: Graph) -> list[_Sequence]:
    """The arrays that are put together of numbers, and their elements."""
    found = []
    for position in graph.by_op.get(stack.name, ()):
        args = graph[position].args
        if not graph[args[0]].shape:
            found.append(_Sequence(position, [Term(at) for at in args]))
    for position in graph.by_op.get(concatenate.name, ()):
        parts = [graph[at] for at in graph[position].args]
        if all(node.op == reshape.name and not graph[node.args[0]].shape for node in parts):
            found.append(_Sequence(position, [Term(node.args[0]) for node in parts]))
    return found


# --- what is made of them ------------------------------------------------------------------------


def _array_of(arrays: Arrays, run: Run) -> Handle:
    """The lines of a run as an array of one axis."""
    columns = [
        negate(arrays.of(column)) if is_negative else arrays.of(column)
        for column, is_negative in zip(run.columns, run.are_negative, strict=True)
    ]
    if len(columns) == 1:
        return columns[0]
    return reshaped(stack(*columns, params=((len(columns),), 1)), (run.end - run.start,))


def _pieces(plan: _Plan) -> Iterator[tuple[Sequence[Term], Run | None]]:
    """The runs, each behind the terms that are in none; behind the last one `None`."""
    at = 0
    for run in plan.runs:
        yield plan.terms[at : run.start], run
        at = run.end
    yield plan.terms[at:], None


def _line(arrays: Arrays, term: Term) -> Handle:
    return arrays.builder.handle(arrays.moved[term.line])


def _summed(arrays: Arrays, plan: _Plan) -> Handle:
    """A sum, in its order."""
    total: Handle | None = None
    parts: list[Handle] = []  # what is added next
    for alone, run in _pieces(plan):
        if alone and parts:
            total, parts = sum_in_order(concatenated(parts, 0)), []
        for term in alone:
            total = _added(arrays, total, term)
        if run is not None:
            parts += [] if total is None else [reshaped(total, (1,))]
            parts.append(_array_of(arrays, run))
            total = None
    return sum_in_order(concatenated(parts, 0)) if total is None else total


def _added(arrays: Arrays, total: Handle | None, term: Term) -> Handle:
    line = _line(arrays, term)
    if total is None:
        return line  # the first one is not subtracted
    return total - line if term.is_negative else total + line


def _listed(arrays: Arrays, plan: _Plan) -> Handle:
    """An array of the elements, of one axis."""
    parts: list[Handle] = []
    for alone, run in _pieces(plan):
        if alone:
            lines = [_line(arrays, term) for term in alone]
            parts.append(stack(*lines, params=((len(lines),), 0)))
        if run is not None:
            parts.append(_array_of(arrays, run))
    return concatenated(parts, 0)

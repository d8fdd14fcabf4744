"""Pictures made: a function at a point, with its loops as loops."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple  # values are numbers and NumPy's arrays

from symdiff.errors import LimitError, UnsupportedError
from symdiff.explain.background import Subject
from symdiff.explain.framed import drawn
from symdiff.explain.levels import Level
from symdiff.explain.picture import Picture, folded
from symdiff.explain.results import gradient_by_name
from symdiff.explain.runs import Run, run_at
from symdiff.explain.trace import Trace
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import Node
from symdiff.ops.checks import checked
from symdiff.optimize.inline import inline_own
from symdiff.optimize.rebuild import Rebuilder, rebuild
from symdiff.verify.compare import ValueAndGrad, smooth_point
from symdiff.verify.points import Point, given_point, small_lengths
from symdiff.verify.unroll import Unrolled


class Prepared(NamedTuple):
    """A function and a point.

    Attributes:
        primal: its first output, where none of its checks raises.
        plain: the same without calls of functions with rules of their own.
        lengths: of named dimensions at the point.
        point: by name, a number or an array for every input.
    """

    primal: Graph
    plain: Graph
    lengths: Mapping[str, int]
    point: Point


def prepared(subject: Subject, at: Mapping[str, Any] | None) -> Prepared:
    """A function at the caller's point, or at a random one where it is smooth.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    primal = _without_checks(subject.primal.select([0]))
    plain = pruned(inline_own(primal))
    if at is None:
        at = smooth_point(Unrolled(plain, small_lengths(plain)), subject.wrt)
    return Prepared(primal, plain, *given_point(primal.named_inputs, at))


def picture_at(
    subject: Subject,
    value_and_grad: ValueAndGrad,
    at: Mapping[str, Any] | None = None,
    *,
    source: str = "",
) -> Picture:
    """The picture of a function and of its cotangents at a point.

    A loop is a frame around one step of it, and so is each way of a branch.

    Args:
        subject: the function; its first output counts.
        value_and_grad: what its module computes.
        at: the point; default a random one where the function is smooth.
        source: the function's text.

    Raises:
        SymdiffError: where `at` lacks an input, an array does not fit, or the function raises, or
            has no value, at the point.
    """
    given = prepared(subject, at)
    args = [given.point[name] for name in subject.primal.input_names]
    gradient_by_name(value_and_grad, args, subject.wrt)  # it raises where the function does
    return framed(given, subject.wrt, source)


def framed(given: Prepared, wrt: Collection[str], source: str) -> Picture:
    """The picture of a function at a point, its loops as loops where they can be."""
    written_out = Unrolled(given.primal, given.lengths)
    graph = written_out.inputs
    try:
        level = Level(graph, [name in wrt for name in graph.input_names])
    except UnsupportedError:
        return of_trace(Trace(written_out.at(given.point), tuple(wrt), given.point), source)
    return folded(drawn(level, _run(level, given.point, wrt), source))


def _run(level: Level, point: Point, wrt: Collection[str]) -> Run | None:
    """The level at a point; none where its loops have too many steps."""
    inputs = {at: level.names[at] for at in level.graph.inputs if level.names[at] in point}
    try:
        values = [point[name] for name in inputs.values()]
        return run_at(level, values, [at for at, name in inputs.items() if name in wrt])
    except LimitError:
        return None


def of_trace(trace: Trace, source: str) -> Picture:
    """The picture of a trace, whose loops are written out."""
    level = Level(trace.graph, [name in trace.wrt for name in trace.graph.input_names])
    return folded(drawn(level, Run(trace.values, {}, trace.cotangents()), source))


def _without_checks(graph: Graph) -> Graph:
    """The function where none of its checks raises."""
    if not any(node.op == checked.name for node in graph.nodes):
        return pruned(graph)

    def passed(_: Rebuilder, node: Node, _position: int) -> int | None:
        return node.args[0] if node.op == checked.name else None

    return pruned(rebuild(graph, passed))

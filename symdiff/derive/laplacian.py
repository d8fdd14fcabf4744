"""The Laplacian: second derivatives forward over reverse, of which the diagonal is summed."""

from __future__ import annotations

from functools import reduce
from operator import add

from symdiff.derive.forward import jvp
from symdiff.derive.jacobian import seeded, units
from symdiff.derive.packing import Derived
from symdiff.derive.problem import Problem
from symdiff.derive.second import gradient_alone
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import total
from symdiff.ops.rules import ALGEBRAIC


def laplacian(problem: Problem) -> Derived:
    """The sum of the second derivatives of one number by each element of each input."""
    problem.refuse_several("Laplacian")
    graph, wrt = problem.graph, problem.wrt
    slopes = gradient_alone(graph, wrt)
    builder = Builder(ALGEBRAIC, graph)
    parts = [_trace(builder, graph, slopes.select([k]), name) for k, name in enumerate(wrt)]
    name = f"laplacian({graph.output_names[0]})"
    made = builder.graph(graph.inputs, [reduce(add, parts).at], [name], primal=0)
    return Derived(pruned(made), 0)


def _trace(builder: Builder, graph: Graph, slope: Graph, name: str) -> Handle:
    """The trace of the Jacobian of a derivative by an input, by that input."""
    pushed = jvp(pruned(slope), [name])
    seed_at = pushed.inputs[-1]
    (found,) = seeded(builder, graph, pushed.select([1]), seed_at)
    shape = pushed[seed_at].shape
    return total(found * units(builder, shape)) if shape else found

"""Checks in derivatives: whatever is derived of a function raises what the function raises."""

from __future__ import annotations

from dataclasses import replace

from symdiff.derive.inline import inlined
from symdiff.graph.graph import Graph
from symdiff.graph.nested import needed_by
from symdiff.ops.builder import Builder
from symdiff.ops.checks import check, checked
from symdiff.ops.handle import Handle
from symdiff.ops.rules import EXACT


def with_checks(made: Graph, primal: Graph) -> Graph:
    """What was derived of a function, with all checks of the function, which come first.

    Args:
        made: its inputs are those of the function, under the same names, and others.
        primal: the function.
    """
    asking = [primal[at].args[1] for at in primal.by_op.get(checked.name, ())]  # loops too
    found = sorted({*primal.by_op.get(check.name, ()), *asking})
    if not found:
        return made
    asked = replace(primal, outputs=tuple(found), output_names=("",) * len(found), primal=0)
    asked = asked.keep(needed_by(asked, found))
    builder = Builder(EXACT)
    given = {
        name: Handle(builder, builder.input(name, made[at].shape, made[at].dtype))
        for name, at in zip(made.input_names, made.inputs, strict=True)
    }
    done = inlined(asked, builder, [given[name] for name in asked.input_names])
    results = []
    for result in inlined(made, builder, list(given.values())):
        known = builder.nodes[result.at]
        for one in () if known.op == checked.name else done:
            result = checked(result, one)
        results.append(result.at)
    inputs = [handle.at for handle in given.values()]
    return builder.graph(inputs, results, made.output_names, made.primal)

"""What a sparse derivative computes of its seeds alone: the same at every call, so done once."""

from __future__ import annotations

from dataclasses import replace

from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import CONSTANT, INPUT, input_node


def split(graph: Graph, seeds: str) -> tuple[Graph, Graph]:
    """A graph in two: what only the seeds enter, and the rest.

    Args:
        graph: with an input of seeds.
        seeds: its name.

    Returns:
        The graph of the parts that the rest needs, a function of the seeds; and the rest, which
        has the names of those parts as inputs behind the others.
    """
    own = graph.inputs[graph.input_names.index(seeds)]
    is_known = bytearray(len(graph))
    for position, node in enumerate(graph.nodes):
        is_known[position] = position == own or (
            node.op not in (INPUT, CONSTANT)
            and any(is_known[argument] for argument in node.args)
            and all(is_known[argument] or graph[argument].op == CONSTANT for argument in node.args)
        )
    wanted = {at: None for at in graph.outputs if is_known[at]}
    for position, node in enumerate(graph.nodes):
        if not is_known[position]:
            wanted.update(dict.fromkeys(at for at in node.args if is_known[at]))
    taken = {*graph.input_names, *graph.hints.values(), *graph.derived.values()}
    names = dict(zip(sorted(wanted), _fresh(taken, len(wanted)), strict=True))
    outputs, output_names = tuple(names), tuple(names.values())
    known = replace(graph, inputs=(own,), outputs=outputs, output_names=output_names, primal=0)
    nodes = [
        input_node(names[at], node.shape, node.dtype) if at in names else node
        for at, node in enumerate(graph.nodes)
    ]
    others = [at for at in graph.inputs if at != own]
    rest = replace(graph, nodes=nodes, inputs=(*others, *names), primal=0)
    return pruned(known), pruned(rest)


def _fresh(taken: set[str], count: int) -> list[str]:
    """Names that nothing has."""
    stem = "part"
    while any(name.startswith(stem) for name in taken):
        stem += "_"
    return [f"{stem}{k + 1}" for k in range(count)]

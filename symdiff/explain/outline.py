"""Outline of a large function: the lines of its source as boxes, without values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from symdiff.explain.boxes import Arrow, Box
from symdiff.explain.picture import Picture
from symdiff.explain.ranges import titles_of
from symdiff.explain.steps import MOST_STEPS
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, CONTINUOUS, FLOAT, INPUT

MOST_INPUTS = 40  # that have a box each


def is_large(graph: Graph) -> bool:
    """Whether a function has more steps than are explained."""
    return len(graph) > MOST_STEPS and sum([bool(node.args) for node in graph.nodes]) > MOST_STEPS


def outline_of(graph: Graph, wrt: Collection[str], source: str) -> Picture:
    """The picture of a function by lines of its source; loops are not written out.

    Args:
        graph: the primal graph; its first output counts.
        wrt: the inputs that it is differentiated by.
        source: its text, of which the spans of the graph are, but where these name files.
    """
    needed = graph.ancestors(graph.outputs[:1])
    numbers = _line_numbers(graph, source)
    titles = titles_of({numbers[at] for at in range(len(graph)) if needed[at]})
    homes = _homes(graph, needed, numbers, titles)
    inside: dict[str, int] = {}
    for at, node in enumerate(graph.nodes):
        if node.args and needed[at]:
            inside[homes[at]] = inside.get(homes[at], 0) + 1
    inputs = dict.fromkeys(homes[at] for at in graph.inputs if needed[at])
    boxes = [Box(key, (key,), is_input=True, is_shared=False, line=0) for key in inputs]
    boxes += [
        Box(key, (key, _counted(count)), is_input=False, is_shared=False, line=0)
        for key, count in inside.items()
    ]
    return Picture(tuple(boxes), tuple(_arrows(graph, needed, homes, wrt)))


def _counted(count: int) -> str:
    return f"{count:,} step{'s' * (count > 1)}"


def _line_numbers(graph: Graph, source: str) -> list[int]:
    """By position, the line of the source; 0 where it is not known, or there is but one."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    spans = sorted(((span.start, at) for at, span in graph.spans.items() if not span.line))
    found, number = [0] * len(graph), 1
    for start, at in spans:
        while number < len(starts) - 1 and starts[number] <= start:
            number += 1
        found[at] = number if len(starts) > 2 else 0
    for at, span in graph.spans.items():
        found[at] = span.line or found[at]
    return found


def _homes(
    graph: Graph, needed: bytearray, numbers: Sequence[int], titles: Mapping[int, str]
) -> list[str]:
    """By position, the key of the box that it stands in."""
    many = len(graph.inputs) > MOST_INPUTS
    homes = []
    for at, node in enumerate(graph.nodes):
        if node.op == INPUT:
            homes.append(f"{len(graph.inputs):,} inputs" if many else node.params[0])
        else:
            homes.append(titles[numbers[at]] if needed[at] else "")
    return homes


def _arrows(
    graph: Graph, needed: bytearray, homes: Sequence[str], wrt: Collection[str]
) -> Iterator[Arrow]:
    """Values forward between boxes, and cotangents backward where the derivative goes."""
    seen = set[tuple[str, str, bool]]()
    varying = bytearray(len(graph))
    for at, node in enumerate(graph.nodes):
        if node.op == INPUT:
            varying[at] = node.params[0] in wrt and node.dtype == FLOAT
        elif node.op != CONSTANT and needed[at]:
            varying[at] = node.dtype in CONTINUOUS and any([varying[k] for k in node.args])
            for k in node.args:
                if graph[k].op != CONSTANT and homes[k] != homes[at]:
                    seen.add((homes[k], homes[at], False))
                    if varying[k] and varying[at]:
                        seen.add((homes[at], homes[k], True))
    for start, end, is_backward in sorted(seen):
        yield Arrow(start, end, "", is_backward)

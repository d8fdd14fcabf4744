"""Branches of a function: the steps that one way of a condition needs alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import NamedTuple

from symdiff.explain.levels import Level
from symdiff.explain.steps import Step
from symdiff.graph.node import CONSTANT
from symdiff.ops.control import where


class Way(NamedTuple):
    """One way of a branch.

    Attributes:
        condition: the position of the truth that decides.
        is_first: whether it is the way where that holds.
    """

    condition: int
    is_first: bool


Path = tuple[Way, ...]


def ways_of(level: Level) -> dict[int, Path]:
    """By position of a step, or a loop, the ways that it stands in, the outermost first."""
    found: dict[int, Path] = dict.fromkeys(level.graph.outputs, ())
    for one in reversed(level.in_order):
        if isinstance(one, Step):
            path, sides, reads = found.setdefault(one.at, ()), _sides(one), one.reads
        else:
            results = [found[at] for at in one.parts if at in found]
            path = found[one.at] = reduce(_common, results) if results else ()
            sides, reads = {}, one.args
        for at in reads:
            own = (*path, sides[at]) if at in sides else path
            found[at] = _common(found[at], own) if at in found else own
    return found


def paths(found: Mapping[int, Path]) -> Iterable[Path]:
    """All ways that a step stands in, each behind those around it."""
    ends = sorted({path[:n] for path in found.values() for n in range(1, len(path) + 1)}, key=len)
    return [path for path in ends if path]


def _common(first: Path, second: Path) -> Path:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return first[:count]


def _sides(step: Step) -> dict[int, Way]:
    """Of a choice, the lines that one way of it alone reads, each with that way."""
    if step.node.op != where.name:
        return {}
    graph = step.graph
    condition, first, second = (_read(step, argument) for argument in step.node.args)
    if len(condition) != 1 or graph[step.node.args[0]].op == CONSTANT:
        return {}
    (at,) = condition
    return {
        **{k: Way(at, is_first=True) for k in first - second - condition},
        **{k: Way(at, is_first=False) for k in second - first - condition},
    }


def _read(step: Step, argument: int) -> set[int]:
    """Positions of the lines of a function that an argument of a step is made of."""
    needed = step.graph.ancestors([argument])
    return {at for at, k in zip(step.reads, step.graph.inputs, strict=True) if needed[k]}

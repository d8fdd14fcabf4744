"""Rewriting: what optimisation did to value and gradient, in the names of an explanation.

Lines of two graphs are the same quantity where they have the same values at a few points: no two
others agree to nine digits at all of them, and passes make lines anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.emit.formula import as_written
from symdiff.explain.steps import piece_of, with_names
from symdiff.explain.trace import Trace
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.loops import scan
from symdiff.ops.own_rules import called_functions
from symdiff.optimize import STAGES
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Floats
from symdiff.verify.points import Point
from symdiff.verify.table import Table

MOST_LINES = 400  # of a graph whose lines are compared
_DIGITS = 9
# each point: how much of the explanation's it keeps, and how much it adds in a pattern of signs;
# kinks have both of their sides among them
_POINTS = ((1.0, 1e-3), (1.0, 1.3), (-1.1, 0.7), (0.0, 0.4), (-0.3, 1.9))

Key = tuple[Any, ...]  # what a line is at all points


@dataclass(frozen=True)
class Pass:
    """What one pass of optimisation did.

    Attributes:
        words: what it does.
        before: the operations before it.
        after: those after it.
        lines: the quantities that are made otherwise: name, how before, how after; a name that is
            not computed any more, or not before, stands for itself.
    """

    words: str
    before: int
    after: int
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class SharedPart:
    """What is computed once and read several times.

    Attributes:
        name: of the step or cotangent; empty where it is neither.
        formula: what it is made of; empty where that is long.
        times: how often it is read; as a result once more.
    """

    name: str
    formula: str
    times: int


@dataclass(frozen=True)
class Optimisation:
    """What optimisation did to value and gradient.

    Attributes:
        operations: how many there are, by how they are written.
        shared: what is computed once.
        passes: those that changed something, in their order.
    """

    operations: tuple[tuple[str, float], ...]
    shared: tuple[SharedPart, ...]
    passes: tuple[Pass, ...]


def optimisation_of(
    derivation: Graph,
    fixed: Callable[[Graph], Graph],
    trace: Trace,
    point: Point,
    operations: Sequence[tuple[str, float]],
) -> Optimisation:
    """What optimisation did.

    Args:
        derivation: value and gradient before it.
        fixed: puts numbers in the place of named dimensions.
        trace: of the function, whose steps have the names.
        point: by name, a number or an array for every input.
        operations: see `Optimisation.operations`.
    """
    graphs, stages = [derivation], list[Callable[[Graph], Graph]]()
    for stage in STAGES:
        after = stage(graphs[-1])
        if (after.nodes, after.outputs) != (graphs[-1].nodes, graphs[-1].outputs):
            graphs.append(after)
            stages.append(stage)
    quantities = _Quantities(trace, point, fixed)
    read = [quantities.of(graph) for graph in graphs]
    passes = [
        Pass(_words(stage), graphs[k].ops, graphs[k + 1].ops, _changed(read[k], read[k + 1]))
        for k, stage in enumerate(stages)
    ]
    told = [one for one in passes if one.before != one.after or one.lines]
    return Optimisation(tuple(operations), tuple(_shared(read[-1])), tuple(told))


def _words(stage: Callable[[Graph], Graph]) -> str:
    """What a pass does: the first sentence that is written at it."""
    text = (stage.__doc__ or stage.__name__.replace("_", " ")).strip().split("\n\n")[0]
    return " ".join(text.split()).partition(". ")[0].rstrip(".")


# --- quantities ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lines:
    """A graph, and by position the name of what a line is, where it has one."""

    graph: Graph
    names: Mapping[int, str]

    def made(self, at: int, atoms: set[str]) -> str:
        """How a line is made of quantities of these names; empty where that is long."""
        is_atom = [
            k != at and (node.op == INPUT or self.names.get(k) in atoms)
            for k, node in enumerate(self.graph.nodes)
        ]
        reads, piece = piece_of(self.graph, at, is_atom)
        return as_written(with_names(piece, [self.names[k] for k in reads]))


class _Quantities:
    """What lines are at a few points, and the names that steps and cotangents give them."""

    def __init__(self, trace: Trace, point: Point, fixed: Callable[[Graph], Graph]) -> None:
        self._fixed = fixed
        self._points = [_elsewhere(point, k) for k in range(len(_POINTS))]
        self._names: dict[Key, str] = {}
        found = [_named_values(trace, each) for each in self._points]
        for name in found[0]:
            key = _key([values[name] for values in found])
            if key is not None:
                self._names.setdefault(key, name)

    def of(self, graph: Graph) -> _Lines | None:
        """The lines of a graph with their names; none where they cannot be computed here."""
        import numpy as np

        graph = self._fixed(graph)
        if len(graph) > MOST_LINES or scan.name in graph.by_op or called_functions(graph.nodes):
            return None
        floats = Interpreter(graph, Floats())
        try:
            values = [floats.lines(point) for point in self._points]
        except np.linalg.LinAlgError:
            return None
        names = {at: graph[at].params[0] for at in graph.inputs}
        outputs = dict(zip(graph.outputs, graph.output_names, strict=True))
        taken = {*names.values()}
        for at, node in enumerate(graph.nodes):
            key = None if node.op == CONSTANT else _key([lines[at] for lines in values])
            name = outputs.get(at, "") if key is None else self._names.get(key, outputs.get(at, ""))
            if at not in names and name and name not in taken:
                names[at] = name
                taken.add(name)
        return _Lines(graph, names)


def _named_values(trace: Trace, point: Point) -> dict[str, Any]:
    """By name, the steps and the cotangents of a function at another point."""
    again = Trace(trace.graph, trace.wrt, point)
    names = {at: str(again.graph[at].params[0]) for at in again.graph.inputs}
    names |= {step.at: step.name for step in again.steps}
    found = {name: again.values[at] for at, name in names.items()}
    cotangents = again.cotangents()
    return found | {f"{names[at]}_bar": one.value for at, one in sorted(cotangents.items())}


def _elsewhere(point: Point, number: int) -> Point:
    """One of the points where lines are compared."""
    import numpy as np

    kept, added = _POINTS[number]
    found = {}
    for k, (name, value) in enumerate(point.items()):
        if np.asarray(value).dtype.kind != "f":
            found[name] = value
            continue
        pattern = np.cos(np.arange(np.size(value)) * 1.7 + 0.9 * k + 2.3 * number)
        pattern = pattern.reshape(np.shape(value))[()]
        scale = np.maximum(np.abs(value), 0.5)
        found[name] = kept * value + added * scale * pattern
    return found


def _key(values: Sequence[Any]) -> Key | None:
    """What a line is at all points; none for what is the same number everywhere, or not finite."""
    import numpy as np

    arrays = [np.asarray(value) for value in values]
    if arrays[0].dtype.kind not in "fc" or not np.all(np.isfinite(arrays[0])):
        return None
    flat = np.concatenate([array.ravel() for array in arrays])
    if flat.size == 0 or np.all(flat == flat[0]):
        return None
    return (arrays[0].shape, *[f"{x:.{_DIGITS - 1}e}" for x in flat])


# --- what changed --------------------------------------------------------------------------------


def _changed(before: _Lines | None, after: _Lines | None) -> tuple[tuple[str, str, str], ...]:
    """The quantities of both that are made otherwise, of those that stay in both."""
    if before is None or after is None:
        return ()
    olds, news = ({name: at for at, name in one.names.items()} for one in (before, after))
    atoms = olds.keys() & news.keys()
    found = []
    for name, at in sorted(news.items(), key=lambda one: one[1]):
        if name in atoms and after.graph[at].args and before.graph[olds[name]].args:
            texts = before.made(olds[name], atoms), after.made(at, atoms)
            if texts[0] != texts[1]:
                found.append((name, *texts))
    return tuple(found)


def _shared(lines: _Lines | None) -> Iterator[SharedPart]:
    """What more than one line reads, a result for one."""
    if lines is None:
        return
    uses = lines.graph.uses()
    atoms = {*lines.names.values()}
    for at, node in enumerate(lines.graph.nodes):
        if node.args and uses[at] > 1:
            yield SharedPart(lines.names.get(at, ""), lines.made(at, atoms), uses[at])


# --- tables --------------------------------------------------------------------------------------


def tables_of(found: Optimisation) -> Iterator[Table]:
    """What optimisation did, for a reader."""
    counts = [
        (how, f"{count:,.0f}" if count < 1e9 else f"{count:.3g}") for how, count in found.operations
    ]
    yield Table("Operations of value and gradient", ("written", "operations"), counts, "lr")
    if found.shared:
        rows = [(one.name, one.formula or "...", str(one.times)) for one in found.shared]
        headings = ("part", "is", "read, times")
        yield Table("Shared: computed once, read several times", headings, rows, "llr")
    for one in found.passes:
        rows = [("operations", str(one.before), str(one.after))]
        rows += [(name, before or "...", after or "...") for name, before, after in one.lines]
        yield Table(f"Optimisation: {one.words}", ("", "before", "after"), rows, "lll")

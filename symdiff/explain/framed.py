"""Picture of a function whose loops stay loops: a frame around one step of each, drawn once.

A box in a loop shows what it is in the first and in the last step; what is carried goes from the
end of a step back to where the next one begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.errors import source_lines
from symdiff.explain.boxes import Arrow, Box, Frame
from symdiff.explain.branches import Path, paths, ways_of
from symdiff.explain.levels import Level, LoopOf
from symdiff.explain.runs import Run
from symdiff.explain.steps import Step, formulas_of, written_formulas
from symdiff.explain.trace import Computing
from symdiff.explain.words import shown
from symdiff.graph.graph import Graph

LONGEST = 60  # letters of a line of the source in a title
TAKEN, NOT_TAKEN = "taken", "not taken"


@dataclass
class Canvas:
    """What is drawn so far.

    Attributes:
        source: the function's text, where the spans of its graph are of that.
        boxes: of all levels.
        arrows: between them.
        frames: around them.
    """

    source: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    computing: Computing = field(default_factory=Computing)

    def line(self, graph: Graph, at: int) -> int:
        """The line of the source that a line of a graph comes from; 0 where that is not known."""
        span = graph.spans.get(at)
        if span is None or span.line:
            return span.line if span else 0
        return self.source[: span.start].count("\n") + 1 if "\n" in self.source else 0

    def text(self, graph: Graph, at: int) -> str:
        """That line itself, short."""
        number, span = self.line(graph, at), graph.spans.get(at)
        lines = source_lines(span.file) if span and span.file else self.source.split("\n")
        text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def drawn(level: Level, run: Run | None, source: str = "") -> Canvas:
    """A function as boxes, arrows and frames.

    Args:
        level: of the function.
        run: at a point; `None` to draw it without numbers.
        source: its text.
    """
    canvas = Canvas(source)
    _Drawing(canvas, level, [] if run is None else [run], "", {}).draw()
    return canvas


class _Drawing:
    """A level on its way onto a canvas.

    Args:
        canvas: takes boxes, arrows and frames.
        level: the level.
        runs: of it, in their order.
        frame: the frame that it stands in.
        outer: by position of an input that has no box here, the key of the box that it is.
    """

    def __init__(
        self,
        canvas: Canvas,
        level: Level,
        runs: Sequence[Run],
        frame: str,
        outer: Mapping[int, str],
        heads: Mapping[int, str] | None = None,
    ) -> None:
        self.canvas, self.level, self.runs, self.frame = canvas, level, runs, frame
        self.ends = [runs[0], runs[-1]] if len(runs) > 1 else list(runs)
        self.heads = heads or {}
        given = {at for loop in level.loops for at in loop.args}
        constant = {s.at for s in level.steps if not s.reads and s.at in given}
        self.steps = [s for s in level.steps if s.at not in constant - {*level.graph.outputs}]
        self.ways = ways_of(level)
        inside = f"{frame}:" if frame else ""
        self.keys = {at: f"{inside}{level.names[at]}" for at in [s.at for s in self.steps]}
        for at in level.graph.inputs:
            before = " before" if level.names[at] in [s.name for s in self.steps] else ""
            self.keys[at] = outer.get(at, f"{inside}{level.names[at]}{before}")
        self.uses = Counter([at for step in level.steps for at in step.reads])
        self.uses.update([at for loop in level.loops for at in {*loop.args}])
        self.own_inputs = [at for at in level.graph.inputs if at not in outer]

    def draw(self) -> None:
        """Frames, boxes and arrows."""
        self._branches()
        results = {at for loop in self.level.loops for at in loop.parts}
        for at in self.own_inputs:
            if at not in results:
                self._box(at, self.heads.get(at, self.level.names[at]), is_input=True)
        formulas = dict(zip([s.at for s in self.steps], formulas_of(self.steps), strict=True))
        for one in self.level.in_order:
            if isinstance(one, LoopOf):
                self._loop(one)
            elif one.at in formulas:
                head, path = f"{one.name} = {formulas[one.at]}", self.ways.get(one.at, ())
                self._box(one.at, head, path, is_input=False)
                self._forward(one)
        self._backward()

    # --- boxes -----------------------------------------------------------------------------------

    def _box(self, at: int, head: str, path: Path = (), *, is_input: bool) -> None:
        name = self.level.names[at]
        rows, slots = [head], [""]
        if values := [run.values[at] for run in self.ends]:
            equation = f"= {_both(values)}"
            is_one = is_input and head == name
            rows = [f"{head} {equation}"] if is_one else [head, equation]
            slots = [*[""] * (not is_one), f"value:{name}"]
        if bars := [run.cotangents[at].value for run in self.ends if at in run.cotangents]:
            rows.append(f"{name}_bar = {_both(bars)}")
            slots.append(f"bar:{name}")
        box = Box(
            self.keys[at],
            tuple(rows),
            is_input=is_input,
            is_shared=self.uses[at] > 1,
            line=0 if is_input else self.canvas.line(self.level.graph, at),
            slots=tuple(slots),
            frame=self._frame(path),
        )
        self.canvas.boxes.append(box)

    def _forward(self, step: Step) -> None:
        local: dict[int, list[Any]] = {}
        if step.is_elementwise:
            for run in self.ends:
                found = self.canvas.computing.local_derivatives(step, run.values)
                for k, value in zip(step.varied, found, strict=True):
                    local.setdefault(k, []).append(value)
        for k, at in enumerate(step.reads):
            if at in self.keys:
                name = self.level.names[at]
                label = f"d{step.name}/d{name} = {_short(local[k])}" if k in local else ""
                slot = f"local:{step.name}:{name}"
                self._arrow(self.keys[at], self.keys[step.at], label, slot=slot)

    def _arrow(
        self,
        start: str,
        end: str,
        label: str = "",
        *,
        back: bool = False,
        returns: bool = False,
        slot: str = "",
    ) -> None:
        self.canvas.arrows.append(Arrow(start, end, label, back, slot, returns))

    def _backward(self) -> None:
        """What each step gives to the cotangents of what it reads."""
        parts: dict[tuple[int, int, int], list[Any]] = {}
        for run in self.ends:
            for at, carried in run.cotangents.items():
                for number, part in enumerate(carried.parts):
                    parts.setdefault((at, part.step.at, number), []).append(part.value)
        for (at, by, number), values in sorted(parts.items(), reverse=True, key=lambda one: one[0]):
            if at in self.keys:
                slot = f"part:{self.level.names[at]}:{number}"
                self._arrow(self.keys[by], self.keys[at], _short(values), back=True, slot=slot)

    # --- branches --------------------------------------------------------------------------------

    def _frame(self, path: Path) -> str:
        """The key of the frame that such a way has."""
        if not path:
            return self.frame
        condition, is_first = path[-1]
        own = f"{self.level.names[condition]} is {is_first}"
        return f"{self._frame(path[:-1])}/{own}"

    def _branches(self) -> None:
        formulas = {s.at: s.formula for s in self.level.steps}
        shown_steps = {step.at for step in self.steps}
        inside = {at: path for at, path in self.ways.items() if at in shown_steps}
        for path in paths(inside):
            condition, is_first = path[-1]
            text = formulas.get(condition, "") or self.level.names[condition]
            title = f"where {text}" if is_first else f"else, where not {text}"
            told, is_taken = self._taken(condition, is_first=is_first)
            rows = (title, told) if told else (title,)
            is_one = told in (TAKEN, NOT_TAKEN)
            slot = f"value:{self.level.names[condition]}" if is_one else ""
            keys = self._frame(path), self._frame(path[:-1])
            frame = Frame(keys[0], rows, "", keys[1], is_taken, slot, is_first)
            self.canvas.frames.append(frame)

    def _taken(self, condition: int, *, is_first: bool) -> tuple[str, bool]:
        """How often a way is taken, and whether it is."""
        import numpy as np

        truths = [run.values[condition] for run in self.runs]
        if not truths:
            return "", True
        total = sum([int(np.size(truth)) for truth in truths])
        held = sum([int(np.count_nonzero(truth)) for truth in truths])
        count = held if is_first else total - held
        if total == 1:
            return (TAKEN if count else NOT_TAKEN), bool(count)
        what = "elements" if np.ndim(truths[0]) else "steps"
        return f"taken for {count} of {total} {what}", bool(count)

    # --- loops -----------------------------------------------------------------------------------

    def _loop(self, loop: LoopOf) -> None:
        layout, body = loop.layout, loop.body
        around = self._frame(self.ways.get(loop.at, ()))
        key = f"{around}/loop {loop.at}" if around else f"loop {loop.at}"
        inner = [one for run in self.runs for one in run.inner[loop.at]]
        heads, outer = dict[int, str](), dict[int, str]()
        for number, at in enumerate(loop.args):
            own = body.graph.inputs[number]
            if layout.is_carry(number):
                heads[own] = f"{body.names[own]} before the step"
            elif number >= layout.first_slice:
                heads[own] = f"{body.names[own]} of each step"
            elif at in self.keys:
                outer[own] = self.keys[at]
        within = _Drawing(self.canvas, body, inner, key, outer, heads)
        self.canvas.frames.append(self._loop_frame(loop, key, around, within))
        within.draw()
        self._given(loop, within)
        self._returned(loop, within)
        self._results(loop, within)

    def _loop_frame(self, loop: LoopOf, key: str, around: str, within: _Drawing) -> Frame:
        layout, body = loop.layout, loop.body
        text = self.canvas.text(self.level.graph, loop.at)
        number = self.canvas.line(self.level.graph, loop.at)
        rows = [f"line {number}: {text}" if text else "loop"]
        counts = [len(run.inner[loop.at]) for run in self.runs]
        steps = _counted(counts) if counts else f"{layout.length} steps"
        if layout.test is not None:
            condition = written_formulas(layout.test)[0] or "its test"
            rows.append(f"while {condition} holds: {steps} at this point")
        else:
            rows.append(f"{steps}; numbers are those of the first and the last")
        names = [body.names[at] for at in body.graph.inputs]
        carried = names[layout.first_carry : layout.first_slice]
        slices = names[layout.first_slice : len(loop.args)]
        told = [f"carried: {', '.join(carried)}"] * bool(carried)
        rows.append("; ".join([*told, *[f"of each step: {', '.join(slices)}"] * bool(slices)]))
        reached = {at for run in within.runs for at in run.cotangents}
        bars = {n for n, at in enumerate(body.graph.inputs) if at in reached}
        back = [f"{names[n]}_bar" for n in sorted(bars) if layout.is_carry(n)]
        summed = [f"{names[n]}_bar" for n in sorted(bars) if n < layout.first_carry]
        told = [f"{', '.join(back)} carried"] * bool(back)
        told += [f"{', '.join(summed)} summed over steps"] * bool(summed)
        ways = f"backward, from the last step: {'; '.join(told)}" if told else ""
        return Frame(key, tuple(rows), ways, around, not counts or any(counts))

    def _given(self, loop: LoopOf, within: _Drawing) -> None:
        """Arrows from what a loop starts with, and from arrays that it takes step by step."""
        layout = loop.layout
        for number, at in enumerate(loop.args):
            if number < layout.first_carry or at not in self.keys:
                continue
            own = loop.body.graph.inputs[number]
            start, end = self.keys[at], within.keys[own]
            self._arrow(start, end, "first step" if layout.is_carry(number) else "")
            firsts = [runs[0] for run in self.ends if (runs := run.inner[loop.at])]
            bars = [run.cotangents[own].value for run in firsts if own in run.cotangents]
            if bars:
                label = _short(bars) if layout.is_carry(number) else ""
                self._arrow(end, start, label, back=True)

    def _returned(self, loop: LoopOf, within: _Drawing) -> None:
        """Arrows from the end of a step to the begin of the next one."""
        layout, graph = loop.layout, loop.body.graph
        for number in range(layout.carries):
            begin = graph.inputs[layout.first_carry + number]
            start, end = within.keys[graph.outputs[number]], within.keys[begin]
            if start == end:
                continue
            self._arrow(start, end, "next step", returns=True)
            if any(begin in run.cotangents for run in within.runs[1:]):
                self._arrow(end, start, "step before", back=True, returns=True)

    def _results(self, loop: LoopOf, within: _Drawing) -> None:
        for at, number in loop.parts.items():
            is_last = number < loop.layout.carries
            head = f"{self.level.names[at]} {'after the loop' if is_last else 'of all steps'}"
            self._box(at, head, self.ways.get(loop.at, ()), is_input=True)
            line = loop.body.graph.outputs[number]
            start, end = within.keys[line], self.keys[at]
            self._arrow(start, end, "last step" if is_last else "")
            bars = [run.cotangents[at].value for run in self.ends if at in run.cotangents]
            if bars and within.runs:
                self._arrow(end, start, _short(bars) if is_last else "", back=True)


def _both(values: Sequence[Any]) -> str:
    """A value, or the first and the last one."""
    return " .. ".join(dict.fromkeys(map(str, map(shown, values))))


def _short(values: Sequence[Any]) -> str:
    """The same for a label, whose numbers are short where there are two."""
    import numpy as np

    if len({*map(str, map(shown, values))}) == 1 or any(np.ndim(value) for value in values):
        return _both(values)
    return " .. ".join([f"{value:.3g}" for value in values])


def _counted(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    several = f"{least} to {most}" if least < most else f"{least}"
    return f"{several} step{'s' * (most != 1)}"

"""Runs of levels at a point: a body has one for each step of its loop, forward and backward."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.errors import LimitError
from symdiff.explain.levels import Level, LoopOf
from symdiff.explain.steps import MOST_STEPS, Step
from symdiff.explain.trace import Carried, Computing
from symdiff.ops.loops import Layout
from symdiff.verify.libraries import Floats


@dataclass
class Run:
    """A level at a point.

    Attributes:
        values: by position of an input, of a result of a loop, and of a step.
        inner: by position of a loop, the runs of its body, in the order in which they are done.
        cotangents: by position of a line that the derivative goes through.
    """

    values: dict[int, Any]
    inner: dict[int, list[Run]] = field(default_factory=dict)
    cotangents: dict[int, Carried] = field(default_factory=dict)


class Runner:
    """What runs levels, forward and then backward."""

    def __init__(self) -> None:
        self._computing = Computing()
        self._floats = Floats()
        self._done = 0

    def forward(self, level: Level, given: Sequence[Any]) -> Run:
        """The values of a level, from those of its inputs.

        Raises:
            LimitError: where that are more steps than are explained.
            SymdiffError: where a step has no value, as the inverse of a singular matrix.
        """
        pairs = zip(level.graph.inputs, given, strict=False)  # results of loops come later
        run = Run({at: self._floats.given(level.graph[at], value) for at, value in pairs})
        for one in level.in_order:
            self._done += 1
            if self._done > MOST_STEPS:
                raise LimitError(f"loops of more than {MOST_STEPS:,} steps are not explained")
            if isinstance(one, Step):
                run.values[one.at] = self._computing.value(one, run.values)
            else:
                run.inner[one.at] = self._looped(one, [run.values[at] for at in one.args])
                run.values |= self._results(one, run)
        return run

    def _looped(self, loop: LoopOf, given: Sequence[Any]) -> list[Run]:
        layout, done = loop.layout, list[Run]()
        constants, slices = given[: layout.first_carry], given[layout.first_slice :]
        carried = list(given[layout.first_carry : layout.first_slice])
        outputs = loop.body.graph.outputs[: layout.carries]
        for number in _numbers(layout):
            if loop.test is not None and not _holds(loop, [*constants, *carried]):
                break
            of_step = [*constants, *carried, *[array[number] for array in slices]]
            done.append(self.forward(loop.body, of_step))
            carried = [done[-1].values[at] for at in outputs]
        return done

    def _results(self, loop: LoopOf, run: Run) -> dict[int, Any]:
        import numpy as np

        layout, done, found = loop.layout, run.inner[loop.at], dict[int, Any]()
        for at, number in loop.parts.items():
            line = loop.body.graph.outputs[number]
            if number >= layout.carries:
                rows = [one.values[line] for one in done[:: layout.direction]]
                found[at] = np.stack(rows) if rows else np.zeros((0, *loop.body.graph[line].shape))
            elif done:
                found[at] = done[-1].values[line]
            else:
                found[at] = run.values[loop.args[layout.first_carry + number]]
        return found

    def backward(self, level: Level, run: Run, seeds: dict[int, Carried]) -> None:
        """Fill in the cotangents of a run, from those of some of its lines."""
        run.cotangents = seeds
        for one in reversed(level.in_order):
            if isinstance(one, Step):
                self._computing.pull(one, run.values, run.cotangents)
            else:
                self._back(one, run)

    def _back(self, loop: LoopOf, run: Run) -> None:
        """From the results of a loop to what it is given, by its steps from the last one."""
        import numpy as np

        layout, body, done = loop.layout, loop.body, run.inner[loop.at]
        found = {n: run.cotangents[at] for at, n in loop.parts.items() if at in run.cotangents}
        carried = {n: one for n, one in found.items() if n < layout.carries}
        rows: dict[int, list[Carried | None]] = {}
        for step, one in reversed(list(enumerate(done))):
            number = step if layout.direction > 0 else len(done) - 1 - step
            seeds: dict[int, Carried] = {}
            for n, line in enumerate(body.graph.outputs):
                if n < layout.carries and n in carried:
                    _add(seeds, line, carried[n].value, carried[n].counts)
                elif n >= layout.carries and n in found:
                    whole = found[n]
                    counts = np.broadcast_to(whole.counts, np.shape(whole.value))
                    _add(seeds, line, whole.value[number], counts[number])
            self.backward(body, one, seeds)
            carried = {}
            for n, at in enumerate(body.graph.inputs[: len(loop.args)]):
                given = one.cotangents.get(at)
                if layout.is_carry(n) and given is not None:
                    carried[n - layout.first_carry] = given
                elif n >= layout.first_slice:
                    rows.setdefault(n, [None] * len(done))[number] = given
                elif given is not None:
                    _add(run.cotangents, loop.args[n], given.value, given.counts)
        for n, given in carried.items():
            _add(run.cotangents, loop.args[layout.first_carry + n], given.value, given.counts)
        for n, parts in rows.items():
            if any(part is not None for part in parts):
                array = run.values[loop.args[n]]
                value, counts = np.zeros_like(array), np.zeros(np.shape(array), bool)
                for number, part in enumerate(parts):
                    if part is not None:
                        value[number], counts[number] = part.value, part.counts
                _add(run.cotangents, loop.args[n], value, counts)


def _numbers(layout: Layout) -> Iterable[int]:
    """The number of each step; without end where a test ends the loop."""
    if layout.test is not None:
        return itertools.count()
    assert isinstance(layout.length, int)  # named ones are numbers by now
    return range(layout.length)[:: layout.direction]


def _holds(loop: LoopOf, given: Sequence[Any]) -> bool:
    """Whether there is another step."""
    assert loop.test is not None
    names = loop.test.graph.input_names
    return bool(loop.test.outputs(dict(zip(names, given, strict=True)))[0])


def _add(found: dict[int, Carried], at: int, value: Any, counts: Any) -> None:
    import numpy as np

    found.setdefault(at, Carried(np.zeros_like(value)[()], np.False_)).plus(value, counts)


def run_at(level: Level, given: Sequence[Any], wrt: Iterable[int]) -> Run:
    """A function at a point, forward and backward.

    Args:
        level: of the function, with one output.
        given: the values of its inputs.
        wrt: positions of the inputs that it is differentiated by.

    Raises:
        LimitError: where that are more steps than are explained.
        SymdiffError: where a step has no value, as the inverse of a singular matrix.
    """
    import numpy as np

    runner = Runner()
    run = runner.forward(level, given)
    (output,) = level.graph.outputs
    runner.backward(level, run, {output: Carried(np.float64(1.0), np.True_)})
    for at in wrt:
        run.cotangents.setdefault(at, Carried(np.zeros_like(run.values[at])[()], np.False_))
    return run

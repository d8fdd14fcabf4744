"""Runs: parts of a sequence of lines along which all indices go on by the same steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from symdiff.optimize.like_terms.steps import Step, Steps

_MOST_IN_TURN = 4  # forms that take turns: a sum of a[k] + b[k] has two


class Term(NamedTuple):
    """A line, and whether it is subtracted."""

    line: int
    is_negative: bool = False


class Run(NamedTuple):
    """A part of a sequence: columns of like lines that take turns.

    Attributes:
        start: the index of its first line in the sequence.
        columns: the lines of each form, in their order, all equally many.
        are_negative: for each column, whether its lines are subtracted.
    """

    start: int
    columns: tuple[tuple[int, ...], ...]
    are_negative: tuple[bool, ...]

    @property
    def end(self) -> int:
        """The index behind its last line."""
        return self.start + len(self.columns) * len(self.columns[0])


def runs_of(steps: Steps, terms: Sequence[Term], least: int) -> list[Run]:
    """The runs in a sequence, of at least so many lines of each form. Linear in its length."""
    found, start = [], 0
    while start + least <= len(terms):
        run = _run_from(steps, terms, start, least)
        if run is not None:
            found.append(run)
        start = start + 1 if run is None else run.end
    return found


def _run_from(steps: Steps, terms: Sequence[Term], start: int, least: int) -> Run | None:
    """The run that starts here, of as few forms as there are."""
    for period in range(1, _MOST_IN_TURN + 1):
        end = start + period * least
        if end > len(terms):
            return None
        if len({steps.forms[term.line] for term in terms[start:end:period]}) > 1:
            continue
        count = _count(steps, terms, start, period)
        if count >= least:
            columns = tuple(
                tuple([terms[start + phase + k * period].line for k in range(count)])
                for phase in range(period)
            )
            signs = tuple(terms[start + phase].is_negative for phase in range(period))
            return Run(start, columns, signs)
    return None


def _count(steps: Steps, terms: Sequence[Term], start: int, period: int) -> int:
    """How many lines of each form follow each other with the same steps; 0 where none moves."""
    first: list[Step] = []
    at = start
    while at + period < len(terms):
        one, other = terms[at], terms[at + period]
        is_like = steps.forms[one.line] == steps.forms[other.line]
        if not is_like or one.is_negative != other.is_negative:
            break
        step = steps.between(one.line, other.line)
        if len(first) < period:
            first.append(step)
        elif step != first[(at - start) % period]:
            break
        at += 1
    if not any(map(steps.moves, first)):
        return 0
    return (at - start) // period + 1

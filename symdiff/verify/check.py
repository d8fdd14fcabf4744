"""Checks of a compiled derivative against others that are made without its rules.

The reference is the primal graph in many digits and its difference quotients. An entry is one
number of one input; of a large array a random few are looked at.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any  # mpmath's numbers have no types

from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.optimize.inline import inline_own
from symdiff.progress import Progress, told
from symdiff.verify.interpret import work
from symdiff.verify.points import Beside, Drawing, Point, given_point, nothing, small_lengths
from symdiff.verify.report import CheckReport, Tally
from symdiff.verify.slopes import Computed, slopes_of
from symdiff.verify.subject import EVALUATIONS, Subject, Subjects, ValueAndGrad
from symdiff.verify.trial import COMPLEX, DIFFERENCES, REFERENCE, VALUE, Tallies, Trial, compare_at
from symdiff.verify.unroll import Unrolled

MOST_WORK = 200_000  # evaluated elements: a large graph is tried at fewer points, by fewer inputs
MOST_ENTRIES = 20  # of an input, at a point
ENOUGH_POINTS = 6  # for arrays: then more entries are looked at


def check(
    graph: Graph,
    wrt: Sequence[str],
    value_and_grad: ValueAndGrad,
    at: Mapping[str, Any] | None = None,  # numbers, or arrays
    samples: int = 20,
    seed: int = 0,
    progress: Progress | None = None,
    beside: Beside = nothing,
    order: int = 1,
    *,
    raises: bool = False,
) -> CheckReport:
    """Compare a value and gradient with 50 digits, differences and the complex step.

    Tolerances are derived: the reference is evaluated again with every operation off by its
    rounding error, and what that moves, times the operations of a gradient, is allowed. At a kink
    the derivative must lie between those from below and from above. A pole and the edge of the
    domain are named and fail nothing; so does a value that overflows as it is written.

    Args:
        graph: the primal graph; its first output counts.
        wrt: the inputs that the gradient is by.
        value_and_grad: takes the inputs in the graph's order, returns the value, `None` for one
            that is not compared, and the gradient, a tuple in the order of `wrt`, or one entry
            for a single one.
        at: the one point to look at; default random and boundary points, named dimensions small.
        samples: how many random points; fewer for a large graph.
        seed: of the random points, and of the choice among many inputs and entries.
        progress: called after each point; default a bar in a notebook.
        beside: draws inputs whose boundaries do not matter.
        order: 2 where the graph is of a gradient: a derivative of it is NaN where some other one
            does not exist.
        raises: whether the callable may raise where IEEE has an infinity or no number: nothing is
            compared there.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    whole, point = prepared(graph, at)
    seed %= 2**32  # NumPy takes no negative ones
    subjects = Subjects(whole, tuple(wrt), value_and_grad, seed, beside, order, raises=raises)
    subject = subjects.first(samples) if point is None else subjects.at(point)
    chosen = _chosen(subject.graph, wrt, seed)
    tallies = _tallies(subject, chosen)
    budget = MOST_WORK // (EVALUATIONS * work(subject.graph) * max(1, len(chosen)))
    most = _most_points(subject, budget)
    points = [point] if point is not None else _points(subjects, subject, samples, most)
    entries = max(1, min(MOST_ENTRIES, budget // max(1, len(points))))
    with told("points checked", progress) as tell:
        for number, given in enumerate(points, start=1):
            draw = random.Random(seed + number)
            compare_at(Trial(subjects.at(given), given), chosen, tallies, entries, draw)
            tell(number, len(points))
    rows = [tally.row(*key) for key, tally in tallies.items() if tally.is_asked or key != VALUE]
    if len(chosen) < len(wrt):
        name = f"{len(wrt) - len(chosen)} more inputs"
        rows.append(Tally("the formula is large").row(name, "nothing"))
    return CheckReport(tuple(rows))


def check_derivative(
    computed: Computed,
    at: Mapping[str, Any] | None = None,
    samples: int = 20,
    seed: int = 0,
    progress: Progress | None = None,
) -> CheckReport:
    """Compare what a verb computes, as a gradient is compared.

    A second derivative is held to the differences of the gradient, which is held to those of the
    function by `check`. Of a matrix the rows are compared together, with random weights.

    Args:
        computed: the derivative, and what computes it.
        at: the one point to look at: a number or an array for each input of a call.
        samples: as of `check`, and the others.
        seed: likewise.
        progress: likewise.

    Raises:
        SymdiffError: as of `check`.
        UnsupportedError: where an operation has no derivative or no batch rule.
    """
    slopes, verb = slopes_of(computed), computed.verb
    point = None if at is None else slopes.whole(at, seed % 2**32)
    others = slopes.beside(seed)
    report = check(
        slopes.graph,
        slopes.wrt,
        slopes.call,
        point,
        samples,
        seed,
        progress,
        others,
        verb.order,
        raises=computed.raises,
    )
    if verb.order == 1 or slopes.step:
        return report
    rows = [replace(row, name=f"{verb.name} by {row.name}") for row in report.rows]
    return CheckReport(tuple(rows))


def prepared(graph: Graph, at: Mapping[str, Any] | None) -> tuple[Unrolled, Point | None]:
    """The function of the first output without named dimensions and loops, and the point if given.

    Raises:
        SymdiffError: where `at` lacks an input, or an array does not fit.
    """
    graph = inline_own(graph.select([0]))
    graph = pruned(graph)
    if at is None:
        return Unrolled(graph, small_lengths(graph)), None
    lengths, point = given_point(graph.named_inputs, at)
    return Unrolled(graph, lengths), point


# --- how much is tried ----------------------------------------------------------------------------


def _chosen(graph: Graph, wrt: Sequence[str], seed: int) -> tuple[str, ...]:
    """The inputs whose derivatives are checked: all, or a random few of a large graph's many."""
    most = max(1, MOST_WORK // (EVALUATIONS * work(graph)))
    if len(wrt) <= most:
        return tuple(wrt)
    picked = set(random.Random(seed).sample(range(len(wrt)), most))
    return tuple(name for index, name in enumerate(wrt) if index in picked)


def _tallies(subject: Subject, chosen: Sequence[str]) -> Tallies:
    tallies = {(name, REFERENCE): Tally(subject.without_reference) for name in ("value", *chosen)}
    for name in chosen:
        tallies[name, DIFFERENCES] = Tally(subject.without_differences)
        tallies[name, COMPLEX] = Tally(subject.without_complex(name))
    return tallies


def _most_points(subject: Subject, budget: int) -> int:
    """How many points: many for numbers, for arrays enough to look at more entries of each."""
    wanted = max([min(MOST_ENTRIES, math.prod(subject.shape(name))) for name in subject.wrt] + [1])
    return max(1, min(budget, max(ENOUGH_POINTS, budget // wanted)))


def _points(subjects: Subjects, subject: Subject, samples: int, most: int) -> list[Point]:
    drawing = Drawing(subject.graph, subject.seed, subjects.beside)
    drawn = min(samples, max(1, 2 * most // 3))
    found = subjects.with_a_value(drawing.random(samples), drawn)
    if subject.without_reference:
        return found  # differences alone do not tell overflow from a wrong rule
    around = found[0] if found else next(drawing.random(1))
    return found + subjects.with_a_value(drawing.boundaries(around), most - len(found))

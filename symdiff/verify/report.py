"""Reports of checks: what each method says of each input, at the worst point of all."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any  # mpmath's numbers have no types

from symdiff.errors import UnsupportedError
from symdiff.verify.plots import Plot, plot_step_errors
from symdiff.verify.reference import Kind
from symdiff.verify.table import (
    PLAIN,
    WIDTH,
    Screen,
    Table,
    folded,
    html_of,
    name_cell,
    place,
    short,
    text_of,
)

if TYPE_CHECKING:
    from symdiff.verify.step_errors import StepErrors

LAST_ULPS = 8.0  # roundings of the result itself
SMALLEST = 2.3e-308  # below, floats lose digits
ILL_CONDITIONED = "too ill-conditioned"
CANCELLATION = 1e3  # ulps by which a correct program may be off, from which we speak of it


@dataclass(frozen=True)
class Place:
    """Where something was compared.

    Attributes:
        label: what was looked at there: an input, or an entry of one.
        point: names and numbers to find it again.
        trouble: what goes wrong inside of the value as written there; empty if nothing does.
        kinks: how many operations of the function have one.
    """

    label: str
    point: Mapping[str, float]
    trouble: str
    kinks: int


@dataclass(frozen=True)
class CheckRow:
    """What one method says about one input's derivative.

    Attributes:
        name: the input, or the worst entry of it, or `value` for the function itself.
        method: what it was compared with.
        points: at how many points the method gave an answer, and was compared.
        tried: how many points it was asked at.
        absolute, relative, ulps: the error at the worst point; NaN where none was compared.
        worst: the worst point, where it was compared at one.
        verdict: `agrees`, `disagrees`, or why nothing was compared.
        cause: what the error, or the omission of points, comes from.
    """

    name: str
    method: str
    points: int
    tried: int
    absolute: float
    relative: float
    ulps: float
    worst: tuple[tuple[str, float], ...]
    verdict: str
    cause: str

    @property
    def note(self) -> str:
        """What there is to say beside the numbers."""
        where = "" if self.ok or not self.worst else f", at {place(self.worst)}"
        what = "" if self.ok else "disagrees: "
        return f"{self.name} against {self.method}: {what}{self.cause}{where}"

    @property
    def ok(self) -> bool:
        """Whether nothing disagrees."""
        return self.verdict != "disagrees"


@dataclass(frozen=True)
class CheckReport:
    """The rows of a check. Its text is an aligned table, and notes on its rows under it.

    Attributes:
        rows: what each method says of each input.
        errors: computes the errors of differences over their step; `None` where there is no
            gradient.
    """

    rows: tuple[CheckRow, ...]
    errors: Callable[[], Sequence[StepErrors]] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def ok(self) -> bool:
        """Whether something was compared and nothing disagrees."""
        looked = any(row.points or row.verdict == Kind.SINGULAR.value for row in self.rows)
        return looked and all(row.ok for row in self.rows)

    def plot(self) -> Plot:
        """Draw the error of differences, by the first input, over their step.

        Raises:
            UnsupportedError: where Matplotlib is not installed; where the derivative is not known
                in many digits.
        """
        found = self.errors() if self.errors else ()
        if not found:
            raise UnsupportedError(
                "no error is plotted: the derivative is not known in many digits",
                suggestion="plot the check of a gradient, at a point where it is smooth",
            )
        return plot_step_errors(found[0])

    def __str__(self) -> str:
        return self.text()

    def text(self, screen: Screen = PLAIN) -> str:
        """The table and the notes, for a screen."""
        own = Screen(min(screen.width or WIDTH, WIDTH), screen.is_styled)
        return "\n".join([text_of(self._table, own), *self._notes(screen.width)])

    def _repr_html_(self) -> str:
        notes = html.escape("\n".join(self._notes()))
        return html_of(self._table) + f"<pre>{notes}</pre>" * bool(notes)

    @property
    def _table(self) -> Table:
        errors = ("absolute", "relative", "ulp")
        headings = ("", "against", "points", *errors, "verdict", "worst at")
        cells: list[Sequence[str]] = [
            (
                name_cell(row.name),
                row.method,
                f"{row.points} of {row.tried}",
                short(row.absolute),
                short(row.relative),
                short(row.ulps),
                row.verdict,
                place(row.worst),
            )
            for row in self.rows
        ]
        return Table("", headings, cells, "llrrrrll", longest=WIDTH)

    def _notes(self, width: int | None = None) -> list[str]:
        return [line for row in self.rows if row.cause for line in folded(row.note, width)]


@dataclass
class Tally:
    """The points of one row.

    Attributes:
        obstacle: why the method cannot be used at all; empty where it can.
        points: how many were compared.
        severity: the largest error, in tolerances.
        skipped: by reason, how many points were not compared.
    """

    obstacle: str = ""
    points: int = 0
    severity: float = -1.0
    skipped: dict[str, int] = field(default_factory=dict)
    _absolute: float = math.nan
    _relative: float = math.nan
    _ulps: float = math.nan
    _label: str = ""
    _worst: tuple[tuple[str, float], ...] = ()
    _cause: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.obstacle or self.points or self.skipped)

    def skip(self, reason: str) -> None:
        """A point that cannot be compared."""
        if not self.obstacle:
            self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def add(
        self,
        at: Place,
        given: float,
        exact: Any,
        tolerance: float,
        cause: str = "",
        own: float = 0.0,
    ) -> None:
        """A point that was compared; kept where it is the worst so far.

        Args:
            at: where.
            given: the compiled number.
            exact: the method's.
            tolerance: how far rounding may have moved the compiled one.
            cause: of an error, where it is known.
            own: the method's own error.
        """
        size = abs(float(exact))
        ulp = math.ulp(size) if math.isfinite(size) else math.inf
        error = distance(given, exact)
        allowed = tolerance + own + LAST_ULPS * ulp + SMALLEST
        if at.trouble and not error <= allowed:
            self.skip(at.trouble)
            return
        if error <= allowed and tolerance > size > 0.0:
            self.skip(ILL_CONDITIONED)  # rounding may move all digits: that it agrees says nothing
            return
        self.points += 1
        severity = error / allowed if error == error else math.inf
        if severity > self.severity:
            self.severity = severity
            self._absolute = error
            self._relative = error / size if size else (0.0 if error == 0.0 else math.inf)
            self._ulps = error / ulp
            self._label = at.label
            self._worst = tuple(at.point.items())
            is_lossy = tolerance > CANCELLATION * ulp
            self._cause = cause or ("cancellation" if is_lossy else "rule")
            if given != given:
                self._cause = "rule gives NaN"

    def add_beside(self, at: Place, given: float, nearest: Any, tolerance: float) -> None:
        """A point at a kink: where several meet, conventions may lead outside of the two slopes."""
        off = distance(given, nearest)
        if tolerance < off < math.inf and at.kinks > 1:
            self.skip("several kinks meet")
        else:
            self.add(at, given, nearest, tolerance, "kink")

    def row(self, name: str, method: str) -> CheckRow:
        """The finished row, under the name of the worst entry of an array."""
        verdict, cause = self._verdict()
        numbers = (self._absolute, self._relative, self._ulps)
        tried = self.points + sum(self.skipped.values())
        return CheckRow(
            self._label or name, method, self.points, tried, *numbers, self._worst, verdict, cause
        )

    def _verdict(self) -> tuple[str, str]:
        if self.obstacle:
            return "not compared", self.obstacle
        remarks = [f"{reason} at {count}" for reason, count in self.skipped.items()]
        if self._cause == "kink" or (self._cause == "cancellation" and self._ulps > LAST_ULPS):
            remarks.insert(0, self._cause)
        reasons = ", ".join(remarks)
        if not self.points:
            is_singular = Kind.SINGULAR.value in self.skipped
            return (Kind.SINGULAR.value if is_singular else "not compared"), reasons
        if self.severity > 1.0:
            return "disagrees", self._cause
        return "agrees", reasons


def distance(given: float, exact: Any) -> float:
    """|given - exact|, in the digits of the exact one; 0 for two equal infinities."""
    if given == exact:
        return 0.0
    if not math.isfinite(given):
        return math.inf if given == given else math.nan
    return float(abs(exact - given))

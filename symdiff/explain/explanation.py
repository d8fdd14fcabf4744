"""Explanation, the chain rule on one function at one point: steps, and what they carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.emit.write import write_whole
from symdiff.errors import SymdiffError
from symdiff.explain.rewriting import Optimisation, tables_of
from symdiff.explain.tables import FORMS, text_form
from symdiff.explain.words import Formula, equation, partial, shown
from symdiff.explain.words import name as named
from symdiff.graph.node import COMPLEX
from symdiff.verify.table import PLAIN, Screen, Table, folded

BRIEF, FULL = "brief", "full"


@dataclass(frozen=True)
class LocalDerivative:
    """The derivative of a step by a line that it reads, of each element at the same place.

    Attributes:
        by: the line.
        formula: empty where it would be long.
        value: at the point.
    """

    by: str
    formula: str
    value: Any


@dataclass(frozen=True)
class ExplainedStep:
    """A step forward.

    Attributes:
        name: of the step.
        formula: what it is made of.
        reads: the inputs and steps that stand in the formula.
        line: of the source; 0 where that has one line, or it is not known.
        value: at the point.
        derivatives: by each line that it varies with; none where elements depend on others.
        notes: which way was taken, and which convention acts.
    """

    name: str
    formula: str
    reads: tuple[str, ...]
    line: int
    value: Any
    derivatives: tuple[LocalDerivative, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Summand:
    """What one step gives to a cotangent, or one line to a tangent.

    Attributes:
        source: the step, or the line, that gives it; empty where several do.
        formula: in names of cotangents, tangents, steps and local derivatives.
        numbers: the formula with numbers for its names, where it is a product of such.
        value: at the point.
    """

    source: str
    formula: str
    numbers: str
    value: Any


@dataclass(frozen=True)
class CarriedLine:
    """A cotangent or a tangent.

    Attributes:
        name: `x_bar` or `x_dot`.
        summands: what it is the sum of; none where it is where the walk begins.
        value: at the point.
    """

    name: str
    summands: tuple[Summand, ...]
    value: Any


@dataclass(frozen=True)
class Result:
    """A derivative as the emitted module computes it, beside what it should be.

    Attributes:
        lines: the output, and the input that it is differentiated by.
        value: what the module gives.
        differences: the largest distance from finite differences; `None` where none are sure.
        exact: the largest distance from the derivative in 50 digits; `None` where that is unknown.
    """

    lines: tuple[str, str]
    value: Any
    differences: float | None
    exact: float | None

    @property
    def name(self) -> str:
        """Such as df/dx."""
        return partial(*self.lines)


@dataclass(frozen=True)
class Walk:
    """One walk over the steps: backward with cotangents, or forward with tangents.

    Attributes:
        title: what it is.
        lines: in the order of the walk.
    """

    title: str
    lines: tuple[CarriedLine, ...]


@dataclass(frozen=True)
class Views:
    """What draws an explanation, and what is only made when it is asked for.

    Attributes:
        results: see `Explanation.results`.
        optimisation: see `Explanation.optimisation`.
        page: the text of a page.
        picture: the graph.
    """

    results: Callable[[], Iterable[Result]]
    optimisation: Callable[[], Optimisation]
    page: Callable[[Explanation], str]
    picture: Callable[[], Any]


@dataclass(frozen=True)
class Explanation:
    """The chain rule on a function at a point. Its text is made of aligned tables.

    Attributes:
        source: the function's text, or its name.
        at: by name of an input, its value.
        steps: forward, in their order.
        walks: one backward, or one forward for each input.
        notes: what there is to say beside the numbers.
        views: what draws it.
    """

    source: str
    at: Mapping[str, Any]
    steps: tuple[ExplainedStep, ...]
    walks: tuple[Walk, ...]
    notes: tuple[str, ...]
    views: Views = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text()

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The derivatives beside differences and 50 digits, which are computed when it is read."""
        return tuple(self.views.results())

    @cached_property
    def optimisation(self) -> Optimisation:
        """What optimisation shared and rewrote, pass by pass."""
        return self.views.optimisation()

    def html(self) -> str:
        """One page that needs no network: players of the steps, the graph, sliders, plots.

        Raises:
            LimitError: where there are more steps than a page can show.
        """
        return self.views.page(self)

    def write(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all.

        Raises:
            LimitError: where there are more steps than a page can show.
            SymdiffError: where it cannot be written.
        """
        write_whole(Path(path), self.html())
        return Path(path)

    def picture(self) -> Any:
        """The graph as a picture, which notebooks show: a `symdiff.explain.picture.Picture`."""
        return self.views.picture()

    def _repr_html_(self) -> str:
        return self.text(form="html")

    def text(self, *, level: str = "", form: str = "text", screen: Screen = PLAIN) -> str:
        """The explanation for a reader.

        Args:
            level: `brief` for the walks and the results alone, `full` for every step of many and
                for what optimisation did.
            form: `text`, `markdown`, `latex`, whose formulas need the package amsmath, or `html`.
            screen: what `text` is read on: cells are cut, and tables parted, to its width.

        Raises:
            SymdiffError: for a form that is none of these.
        """
        if form not in FORMS:
            raise SymdiffError(f"'{form}' is no form", suggestion=f"these are: {', '.join(FORMS)}")
        write = text_form(screen) if form == "text" else FORMS[form]
        tables = [] if level == BRIEF else [self._forward()]
        tables += [self._walk(walk) for walk in self.walks]
        if level == FULL:
            tables += tables_of(self.optimisation)
        else:
            tables = [each.folded() for each in tables]
        tables.append(self._derivatives())
        notes = [line for note in self.notes for line in folded(note, screen.width)]
        parts = [write.source(self.source, self.point), *map(write.table, tables)]
        return write.whole([*parts, *[write.notes(notes)] * bool(notes)])

    @property
    def point(self) -> Formula:
        """The point, as equations."""
        parts = [equation(name, shown(value)) for name, value in self.at.items()]
        return Formula(", ".join(parts), lambda: r",\ ".join([part.tex for part in parts]))

    def _forward(self) -> Table:
        has_lines, has_notes = (
            any(step.line for step in self.steps),
            any(step.notes for step in self.steps),
        )
        headings = ["step", "is", "value", "derivative", "is", "value"]
        rows = [row for step in self.steps for row in _rows_of(step)]
        align = "llrllr"
        if has_notes:
            headings, align = [*headings, "note"], align + "l"
        else:
            rows = [row[:-1] for row in rows]
        if has_lines:
            headings, align = ["line", *headings], "r" + align
            lines = [number for step in self.steps for number in _line_cells(step)]
            rows = [(number, *row) for number, row in zip(lines, rows, strict=True)]
        key = headings.index("step")
        return Table("Forward: values", headings, rows, align, split=key + 3, key=key)

    def _walk(self, walk: Walk) -> Table:
        rows = [row for line in walk.lines for row in _rows_of_carried(line)]
        kind = "tangent" if walk.lines[0].name.endswith("_dot") else "cotangent"
        return Table(walk.title, (kind, "is", "in numbers", "value"), rows, "llrr")

    def _derivatives(self) -> Table:
        rows = [
            (partial(*one.lines), shown(one.value), *map(_distance, (one.differences, one.exact)))
            for one in self.results
        ]
        headings = ("derivative", "value", "off differences by", "off 50 digits by")
        return Table("Result, of the emitted module", headings, rows, "lrrr", split=2)

    def to_dict(self, *, level: str = "") -> dict[str, Any]:
        """The explanation as data for JSON: arrays are lists.

        Args:
            level: `full` for what optimisation did, too.
        """
        data: dict[str, Any] = _as_data(self) | {"results": _as_data(self.results)}
        del data["views"]
        if level == FULL:
            data["optimisation"] = _as_data(self.optimisation)
        return data


def _rows_of(step: ExplainedStep) -> list[tuple[str, ...]]:
    """A row, and one more for each further derivative."""
    notes = "; ".join(step.notes)
    first = (named(step.name), step.formula, shown(step.value))
    cells: list[tuple[str, ...]] = [
        (partial(step.name, one.by), one.formula, shown(one.value)) for one in step.derivatives
    ] or [("", "", "")]
    return [
        (*(first if k == 0 else ("", "", "")), *cell, notes if k == 0 else "")
        for k, cell in enumerate(cells)
    ]


def _line_cells(step: ExplainedStep) -> list[str]:
    number = str(step.line) if step.line else ""
    return [number, *[""] * (len(step.derivatives) - 1)]


def _rows_of_carried(line: CarriedLine) -> list[tuple[str, ...]]:
    """A row for what it is; where it is a sum, one for each summand, and one for the sum."""
    if not line.summands:
        return [(named(line.name), "", "", shown(line.value))]
    signs = ["", *["+ "] * (len(line.summands) - 1)]
    rows: list[tuple[str, ...]] = [
        ("", _behind(sign, one.formula), one.numbers, shown(one.value))
        for sign, one in zip(signs, line.summands, strict=True)
    ]
    rows[0] = (named(line.name), *rows[0][1:])
    return rows if len(rows) == 1 else [*rows, ("", "", "sum", shown(line.value))]


def _behind(sign: str, words: str) -> str:
    return words.behind(sign) if isinstance(words, Formula) else f"{sign}{words}"


def _distance(number: float | None) -> str:
    return "not compared" if number is None else f"{number:.1e}"


def _as_data(value: Any) -> Any:
    """Records as mappings, arrays as lists, complex numbers as the two real ones."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _as_data(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {name: _as_data(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_as_data(part) for part in value]
    if getattr(value, "dtype", None) == COMPLEX:
        return {"real": _as_data(value.real), "imag": _as_data(value.imag)}
    return value.tolist() if hasattr(value, "tolist") else value

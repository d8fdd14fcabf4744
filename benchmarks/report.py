"""What a case returns, printed as aligned text or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a figure.

    Attributes:
        what: the figure, as the start of a sentence.
        bound: the largest value that is allowed, or the smallest.
        found: what was measured; `None` where a peer is missing.
        at_least: whether the bound is the smallest value.
        reason: why it is missed, where it is.
    """

    what: str
    bound: float
    found: float | None
    at_least: bool = False
    reason: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the figure is there and within the bound."""
        if self.found is None:
            return False
        return self.found >= self.bound if self.at_least else self.found <= self.bound

    @property
    def is_missed(self) -> bool:
        """Whether the figure is there and outside of the bound."""
        return self.found is not None and not self.is_met

    def sentence(self) -> str:
        """The figure, the bound, and whether it is met."""
        relation = "at least" if self.at_least else "at most"
        head = f"{self.what}: target {relation} {number(self.bound)}"
        if self.found is None:
            return f"{head}; not measured."
        verdict = "met" if self.is_met else "missed"
        tail = f" {self.reason}" if self.reason and self.is_missed else ""
        return f"{head}, measured {number(self.found)}: {verdict}.{tail}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings, with a title above and targets below."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A case: what it measures, its tables, its profiles by title, and peers that are missing."""

    title: str
    about: str
    tables: list[Table]
    profiles: dict[str, list[str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def text(self) -> str:
        """For a terminal."""
        parts = [f"{self.title}\n{'=' * len(self.title)}", self.about, *_missing(self.missing)]
        for table in self.tables:
            parts.append(f"{table.title}\n{_aligned(table)}")
            if table.targets or table.notes:
                parts.append("\n".join(_sentences(table)))
        parts += [f"{title}\n" + "\n".join(lines) for title, lines in self.profiles.items()]
        return "\n\n".join(parts)

    def markdown(self) -> str:
        """For the documentation."""
        parts = [f"## {self.title}", self.about, *_missing(self.missing)]
        for table in self.tables:
            parts += [f"### {table.title}", _piped(table), *_sentences(table)]
        for title, lines in self.profiles.items():
            parts += [f"### {title}", "```text\n" + "\n".join(lines) + "\n```"]
        return "\n\n".join(parts)


def number(value: float) -> str:
    """Three digits, as a person writes them."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def seconds(value: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def _missing(peers: Iterable[str]) -> list[str]:
    names = ", ".join(peers)
    return [f"Not installed, so not measured: {names}."] if names else []


def _sentences(table: Table) -> list[str]:
    return [*[target.sentence() for target in table.targets], *table.notes]


def _cells(table: Table) -> list[Sequence[str]]:
    return [table.headings, *table.rows]


def _widths(table: Table) -> list[int]:
    return [max(map(len, column)) for column in zip(*_cells(table), strict=True)]


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The first cell to the left, the figures to the right."""
    cells = zip(row, widths, strict=True)
    return [f"{c:<{w}}" if i == 0 else f"{c:>{w}}" for i, (c, w) in enumerate(cells)]


def _aligned(table: Table) -> str:
    widths = _widths(table)
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in _cells(table)]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _piped(table: Table) -> str:
    widths = _widths(table)
    lines = [f"| {' | '.join(_padded(row, widths))} |" for row in _cells(table)]
    rule = [f"{'-' * (w + 1)}{'-' if i == 0 else ':'}" for i, w in enumerate(widths)]
    return "\n".join([lines[0], f"|{'|'.join(rule)}|", *lines[1:]])

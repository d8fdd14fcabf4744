"""The exceptions. Each holds its place in the source, a suggestion, and the exit code it causes."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, NamedTuple


class Span(NamedTuple):
    """A stretch of source text, as character offsets: `start` belongs to it, `end` does not.

    `file` names the file of a traced function, and `line` its line; a text has neither.
    """

    start: int
    end: int
    line: int = 0
    file: str = ""


def source_lines(file: str) -> list[str]:
    """The lines of a file of Python code, or of a notebook's cell; none where they are not known.

    All code that is made from text says that its file is `<string>`. From Python 3.13 on the
    interpreter keeps one text under that name, that of `python -c`, which is another one.
    """
    return [] if file == "<string>" else linecache.getlines(file)


_HOME = str(Path(__file__).parent)


def _is_inside(file: str) -> bool:
    """Whether a file is symdiff's, or IPython's way to it."""
    return file.startswith((_HOME, "<symdiff")) or "/IPython/" in file.replace("\\", "/")


class SymdiffError(Exception):
    """Base of every error that symdiff raises for bad input.

    Attributes:
        message: one sentence in the reader's words.
        text: the source text, where there is one.
        span: the place in the text.
        suggestion: what to do instead, where one is known.
        line, column: the place again, counted from 1; `None` without a span.
    """

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        message: str,
        *,
        text: str | None = None,
        span: Span | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span
        self.suggestion = suggestion
        self.line: int | None = None
        self.column: int | None = None
        if text is None and span is not None and span.file:
            self.text = text = "".join(source_lines(span.file)) or None
        if span is not None and span.line:
            self.line = span.line
        if text is not None and span is not None:
            before = text[: span.start]
            self.line = before.count("\n") + 1
            self.column = span.start - (before.rfind("\n") + 1) + 1

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the lines of the user's code that led here, without our own."""
        frames = traceback.extract_tb(self.__traceback__)
        users = [frame for frame in frames if not _is_inside(frame.filename)]
        lines = [line.rstrip("\n") for line in traceback.format_list(users)]
        return [*lines, f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.text, self.span, self.suggestion)

    def at(self, text: str | None, span: Span | None) -> SymdiffError:
        """The same error with a place, unless it has one already."""
        place = self.span if self.span is not None else span
        if self.text is not None or (text is None and not (place and place.file)):
            return self
        if place is not None and place.file:
            text = None  # the file's own
        return type(self)(self.message, text=text, span=place, suggestion=self.suggestion)

    def __str__(self) -> str:
        parts = [self.message, *self._excerpt()]
        if self.suggestion is not None:
            parts.append(f"  {self.suggestion}")
        return "\n".join(parts)

    def _excerpt(self) -> list[str]:
        if self.span is not None and self.text is None and self.span.file:
            return [f"  {self.span.file}, line {self.line}"]
        if self.text is None or self.span is None or self.line is None or self.column is None:
            return []
        start = self.span.start - self.column + 1
        stop = self.text.find("\n", self.span.start)
        line = self.text[start : stop if stop >= 0 else len(self.text)]
        first = self.column - 1
        width = max(1, min(self.span.end - self.span.start, len(line) - first))
        if len(line) > _EXCERPT_WIDTH:
            line, first = _shorten(line, first)
            width = min(width, max(1, len(line) - first))
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
        where = f"{Path(self.span.file).name}, " if self.span.file else ""
        label = f"  {where}line {self.line} | "
        return [f"{label} {shown}", f"{' ' * (len(label) - 2)}|  {' ' * first}{'^' * width}"]


class ParseError(SymdiffError, ValueError):
    """The text is not a formula of the grammar.

    >>> import symdiff as sd
    >>> sd.function("2x")
    Traceback (most recent call last):
    symdiff.errors.ParseError: a multiplication sign is missing ...
    >>> sd.function("2*x").inputs
    ('x',)
    """


class ShapeError(SymdiffError, ValueError):
    """Shapes do not fit: an operation, an argument or a declaration asks for another one."""


class IndexingError(ShapeError):
    """An index does not fit the shape of its array: NumPy raises an `IndexError`."""


class UnsupportedError(SymdiffError, NotImplementedError):
    """The construct is understood and not supported; the message names it and where it stands."""


class LimitError(SymdiffError):
    """The input is larger than a limit allows; the message names the option that raises it."""


class CheckError(SymdiffError):
    """A derivative disagrees with its reference, or a budget of operations is exceeded."""

    exit_code: ClassVar[int] = 1


class EmissionError(SymdiffError):
    """The text that symdiff made is no Python: a fault of its own, and nothing is written.

    Args:
        reason: what the interpreter says about the text.
        recipe: what the module is made from, to be sent along with a report.
    """

    exit_code: ClassVar[int] = 1  # the input is right

    def __init__(self, reason: str, recipe: str) -> None:
        cut = f"{recipe[:_LONGEST_RECIPE]}..." if len(recipe) > _LONGEST_RECIPE else recipe
        super().__init__(
            f"the module that symdiff made is no Python ({reason}): a fault of symdiff's, "
            "not of the input",
            suggestion=f"please report it, with the recipe {cut}",
        )
        self.reason, self.recipe = reason, recipe

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.reason, self.recipe)


@contextmanager
def at_this_point() -> Iterator[None]:
    """Let what a function raises at a point, a check of its own of any kind, be bad input.

    Raises:
        SymdiffError: where the body raises.
    """
    try:
        yield
    except SymdiffError:
        raise
    except Exception as error:
        name, said = type(error).__name__, str(error)
        what = f"{name}: {said}" if said else name
        raise SymdiffError(f"the function raises at this point: {what}") from error


_LONGEST_RECIPE = 2_000  # letters that a message shows
_EXCERPT_WIDTH = 90


def _shorten(line: str, first: int) -> tuple[str, int]:
    """Cut a long line to the neighbourhood of the caret; return it and the caret's new column."""
    begin = max(0, first - _EXCERPT_WIDTH // 2)
    end = begin + _EXCERPT_WIDTH
    head = "..." if begin else ""
    tail = "..." if end < len(line) else ""
    return head + line[begin:end] + tail, first - begin + len(head)


def _rebuild(
    kind: type[SymdiffError],
    message: str,
    text: str | None,
    span: Span | None,
    suggestion: str | None,
) -> SymdiffError:
    return kind(message, text=text, span=span, suggestion=suggestion)

"""Recording of lines: each has its place in the user's code, and so has what is refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from types import CodeType, FrameType
from typing import Any, NoReturn

from symdiff.errors import IndexingError, LimitError, Span, SymdiffError, UnsupportedError
from symdiff.frontend.loops import PLAIN, Loops, Told
from symdiff.frontend.tracing import handlers
from symdiff.frontend.tracing.places import name_here, span_here, unpacked_here
from symdiff.frontend.tracing.recorder import UserCode
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.unseen import of_scipy
from symdiff.frontend.tracing.wrappers import wrapper_with
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.rules import EXACT

MOST_VISITS = 1000  # of an expression, before the user is told of loops that stay loops
_ROLL = "write a loop of many steps with sd.scan or sd.fori"
_WARNED: dict[Any, Any] = {}  # Python's own register of places that have been warned of


class Frames:
    """The user's code as Python's frames show it."""

    def span(self) -> Span | None:
        """The place of the expression that is being evaluated."""
        return span_here()

    def name(self) -> str | None:
        """The variable that its value is going to be stored in, where that is so."""
        return name_here()

    def unpacked(self) -> tuple[str | None, ...]:
        """The variables that the sequence which is being unpacked goes to."""
        return unpacked_here()

    def caught(
        self, entry: FrameType | None, raised: Sequence[type]
    ) -> tuple[str, Span | None] | None:
        """What a handler around it catches, and the place in that."""
        return handlers.around(entry, raised)


def _to_numpy(value: Any, dtype: Any = None, copy: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002
    """The numbers of a wrapper, as `to_numpy` of pandas' takes its arguments."""
    return value.astype(value.dtype if dtype is None else dtype, copy=copy)


class Recording:
    """The lines of a trace, and its first refusal.

    Attributes:
        builder: takes the lines.
        code: the user's code, which says the places of lines.
        entry: the frame that runs the function.
        suppressed: what the context managers that are entered catch, an empty text for nothing.
        libraries: the packages of arrays with labels or units that take part.
        ways: the ways of branches on values that are being traced, the outermost first.
        fresh: by identity, the containers that were made in a way, with the way.
        chosen: by identity, the containers that branches have chosen, in groups.
        classes: those of the user's whose operators and properties are staged.
        step: the step of a loop that the lines are, `None` for none.
        loops: what is asked of the program's loops.
        told: what became of them, in their order.
        unrolled: by the code of loops that are unrolled, why.
        rolled: the code of loops that have been traced as one line.
        decide: the value of a line in the call whose way is traced; `None` where both ways are.
        decides_masks: whether masks are decided on then too.
        decides_counts: whether what `int` and `round` make of a value is decided on then too.
        keeps_guards: whether decisions are checks of what is emitted then.
        guards: what is said where another call decides otherwise.
        has_ended: whether the function that is traced has returned, so that its values are stale.
        refused: the first refusal. It stops the trace even where the user's code, or NumPy,
            catches the error: what they do then is not what they do with numbers.
    """

    def __init__(self, limit: int | None) -> None:
        self.builder = Builder(EXACT, limit=limit)
        self.refused: SymdiffError | None = None
        self.has_ended = False
        self.code: UserCode = Frames()
        self.entry: FrameType | None = None
        self.suppressed: list[str] = []
        self.libraries: set[str] = set()
        self.ways: list[Any] = []
        self.fresh: dict[int, tuple[Any, Any]] = {}
        self.chosen: dict[int, Any] = {}
        self.classes: set[type] = set()
        self.step: Any = None
        self.loops: Loops = PLAIN
        self.told: list[Told] = []
        self.unrolled: dict[CodeType, list[str]] = {}
        self.rolled: set[CodeType] = set()
        self.decide: Callable[[int], Any] | None = None
        self.decides_masks = False
        self.decides_counts = False
        self.keeps_guards = True
        self.guards: list[str] = []
        self._visits: dict[Span, int] = {}

    def place(self) -> Any:
        """The place of the user's expression that is being evaluated."""
        return self.code.span()

    def refuse(self, message: str, suggestion: str | None = None) -> NoReturn:
        """Refuse what the user's expression asks for."""
        raise self.noted(UnsupportedError(message, span=self.place(), suggestion=suggestion))

    def noted(self, error: SymdiffError) -> SymdiffError:
        """An error that is about to be raised inside of the user's code."""
        error = of_scipy(error)
        self.refused = self.refused or error
        return error

    def attribute(self, value: Tracer, name: str) -> Any:
        """Refuse an attribute of NumPy's; what the value's class has not is missing here too.

        The numbers in a wrapper are what is traced.
        """
        if hasattr(value.__class__, name):
            self.refuse(f"the attribute '{name}' of {value.type_name} is not supported")
        wrapper = wrapper_with(name, self.libraries)
        if not wrapper:
            raise AttributeError(f"'{value.type_name}' object has no attribute '{name}'")
        if name not in ("values", "to_numpy"):
            self.refuse(
                f"'{name}' of {wrapper} is not supported, as its numbers alone are traced",
                "pass the numbers: x.to_numpy() of labels, q.magnitude of units",
            )
        return value if name == "values" else partial(_to_numpy, value)

    def guarded(self, work: Callable[[], Any], more: Sequence[type] = ()) -> Any:
        """Do something, as `placed`, that raises an error for some values.

        Where a handler would catch that, a trace along the way of a call goes on if that raises
        none, and the emitted function raises an error where another call does.
        """
        caught = self._caught(more)
        if caught is None:
            return self.placed(work)
        if self.decide is not None and not more:
            result = self.placed(work)
            if self.is_kept_finite(result):
                return result
        raise self._refused_where(caught)

    def is_kept_finite(self, results: Any) -> bool:
        """Whether results are numbers in the call whose way is traced, which is then kept."""
        del results
        return False

    def refuse_caught(self, more: Sequence[type] = ()) -> None:
        """Refuse work on values where a handler would catch what it raises for some of them.

        Args:
            more: errors that it may raise beside those of arithmetic.
        """
        caught = self._caught(more)
        if caught is not None:
            raise self._refused_where(caught)

    def _caught(self, more: Sequence[type]) -> tuple[str, Span | None] | None:
        """What a handler around the user's expression catches, and the place in that."""
        raised = (*handlers.of_values(), *more)
        caught: tuple[str, Span | None] | None = self.code.caught(self.entry, raised)
        suppressed = next(filter(None, self.suppressed), None)
        if caught is None and suppressed is not None:
            return suppressed, self.place()
        return caught

    def _refused_where(self, caught: tuple[str, Span | None]) -> SymdiffError:
        return self.noted(
            UnsupportedError(
                f"work on values stands where {caught[0]} is caught, and which way is taken "
                "depends on the values",
                span=caught[1],
                suggestion="take it out of there, and write np.where(condition, a, b)",
            )
        )

    def placed(self, work: Callable[[], Any]) -> Any:
        """Do something; lines get the place and the name that the user's code gives them."""
        span = self.place()
        self._count(span)
        self.builder.span = span
        before = len(self.builder.nodes)
        try:
            result = work()
        except LimitError as error:
            limit = LimitError(
                f"{error.message}{self._written_out(span)}",
                span=span,
                suggestion=f"{_ROLL}, or {error.suggestion}",
            )
            raise self.noted(limit) from None
        except IndexingError as error:
            placed = error.at(None, span)
            if self.code.caught(self.entry, (IndexError,)):
                raise IndexError(error.message) from placed
            raise self.noted(placed) from None
        except SymdiffError as error:
            raise self.noted(error.at(None, span)) from None
        finally:
            self.builder.span = None
        name = self.code.name()
        if name is not None and isinstance(result, Handle) and result.at >= before:
            self.hint(result.at, name)
        return result

    def _count(self, span: Span | None) -> None:
        """Tell the user of `sd.scan` where one expression is traced again and again."""
        if span is None or not span.file:
            return
        count = self._visits[span] = self._visits.get(span, 0) + 1
        if count == MOST_VISITS:
            warnings.warn_explicit(
                f"an expression is traced for the {count:,}th time, and each time is a line of "
                f"its own{self._written_out(span)}: {_ROLL}",
                UserWarning,
                span.file,
                span.line,
                registry=_WARNED,
            )

    def _written_out(self, span: Span | None) -> str:
        """What hinders the loop around a place from being one line."""
        if span is None:
            return ""
        codes = [c for c in self.unrolled if c.co_filename == span.file]
        around = [c for c in codes if c.co_firstlineno <= span.line and any(self.unrolled[c])]
        if not around:
            return ""
        code = max(around, key=lambda c: c.co_firstlineno)
        why = next(filter(None, reversed(self.unrolled[code])))
        return f" (the loop in line {code.co_firstlineno} is written out step by step: {why})"

    def name(self, value: Any, name: str) -> None:
        """Give a value the name that the user has for it; what is known has no line to name."""
        if isinstance(value, Tracer) and not value.is_concrete:
            self.hint(value.handle.at, name)

    def hint(self, position: int, name: str) -> None:
        """Give a line the name that the user has for it."""
        node = self.builder.nodes[position]
        if node.op not in (INPUT, CONSTANT) and name.isidentifier() and not name.startswith("_"):
            self.builder.hints.setdefault(position, name)

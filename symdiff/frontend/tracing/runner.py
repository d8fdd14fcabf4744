"""Runner: one run of a function on tracers, whose lines a trace collects."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from symdiff.errors import IndexingError, LimitError, UnsupportedError
from symdiff.frontend.staging.recorder import callee
from symdiff.frontend.tracing.captured import Captured
from symdiff.frontend.tracing.contents import PROXIES
from symdiff.frontend.tracing.loop_graph import fresh
from symdiff.frontend.tracing.patching import patched
from symdiff.frontend.tracing.pytree import Path, path_name
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.trace import Trace
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.unseen import of_compiled_error, of_library_error


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the graph.

    Attributes:
        name: its name there.
        argument: the argument that it belongs to.
        path: where in the argument it stands.
        spec: its shape and type.
    """

    name: str
    argument: str
    path: Path
    spec: Spec


_LATE = "a text in which a value stands is used otherwise than as the message of an error"
_LATE_ADVICE = "take it out, or write the text without the value"


class Wording(NamedTuple):
    """What is said of a function that keeps what it computes.

    Attributes:
        caches: what it is that calls a function with a cache.
        keeps: that it keeps something, before the name.
        advice: what to do instead of keeping it.
    """

    caches: str
    keeps: str
    advice: str


class Runner:
    """One run of a function.

    Args:
        name: of the function.
        environment: what it reads beside its arguments.
        limit: the largest number of lines.
        wording: what is said where it keeps what it computes.

    Attributes:
        trace: collects the lines.
        inputs: those that tracers stand for, in the order in which they were made.
        names: those of the inputs.
    """

    def __init__(
        self, name: str, environment: Captured, limit: int | None, wording: Wording
    ) -> None:
        self.name = name
        self.environment = environment
        self.wording = wording
        self.trace = Trace(limit)
        self.trace.entry = sys._getframe(1)
        outer = active()
        if outer is not None:
            self.trace.loops, self.trace.told = outer.loops, outer.told
            self.trace.libraries = outer.libraries
        self.inputs: list[Input] = []
        self.names: set[str] = set()

    def tracer(self, argument: str, path: Path, spec: Spec) -> Tracer:
        """The tracer of a number or an array in an argument."""
        name = fresh(path_name(argument, path), self.names)
        self.inputs.append(Input(name, argument, path, spec))
        self.trace.libraries |= {spec.library} - {""}
        return self.trace.argument(name, spec.shape, spec.dtype, spec.kind)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """While this lasts the trace is active; at its end nothing of it may be kept.

        Raises:
            UnsupportedError: where the function, or a cache, keeps what it computed.
        """
        misses = self.environment.misses
        with patched(self.trace, self.environment):
            yield
            self.trace.has_ended = True
            if self.environment.misses != misses:
                raise UnsupportedError(
                    f"{self.wording.caches} that keeps its results, and would keep those of the "
                    "trace",
                    suggestion="take functools.lru_cache or functools.cache off, or call it "
                    "outside",
                )
            self.environment.give_back(self._is_known, lambda value: value.content.copy())
            kept = self.environment.holding(self._is_ours)
            if kept:
                self.environment.give_back(self._is_ours, lambda _: None)
                raise UnsupportedError(
                    f"{self.wording.keeps} '{kept}'", suggestion=self.wording.advice
                )

    def _is_known(self, value: Any) -> bool:
        """Whether a value is an array that depends on no argument: a function may keep it."""
        return self._is_ours(value) and value.is_concrete

    def _is_ours(self, value: Any) -> bool:
        is_alive = type(value) not in PROXIES
        return is_alive and isinstance(value, Tracer) and value.recording is self.trace

    def called(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Any) -> Any:
        """What the function returns; the first refusal counts, even where it is caught."""
        trace = self.trace
        try:
            result = callee(function)(*args, **kwargs)
        except RecursionError:
            raise LimitError(
                f"{self.name} calls itself too deeply, or is written too deep",
                suggestion="write a loop, or calls with an end; take parts out as functions",
            ) from None
        except Exception as error:
            if trace.refused is None and "LateText" in str(error):  # C's own: "LateText found"
                raise UnsupportedError(_LATE, suggestion=_LATE_ADVICE) from None
            if isinstance(error.__cause__, IndexingError) and trace.refused is None:
                raise error.__cause__ from None  # no handler has caught it
            refused = of_library_error(error) or of_compiled_error(error, self._is_ours)
            if trace.refused is None and refused is not None:
                raise refused from error
            if trace.refused is None or error is trace.refused:
                raise
            raise trace.refused from None
        if trace.refused is not None:
            raise trace.refused
        return result

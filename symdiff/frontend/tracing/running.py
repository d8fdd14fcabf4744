"""The trace that runs in this thread: an inner one stands on top of those around it."""

from __future__ import annotations

import threading

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.ops.builder import Builder


class _Stack(threading.local):
    """The traces that run in a thread."""

    def __init__(self) -> None:
        self.traces: list[Recorder] = []


_stack = _Stack()


def active() -> Recorder | None:
    """The innermost trace of this thread."""
    traces = _stack.traces
    return traces[-1] if traces else None


def is_inner(builder: Builder) -> bool:
    """Whether a trace of a loop or branch inside of another trace takes its lines here."""
    return any(trace.builder is builder for trace in _stack.traces[1:])


def begin(trace: Recorder) -> None:
    """Let a trace be the innermost one."""
    _stack.traces.append(trace)


def end() -> None:
    """Go back to the trace around the innermost one."""
    _stack.traces.pop()

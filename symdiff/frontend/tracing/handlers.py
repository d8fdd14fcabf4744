"""Handlers of the user's that could catch what an operation raises for some values.

A trace raises nothing for a value that it does not know, so it would never take the handler's way.
Which handlers stand around an instruction the bytecode says; `contextlib.suppress` and generators
that are context managers are asked when they are entered.
"""

from __future__ import annotations

import contextlib
import dis
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from types import CodeType, FrameType
from typing import Any, NamedTuple

from symdiff.errors import Span
from symdiff.frontend.tracing.places import is_of_numpy, is_traced, is_users, span_here, span_of
from symdiff.frontend.tracing.running import active

_SKIPPED = frozenset("NOP CACHE EXTENDED_ARG NOT_TAKEN PUSH_NULL".split())
_LOADS = frozenset(
    "LOAD_GLOBAL LOAD_NAME LOAD_FAST LOAD_FAST_BORROW LOAD_FAST_CHECK LOAD_DEREF".split()
)
_ATTRIBUTES = frozenset(("LOAD_ATTR", "LOAD_METHOD"))
_ANY = ("",)  # what a handler without a class catches


class Clause(NamedTuple):
    """An `except` clause that does not only raise again.

    Attributes:
        kinds: dotted names of what it catches; an empty name is any exception.
    """

    kinds: Sequence[str]


def around(entry: FrameType | None, raised: Sequence[type]) -> tuple[str, Span | None] | None:
    """What a handler around the expression that is being evaluated catches, and the place in it.

    Args:
        entry: the frame in which the trace begins.
        raised: what the expression may raise.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame is not entry:
        code = frame.f_code
        if code.co_exceptiontable and is_traced(frame) and not is_of_numpy(code.co_filename):
            caught = _caught(frame, raised)
            if caught is not None:
                is_own = is_users(code.co_filename)
                return caught, span_of(code, frame.f_lasti) if is_own else span_here()
        frame = frame.f_back
    return None


def _caught(frame: FrameType, raised: Sequence[type]) -> str | None:
    """The first class of what is raised that a clause around a frame's place catches."""
    for clause in _clauses(frame.f_code, frame.f_lasti):
        for name in clause.kinds:
            if _is_caught(_meant(frame, name), raised):
                return name or "every error"
    return None


def _is_caught(kind: Any, raised: Sequence[type]) -> bool:
    """Whether `except kind` catches one of some errors."""
    if isinstance(kind, tuple):
        return any(_is_caught(part, raised) for part in kind)
    if not isinstance(kind, type):
        return True  # in doubt
    return any(issubclass(error, kind) for error in raised)


@lru_cache(maxsize=1)
def of_values() -> tuple[type, ...]:
    """What an operation raises for some values."""
    import numpy as np

    of_python = (ZeroDivisionError, OverflowError, FloatingPointError, ValueError, RuntimeWarning)
    return (*of_python, np.linalg.LinAlgError)


def _meant(frame: FrameType, name: str) -> Any:
    """What a dotted name means in a frame; `None` where it is no such name."""
    first, *rest = name.split(".")
    found = None
    for space in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if first in space:
            found = space[first]
            break
    for attribute in rest:
        found = getattr(found, attribute, None)
    return found


@lru_cache(maxsize=65536)
def _clauses(code: CodeType, at: int) -> tuple[Clause, ...]:
    """The clauses that an exception at an instruction passes, the innermost first."""
    bytecode: Any = dis.Bytecode(code)  # its table is not in the types
    found: list[Clause] = []
    seen: set[int] = set()
    while True:
        targets = [
            entry.target for entry in bytecode.exception_entries if entry.start <= at < entry.end
        ]
        if not targets or targets[0] in seen:
            return tuple(found)
        at = targets[0]
        seen.add(at)
        found += _clauses_at(_from(code, at))


def _from(code: CodeType, start: int) -> list[dis.Instruction]:
    every = dis.get_instructions(code)
    return [x for x in every if x.offset >= start and x.opname not in _SKIPPED]


def _clauses_at(instructions: list[dis.Instruction]) -> list[Clause]:
    """The clauses of one `try`; none for `finally`, `with` and what the compiler adds."""
    if instructions[0].opname != "PUSH_EXC_INFO":
        return []
    found: list[Clause] = []
    rest = instructions[1:]
    while rest:
        if rest[0].opname == "POP_TOP":
            return [*found, Clause(_ANY)] if _swallows(rest, None) else found
        kinds, length = _kinds(rest)
        if length == 0:
            return found
        jump = rest[length]
        following = int(jump.argval)
        if _swallows(rest[length + 1 :], following):
            found.append(Clause(kinds))
        rest = [x for x in rest if x.offset >= following]
    return found


def _kinds(instructions: list[dis.Instruction]) -> tuple[Sequence[str], int]:
    """What `except` compares with, and how many instructions that takes; 0 where it is none."""
    stack: list[str] = []
    for number, item in enumerate(instructions):
        if item.opname in ("CHECK_EXC_MATCH", "CHECK_EG_MATCH"):
            return (_ANY if item.opname == "CHECK_EG_MATCH" else tuple(stack)), number + 1
        if item.opname in _LOADS:
            stack.append(str(item.argval))
        elif item.opname in _ATTRIBUTES and stack:
            stack[-1] = f"{stack[-1]}.{item.argval}"
        elif item.opname != "BUILD_TUPLE":
            return (), 0
    return (), 0


def _swallows(instructions: list[dis.Instruction], end: int | None) -> bool:
    """Whether a handler can end otherwise than by raising."""
    before = ""
    for item in instructions:
        if end is not None and item.offset >= end:
            return False
        if item.opname == "POP_EXCEPT":
            if before != "COPY":
                return True
            if end is None:
                return False  # the end of the statement
        before = item.opname
    return False


# --- context managers ----------------------------------------------------------------------------


def _entering(old: Any) -> Any:
    """`__enter__` that tells the trace what the context manager catches."""

    @wraps(old)
    def enter(self: Any) -> Any:
        value = old(self)
        trace = active()
        if trace is not None:
            trace.suppressed.append(_caught_by(self))
        return value

    return enter


def _caught_by(context: Any) -> str:
    """What `contextlib.suppress` catches, or a generator around its `yield`; empty for nothing."""
    if isinstance(context, contextlib.suppress):
        given: Any = context
        kinds = [kind for kind in given._exceptions if _is_caught(kind, of_values())]
        return kinds[0].__name__ if kinds else ""
    frame = context.gen.gi_frame
    return "" if frame is None else _caught(frame, of_values()) or ""


def _leaving(old: Any) -> Any:
    @wraps(old)
    def leave(self: Any, *error: Any) -> Any:
        trace = active()
        if trace is not None and trace.suppressed:
            trace.suppressed.pop()
        return old(self, *error)

    return leave


# What is patched while a trace runs: the class, the method, what makes the other one
CONTEXTS: Sequence[tuple[type, str, Callable[[Any], Any]]] = [
    (kind, name, make)
    for kind in (contextlib.suppress, contextlib._GeneratorContextManager)
    for name, make in (("__enter__", _entering), ("__exit__", _leaving))
]

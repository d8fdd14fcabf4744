"""Emitted text compiled, and loaded as a module whose lines are visible in tracebacks."""

from __future__ import annotations

import hashlib
import linecache
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from symdiff.errors import UnsupportedError


class Emitted(NamedTuple):
    """A module: its name, its text, and the text as code where it is Python.

    Attributes:
        name: what it is called when it is loaded.
        text: all of it.
        code: the text, compiled; `None` where it is no Python.
        header: the text of the file of declarations beside it, `""` for none.
        functions: what the target's entry says of them, where it is no Python.
    """

    name: str
    text: str
    code: CodeType | None
    header: str = ""
    functions: tuple[Any, ...] = ()


def compiled(text: str, name: str) -> Emitted:
    """The text of a module with its code.

    Raises:
        SyntaxError: where the text is no Python.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Emitted(name, text, compile(text, f"<symdiff {name} {digest}>", "exec"))


def load(emitted: Emitted, tools: CodeType | None = None) -> ModuleType:
    """Run the code of a module and return the module. Nothing enters `sys.modules`.

    Args:
        emitted: the module.
        tools: what is run in it before.

    Raises:
        UnsupportedError: where the module is in another language.
    """
    name, text, code, *_ = emitted
    if code is None:
        raise UnsupportedError("the target makes no module of Python", suggestion="use emit")
    module = ModuleType(name)
    module.__file__ = filename = code.co_filename
    if tools is not None:
        exec(tools, module.__dict__)  # noqa: S102  our own template
    exec(code, module.__dict__)  # noqa: S102  our own printer's text
    show_lines(text, filename)
    return module


def show_lines(text: str, filename: str) -> None:
    """Let tracebacks show the lines of code that stands in no file."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)


def load_source(text: str, name: str) -> ModuleType:
    """The module of a text that was emitted before."""
    return load(compiled(text, name))

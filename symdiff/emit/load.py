"""Emitted text compiled, and loaded as a module whose lines are visible in tracebacks."""

from __future__ import annotations

import hashlib
import json
import linecache
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, ModuleType
from typing import Any

from symdiff.errors import EmissionError, UnsupportedError


@dataclass(frozen=True)
class Emitted:
    """A module as text, and as code once that is asked for.

    Attributes:
        name: what it is called when it is loaded.
        text: all of it.
        recipe: what it is made from, for a report where its text is no Python.
        is_python: whether it is in Python.
        header: the text of the file of declarations beside it, `""` for none.
        functions: what the target's entry says of them, where it is no Python.
    """

    name: str
    text: str
    recipe: Mapping[str, Any] = field(default_factory=dict)  # JSON
    is_python: bool = True
    header: str = ""
    functions: tuple[Any, ...] = ()

    @cached_property
    def code(self) -> CodeType | None:
        """The code of the text, `None` where it is in another language.

        Raises:
            EmissionError: where it should be Python and is not, which is a fault of ours.
        """
        if not self.is_python:
            return None
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:16]
        try:
            return compile(self.text, f"<symdiff {self.name} {digest}>", "exec")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise EmissionError(str(error), json.dumps(self.recipe)) from error


def load(emitted: Emitted, tools: Mapping[str, Any] | None = None) -> ModuleType:
    """Run the code of a module and return the module. Nothing enters `sys.modules`.

    Args:
        emitted: the module.
        tools: what it finds there, by name.

    Raises:
        EmissionError: where its text is no Python.
        UnsupportedError: where the module is in another language.
    """
    code = emitted.code
    if code is None:
        raise UnsupportedError("the target makes no module of Python", suggestion="use emit")
    module = ModuleType(emitted.name)
    module.__file__ = filename = code.co_filename
    module.__dict__.update(tools or {})
    exec(code, module.__dict__)  # noqa: S102  our own printer's text
    show_lines(emitted.text, filename)
    return module


def show_lines(text: str, filename: str) -> None:
    """Let tracebacks show the lines of code that stands in no file."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)


def load_source(text: str, name: str) -> ModuleType:
    """The module of a text that was emitted before."""
    return load(Emitted(name, text))

"""Loads emitted text as a module, with its lines visible in tracebacks."""

from __future__ import annotations

import hashlib
import linecache
from types import ModuleType


def load_source(text: str, name: str) -> ModuleType:
    """Run the text of an emitted module and return the module. Nothing enters `sys.modules`."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    filename = f"<symdiff {name} {digest}>"
    module = ModuleType(name)
    module.__file__ = filename
    exec(compile(text, filename, "exec"), module.__dict__)  # noqa: S102  our own printer's text
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    return module

"""Modules of Numba's functions, loaded from a file: what is compiled is cached beside it."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from symdiff.emit.cache import folders
from symdiff.emit.load import Emitted, load
from symdiff.emit.source import Source
from symdiff.emit.write import write_whole
from symdiff.errors import SymdiffError, UnsupportedError


def jit_module(source: Source, emitted: Emitted, wrapper: Emitted) -> ModuleType:
    """The module, run from a file in the cache: one of the same text is compiled once.

    Raises:
        UnsupportedError: where Numba is not installed.
        SymdiffError: where there is no folder to write to.
    """
    del source, wrapper  # the module is whole
    if importlib.util.find_spec("numba") is None:
        raise UnsupportedError(
            "the target 'numba' needs the package 'numba', which is not installed",
            suggestion="pip install 'symdiff-codegen[numba]'",
        )
    return load(replace(emitted, file=str(_written(emitted.text, emitted.name))))


def _written(text: str, name: str) -> Path:
    """The file of a text, written where the cache does not hold it."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    for folder in folders():
        file = folder / digest / f"{name}.py"
        try:
            if not file.is_file():
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, text)
        except (OSError, SymdiffError):  # a folder that nothing can be written to
            continue
        return file
    raise AssertionError("folders() ends with an error")  # by construction

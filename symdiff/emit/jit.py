"""Modules of Numba's functions, loaded from a file: what is compiled is cached beside it."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from threading import RLock
from types import ModuleType

from symdiff.emit.cache import folders, no_folder
from symdiff.emit.load import Emitted
from symdiff.emit.source import Source
from symdiff.emit.write import write_whole
from symdiff.errors import SymdiffError, UnsupportedError

_IMPORTING = RLock()


def jit_module(source: Source, emitted: Emitted, wrapper: Emitted) -> ModuleType:
    """The module, run from a file in the cache: one of the same text is loaded and compiled once.

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
    digest = hashlib.sha256(emitted.text.encode()).hexdigest()[:24]
    name = f"_symdiff_{emitted.name}_{digest}"
    with _IMPORTING:  # another thread may have begun, and a module is there before what it holds
        if name in sys.modules:
            return sys.modules[name]
        return _imported(name, _written(emitted.text, f"{name}.py"))


def _imported(name: str, file: Path) -> ModuleType:
    """The module of a file."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None  # of a file of Python
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # what is cached looks there for its module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _written(text: str, name: str) -> Path:
    """The file of a text, written where the cache does not hold it."""
    for folder in folders():
        file = folder / name
        try:
            if not file.is_file():
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, text)
        except (OSError, SymdiffError):  # a folder that nothing can be written to
            continue
        return file
    raise no_folder()

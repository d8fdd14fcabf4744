"""Cache: the folders where compiled modules stand, so that they are compiled once."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from symdiff.errors import SymdiffError


def folders() -> Iterator[Path]:
    """Where compiled modules may stand: the user's cache, and a folder of this process."""
    own = os.environ.get("SYMDIFF_CACHE")
    yield Path(own) if own else _cache() / "symdiff"
    yield Path(_temporary().name)


def no_folder() -> SymdiffError:
    """What is raised where none of the folders can be written to."""
    return SymdiffError(
        "there is no folder where a compiled module can be written",
        suggestion="set SYMDIFF_CACHE to a folder that can be written",
    )


def _cache() -> Path:
    """The user's folder for what can be made again."""
    match platform.system():
        case "Windows":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home())
        case "Darwin":
            return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@lru_cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="symdiff-", ignore_cleanup_errors=True)

"""Libraries of C: found in the user's cache folder, or built by the compiler that is there."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from symdiff.emit.cache import folders, no_folder
from symdiff.errors import SymdiffError

_FLAGS = ("-std=c99", "-O3", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno")
_SUFFIX = {"Windows": ".dll", "Darwin": ".dylib"}.get(platform.system(), ".so")
_MOST_SHOWN = 12  # lines of what a compiler says


def library_of(text: str, name: str) -> ctypes.CDLL:
    """The library of a C file, built where the cache does not hold it.

    Args:
        text: of the file.
        name: of the module, for the name of the file.

    Raises:
        SymdiffError: where there is no compiler, or it fails: with what it says, and the file.
    """
    command = (*compiler(), *_FLAGS, *os.environ.get("CFLAGS", "").split())
    key = hashlib.sha256("\0".join([text, *command, platform.machine()]).encode())
    file = f"{name}_{key.hexdigest()[:24]}"
    for folder in folders():
        library = folder / f"{file}{_SUFFIX}"
        if library.is_file():
            return ctypes.CDLL(str(library))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _build(text, command, folder / f"{file}.c", library)
        except OSError:  # a folder that nothing can be written to
            continue
        return ctypes.CDLL(str(library))
    raise no_folder()


@lru_cache
def compiler() -> tuple[str, ...]:
    """The command that compiles C: `CC`, else the system's, else that of the package `ziglang`.

    Raises:
        SymdiffError: where there is none.
    """
    wished = os.environ.get("CC", "").split()
    for command in (wished, ["cc"], ["gcc"], ["clang"]):
        if command and shutil.which(command[0]):
            return tuple(command)
    if importlib.util.find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "cc")
    raise SymdiffError(
        "there is no C compiler: none of cc, gcc, clang is found",
        suggestion="install one, or: pip install 'symdiff-codegen[c]'",
    )


def _build(text: str, command: Sequence[str], file: Path, library: Path) -> None:
    """Compile a file so that others see the whole library or none."""
    with tempfile.TemporaryDirectory(dir=library.parent, prefix=".build-") as folder:
        source, made = Path(folder) / file.name, Path(folder) / library.name
        source.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*command, str(source), "-o", str(made), "-lm"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            source.replace(file)
            raise SymdiffError(
                f"the compiler '{command[0]}' fails on '{file}':\n{_said(done.stderr)}",
                suggestion="set CC to another compiler",
            )
        made.replace(library)


def _said(text: str) -> str:
    lines = text.strip().split("\n")
    return "\n".join([*lines[:_MOST_SHOWN], *["..."] * (len(lines) > _MOST_SHOWN)])

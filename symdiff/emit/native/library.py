"""Libraries of C: found in the user's cache folder, or built by the compiler that is there."""

from __future__ import annotations

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

# not -O3: it takes ten times as long for thousands of lines, and what it makes is no faster
_SPEED = ("-O2", "-ftree-vectorize", "-funroll-loops")
# values are the same: errors and exceptions of the processor are not asked for, products not fused
_VALUES = ("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
_FLAGS = ("-std=c99", *_SPEED, "-fPIC", "-fno-semantic-interposition", "-shared", *_VALUES)
_SUFFIX = {"Windows": ".dll", "Darwin": ".dylib"}.get(platform.system(), ".so")
_MOST_SHOWN = 12  # lines of what a compiler says


def library_of(name: str, *texts: str, flags: Sequence[str] = ()) -> Path:
    """The library of C files, built where the cache does not hold it.

    Args:
        name: of the module, for the names of the files.
        texts: of the files, each compiled for itself.
        flags: what the compiler is told beside what it is told of every library.

    Raises:
        SymdiffError: where there is no compiler, or it fails: with what it says, and the file.
    """
    tuning, processor = _processor()
    command = (*compiler(), *_FLAGS, *tuning, *os.environ.get("CFLAGS", "").split())
    kept = f"{name}_{_digest(texts[0], *command)}.c"  # where the compiler fails
    file = f"{name}_{_digest(*texts, *command, *flags, processor)}{_SUFFIX}"
    for folder in folders():
        library = folder / file
        if library.is_file():
            return library
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _build(texts, (*command, *flags), folder / kept, library)
        except OSError:  # a folder that nothing can be written to
            continue
        return library
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


@lru_cache
def _processor() -> tuple[tuple[str, ...], str]:
    """What lets a compiler use all of this processor's instructions, and what these are.

    Another machine may read the same folder, and have fewer. Values are the same to the bit: sums
    keep their order, and products are not fused with them. Processors other than those of x86 have
    vectors without being asked.
    """
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return (), platform.processor()
    found = {line for line in text.splitlines() if line.startswith(("flags", "model name"))}
    is_known = platform.machine() == "x86_64" and bool(found)
    return ("-march=native",) * is_known, "\n".join(sorted(found))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join([*parts, platform.machine()]).encode()).hexdigest()[:24]


def _build(texts: Sequence[str], command: Sequence[str], file: Path, library: Path) -> None:
    """Compile files so that others see the whole library or none. The first is kept on failure."""
    with tempfile.TemporaryDirectory(dir=library.parent, prefix=".build-") as folder:
        source, made = Path(folder) / file.name, Path(folder) / library.name
        sources = [source, *[Path(folder) / f"{k}.c" for k in range(1, len(texts))]]
        for path, text in zip(sources, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*command, *map(str, sources), "-o", str(made), "-lm"],
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

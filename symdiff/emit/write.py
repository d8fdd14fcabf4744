"""Files, each written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from symdiff.emit.load import Emitted
from symdiff.errors import SymdiffError

_PYTHON = (".py", ".pyi", ".pyw")
_C = (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp")


def write_module(path: Path, emitted: Emitted) -> Path:
    """Write a module, and its header beside it if it has one.

    Raises:
        EmissionError: where it should be Python and is not, which is a fault of symdiff's.
        SymdiffError: where a file cannot be written, its name says another language, or the header
            would take the module's place.
    """
    _check_suffix(path, emitted)
    _ = emitted.code  # refused now, not at the first import
    if not emitted.header or (path.exists() and not path.is_file()):
        return write_whole(path, emitted.text)
    beside = path.with_suffix(".h")
    if beside == path:
        raise SymdiffError(
            f"'{path}' is the name of the header that is written beside the module",
            suggestion=f"write the module to '{path.with_suffix('.c')}'",
        )
    write_whole(beside, emitted.header)
    return write_whole(path, emitted.text)


def _check_suffix(path: Path, emitted: Emitted) -> None:
    """Refuse a name that says Python of a module that is none, or C of one that is Python."""
    suffix = path.suffix.lower()
    if suffix in (_C if emitted.is_python else _PYTHON):
        said, written = ("C", "Python") if emitted.is_python else ("Python", "another language")
        raise SymdiffError(
            f"'{path}' is the name of a file of {said}, and what is written is {written}",
            suggestion="name the file, or the target, otherwise",
        )


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a text, or bytes, so that a reader sees the old file or the new one, never a part.

    The content goes to a new file in the same folder, reaches the disk, and takes the old one's
    place in one step. A device or a pipe is written to directly.

    Raises:
        SymdiffError: where that fails; the old file is then as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            if path.is_dir():
                raise SymdiffError(f"cannot write '{path}': it is a folder")
            path.write_bytes(data)
            return path
        _replace(path.resolve(), data)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = None if path.parent.exists() else f"make the folder '{path.parent}' first"
        raise SymdiffError(f"cannot write '{path}': {reason}", suggestion=hint) from None
    return path


def _replace(path: Path, data: bytes) -> None:
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

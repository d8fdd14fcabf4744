"""Extension of IPython: programs in cells, and mistakes shown as a terminal shows them.

`%load_ext symdiff` loads it. It is imported by IPython alone.
"""

from __future__ import annotations

import traceback
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any  # IPython has types of its own

from symdiff.api import Function, function
from symdiff.errors import SymdiffError

HOME = str(Path(__file__).parent)


def load_ipython_extension(shell: Any) -> None:
    """Register the magic `%%symdiff`, and show errors of symdiff's without its own frames."""
    shell.register_magic_function(partial(symdiff, shell), "cell", "symdiff")
    shell.set_custom_exc((SymdiffError,), show)


def symdiff(shell: Any, line: str, cell: str) -> Function:
    """The cell as a formula or program of the grammar; `%%symdiff f` names the function f.

    Args:
        shell: IPython's.
        line: what stands behind the magic: a name, or nothing.
        cell: the text.

    Raises:
        SymdiffError: where the name is none, or the text is no program.
    """
    name = line.strip()
    if name and not name.isidentifier():
        raise SymdiffError(f"'{name}' is no name for a function", suggestion="write %%symdiff f")
    made = function(cell.strip("\n"))
    if name:
        shell.user_ns[name] = made
    return made


def show(
    shell: Any,
    kind: type[SymdiffError],
    error: SymdiffError,
    tb: TracebackType,
    tb_offset: int | None = None,
) -> list[str]:
    """Show an error below the lines of the user's code that led to it.

    Returns:
        The lines that are shown, as IPython wants them.
    """
    frames = traceback.extract_tb(tb)[1 if tb_offset is None else tb_offset :]
    users = [frame for frame in frames if not _is_inside(frame.filename)]
    lines = [line.rstrip("\n") for line in traceback.format_list(users)]
    lines.append(f"{kind.__name__}: {error}")
    shell._showtraceback(kind, error, lines)
    return lines


def _is_inside(file: str) -> bool:
    """Whether a file is symdiff's, or IPython's way to it."""
    return file.startswith((HOME, "<symdiff")) or "/IPython/" in file.replace("\\", "/")

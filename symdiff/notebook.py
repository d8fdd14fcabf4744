"""Extension of IPython: programs in cells.

`%load_ext symdiff` loads it. It is imported by IPython alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any  # IPython has types of its own

from symdiff.api import Function, function
from symdiff.errors import SymdiffError


def load_ipython_extension(shell: Any) -> None:
    """Register the magic `%%symdiff`."""
    shell.register_magic_function(partial(symdiff, shell), "cell", "symdiff")


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

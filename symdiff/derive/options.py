"""Options of a derivation."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.errors import SymdiffError

FORWARD, REVERSE = "forward", "reverse"
MODES = (FORWARD, REVERSE)


class Options(NamedTuple):
    """The options of a derivation.

    Attributes:
        mode: `forward` or `reverse`, where both would do; `None` for what costs less.
        sparse: whether a matrix comes as the entries that are not zero by structure.
        blocks: whether a derivative by numbers has the structure of the arguments, rather than
            being one matrix.
    """

    mode: str | None = None
    sparse: bool = False
    blocks: bool = False


PLAIN = Options()


def checked(mode: str) -> str:
    """A mode that there is.

    Raises:
        SymdiffError: where there is none of that name.
    """
    if mode not in MODES:
        raise SymdiffError(f"there is no mode '{mode}'", suggestion="'forward' or 'reverse'")
    return mode

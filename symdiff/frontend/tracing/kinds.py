"""Kinds of arguments: what is said where a known function meets one that it does not take.

A function of the catalogue, or a routine, is given what the user's code gives NumPy or SciPy: an
array that is computed where it wants the number of an axis, a number where it wants a pair.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from symdiff.errors import UnsupportedError

_COMPUTED = "a value that is not known yet"
_WORDS = {
    "non-iterable Handle object": f"{_COMPUTED} into parts",
    "'Handle' object": _COMPUTED,
    "not 'Handle'": f"not {_COMPUTED}",
    "the truth of a line of a graph is not known while it is built": f"{_COMPUTED} is no choice",
}
_KNOWN = "give known numbers where it wants sizes, axes, choices or pairs"
_OURS = ("symdiff", "numpy", "scipy")


def in_kinds(name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The result of a function that is known here.

    Args:
        name: its name in the catalogue.
        function: what computes it.
        *args: what it is given.
        **kwargs: what it is given by name.

    Raises:
        UnsupportedError: where its own code raises an error of types.
    """
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        if not _is_ours(error):
            raise
        reason = str(error)
        for internal, word in _WORDS.items():
            reason = reason.replace(internal, word)
        shown = name if name.startswith("scipy.") else f"np.{name.removeprefix('numpy.')}"
        raise UnsupportedError(
            f"{shown} does not take these arguments: {reason}",
            suggestion=None if "() " in reason else _KNOWN,
        ) from error


def _is_ours(error: TypeError) -> bool:
    """Whether an error comes of code of ours, or of a library's under it, not of the user's."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    module = frame.f_globals.get("__name__", "")
    return module.partition(".")[0] in _OURS

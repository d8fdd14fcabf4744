"""Sources of the command line: a formula, a file of one, standard input, a file's function."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import Any

from symdiff.errors import SymdiffError


def function_of(
    source: str,
    *,
    wrt: str | None,
    name: str | None,
    latex: bool,
    shape: tuple[str, ...],
    batch: bool,
    loops: str,
    checkpoint: int | None,
    max_length: int | None,
    max_depth: int | None,
    max_nodes: int | None,
    max_power_digits: int | None,
    **_rest: Any,
) -> Any:
    """The function of SOURCE and the options that all verbs share."""
    from symdiff.api import function
    from symdiff.frontend.text.options import LIMITS, Limits
    from symdiff.frontend.tracing.file import function_at, place_of, users_code

    limits = Limits(
        length=max_length or LIMITS.length,
        depth=max_depth or LIMITS.depth,
        nodes=max_nodes or LIMITS.nodes,
        power_digits=max_power_digits or LIMITS.power_digits,
    )
    if wrt is not None and not wrt.strip(", "):
        raise SymdiffError("--wrt names no input")
    shapes = _shapes(shape)
    make = functools.partial(
        function,
        wrt=wrt,
        name=name,
        shapes=shapes,
        batch=batch,
        loops=loops,
        checkpoint=checkpoint,
        limits=limits,
    )
    place = None if latex else place_of(source)
    if place is not None:
        found = function_at(place)
        with users_code(place.name):
            return make(found)
    text = _read(source, limits.length)
    return make(latex=text) if latex else make(text)


def _shapes(options: tuple[str, ...]) -> dict[str, Any] | None:
    """The shapes that --shape gives, by name."""
    if not options:
        return None
    from symdiff.frontend.text.options import parse_shape

    shapes: dict[str, Any] = {}
    for text in ";".join(options).split(";"):
        if not text.strip():
            continue
        name, shape = parse_shape(text)
        if name in shapes:
            raise SymdiffError(f"--shape names '{name}' twice")
        shapes[name] = shape
    return shapes


def _read(source: str, length: int) -> str:
    """The text of SOURCE: itself, a file's, or standard input's."""
    if source == "-":
        return decoded(sys.stdin.buffer.read(4 * length + 1), "standard input")
    if source.endswith(".sd"):
        try:
            with Path(source).open("rb") as file:
                return decoded(file.read(4 * length + 1), f"'{source}'")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SymdiffError(f"cannot read '{source}': {reason}") from None
    return decoded(os.fsencode(source), "the formula")


def decoded(data: bytes, what: str) -> str:
    """The text of bytes in UTF-8.

    Raises:
        SymdiffError: where they are none; the message names the byte.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SymdiffError(f"{what} is not UTF-8: byte {error.start + 1} cannot be read") from None

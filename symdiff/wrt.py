"""Names of inputs: what a `wrt` means, in the many ways to say it."""

from __future__ import annotations

import difflib
import operator
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from symdiff.errors import SymdiffError
from symdiff.frontend.text.constants import advice_on_constant
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.verbs import Wrt


def items_of(wrt: Wrt) -> tuple[str | int, ...]:
    """The names and positions in a `wrt`; a symbol of SymPy's is its name.

    Raises:
        SymdiffError: for what is neither.
    """
    if isinstance(wrt, str):
        return tuple(re.split(r"[,\s]+", wrt.strip(", \t\n")))
    items: Iterable[Any] = (wrt,) if is_single(wrt) else wrt  # type: ignore[assignment]
    return tuple(_item(item) for item in items)


def is_single(wrt: Wrt) -> bool:
    """Whether one thing is meant, rather than a tuple of one."""
    if isinstance(wrt, str):
        return len(items_of(wrt)) == 1
    return hasattr(wrt, "name") or not isinstance(wrt, Iterable)


def name_of(item: str | int, known: Sequence[str], what: str = "input") -> str:
    """The name itself, or the name at a position.

    Raises:
        SymdiffError: for a position that there is not.
    """
    if isinstance(item, str):
        return item
    if not known:
        raise SymdiffError(f"there is no {what} to differentiate by")
    if not -len(known) <= item < len(known):
        raise SymdiffError(f"wrt asks for {what} {item}, and there are {len(known)}")
    return known[item]


def names_of(graph: Graph, wrt: Wrt) -> tuple[str, ...]:
    """The inputs of a graph that a `wrt` means; without one all those that are floats.

    Raises:
        SymdiffError: for a name or a position that is no input, or one that stands twice.
    """
    known = graph.input_names
    kinds = {name: graph[at].dtype for name, at in zip(known, graph.inputs, strict=True)}
    if wrt is None:
        return tuple(name for name in known if kinds[name] == FLOAT)
    names = tuple(_known(name_of(item, known), known) for item in items_of(wrt))
    if not names:
        raise SymdiffError("wrt names no input")
    for name in names:
        if names.count(name) > 1:
            raise SymdiffError(f"wrt names '{name}' twice")
        if kinds[name] != FLOAT:
            others = ", ".join([other for other in known if kinds[other] == FLOAT][:10])
            raise SymdiffError(
                f"'{name}' holds whole numbers or truths: it has no derivative",
                suggestion=f"wrt may name: {others}" if others else None,
            )
    return names


def _item(item: Any) -> str | int:
    if isinstance(item, str):
        return item
    try:
        return operator.index(item)
    except TypeError:
        name = getattr(item, "name", None)
    if not isinstance(name, str):
        raise SymdiffError(f"wrt holds {item!r}, which is neither a name nor a position")
    return unicodedata.normalize("NFKC", name)


def _known(name: str, known: Sequence[str]) -> str:
    """A name, refused where no input has it."""
    if name in known:
        return name
    listed = ", ".join(known[:10]) or "none"
    near = difflib.get_close_matches(name, known, 1)
    suggestion = f"did you mean '{near[0]}'?" if near else f"the inputs are: {listed}"
    raise SymdiffError(
        f"'{name}' is not an input", suggestion=advice_on_constant(name) or suggestion
    )

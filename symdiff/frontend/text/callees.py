"""Callees: what a call may name, a function of numbers, a function of NumPy's, or both."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import Array
from symdiff.frontend.lowering.registry import Lowering
from symdiff.frontend.text.functions import OWN, find_function
from symdiff.graph.shape import Dimension

_NAMESPACE = "linalg."


class Callee(NamedTuple):
    """A function that a text calls.

    Attributes:
        name: as the text has it.
        of_numbers: what it is on numbers, where it is a function of numbers.
        lowering: NumPy's function of this name, or of this last part of its name.
    """

    name: str
    of_numbers: Lowering | None
    lowering: Lowering | None

    @property
    def signature(self) -> str:
        """How a call is written."""
        shown = self.of_numbers or self.lowering
        return f"{self.name}({'' if shown is None else shown.arguments})"

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters of NumPy's function, as far as they are supported."""
        return [] if self.lowering is None else self.lowering.parameters


def find_callee(name: str) -> Callee | None:
    """The function of a name; `None` where there is none."""
    found = CALLEES.get(name)
    if found is None:
        own = find_function(name)  # SymPy's further functions
        found = None if own is None else Callee(name, own, None)
    return found


def is_function(name: str) -> bool:
    """Whether a call may have this name."""
    return name in CALLEES


def nearest_function(name: str) -> str | None:
    """The function whose name is most like this one."""
    if is_function(name.lower()):
        return name.lower()
    letters = sorted(name)
    for other in CALLEES:
        if sorted(other) == letters:  # two letters exchanged, the commonest slip
            return other
    near = difflib.get_close_matches(name, CALLEES, n=1, cutoff=0.7)
    return near[0] if near else None


def _length(x: Array, /) -> Dimension:
    """The length of the first axis, as Python's `len`."""
    if not x.shape:
        raise ShapeError("a number has no length")
    return x.shape[0]


_STATS = "scipy.stats."  # whose functions are methods of distributions


def _by_name() -> Mapping[str, Lowering]:
    """All lowerings by their names and by the last part of these; plain names come first."""
    found = {name: LOWERINGS[name.lower()] for name in ("Max", "Min")}
    found["len"] = Lowering(["len"], _length)
    for name in sorted(LOWERINGS, key=lambda name: name.count(".")):
        module, _, last = name.rpartition(".")
        is_method = module in LOWERINGS or name.startswith(_STATS)  # of a universal function, ...
        if not is_method:
            found.setdefault(last, LOWERINGS[name])
        if name.startswith(_NAMESPACE):
            found[name] = LOWERINGS[name]
    return found


def _callee(name: str) -> Callee:
    lowering = _BY_NAME.get(name)
    own = OWN.get(name, lowering)
    if own is None or own.is_elementwise:
        return Callee(name, own, lowering)
    return Callee(name, None, own)


_BY_NAME = _by_name()
CALLEES: Mapping[str, Callee] = {name: _callee(name) for name in (*OWN, *_BY_NAME)}

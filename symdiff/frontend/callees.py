"""What a call may name: a row of scalar functions, a lowering of NumPy's, or both."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.functions import BY_NAME, FunctionRow, find_function
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import Lowering, Value, line
from symdiff.graph.shape import Dimension
from symdiff.ops.builder import Builder

_NAMESPACE = "linalg."
_OF_MEMORY = frozenset(("casting", "copy", "device", "like", "order", "subok"))  # change no number


class Callee(NamedTuple):
    """A function that a text calls.

    Attributes:
        name: as the text has it.
        row: the function of numbers, which also broadcasts over arrays.
        lowering: NumPy's function of this name, or of this last part of its name.
    """

    name: str
    row: FunctionRow | None
    lowering: Lowering | None

    @property
    def signature(self) -> str:
        """How a call is written."""
        if self.row is not None:
            return f"{self.name}({self.row.arguments})"
        return f"{self.name}({', '.join(parameter_names(self))})"


def find_callee(name: str) -> Callee | None:
    """The function of a name; `None` where there is none."""
    found = _CALLEES.get(name)
    if found is None:
        row = find_function(name)  # SymPy's further functions
        found = None if row is None else Callee(name, row, None)
    return found


def parameters_of(callee: Callee) -> list[inspect.Parameter]:
    """The parameters of NumPy's function, as far as they are supported."""
    if callee.lowering is None:
        return []
    found = list(inspect.signature(callee.lowering).parameters.values())
    if found[0].kind is not inspect.Parameter.VAR_POSITIONAL:
        del found[0]  # the builder
    around = inspect.signature(callee.lowering, follow_wrapped=False).parameters
    if around.keys() >= {p.name for p in found}:
        return found
    return [*found, *(p for p in around.values() if p.kind is p.KEYWORD_ONLY)]


def parameter_names(callee: Callee) -> list[str]:
    """The parameters as a call is written; those that have defaults as `name=`."""
    written = []
    for parameter in parameters_of(callee):
        if parameter.kind is parameter.VAR_KEYWORD or parameter.name in _OF_MEMORY:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            written.append(f"*{parameter.name}")
        elif parameter.default is parameter.empty:
            written.append(parameter.name)
        else:
            written.append(f"{parameter.name}=")
    return written


def is_function(name: str) -> bool:
    """Whether a call may have this name."""
    return name in _CALLEES


def nearest_function(name: str) -> str | None:
    """The function whose name is most like this one."""
    if is_function(name.lower()):
        return name.lower()
    letters = sorted(name)
    for other in _CALLEES:
        if sorted(other) == letters:  # two letters exchanged, the commonest slip
            return other
    near = difflib.get_close_matches(name, _CALLEES, n=1, cutoff=0.7)
    return near[0] if near else None


def _length(b: Builder, x: Value, /) -> Dimension:
    """The length of the first axis, as Python's `len`."""
    shape = line(b, x).shape
    if not shape:
        raise ShapeError("a number has no length")
    return shape[0]


def _by_name() -> Mapping[str, Lowering]:
    """All lowerings by their names and by the last part of these; plain names come first."""
    found: dict[str, Lowering] = {"len": _length, "Max": LOWERINGS["max"], "Min": LOWERINGS["min"]}
    for name in sorted(LOWERINGS, key=lambda name: name.count(".")):
        found.setdefault(name.rpartition(".")[2], LOWERINGS[name])
        if name.startswith(_NAMESPACE):
            found[name] = LOWERINGS[name]
    return found


_BY_NAME = _by_name()
_CALLEES: Mapping[str, Callee] = {
    name: Callee(name, BY_NAME.get(name), _BY_NAME.get(name)) for name in (*BY_NAME, *_BY_NAME)
}

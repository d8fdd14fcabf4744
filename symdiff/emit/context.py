"""The state of one module while it is put together, and the definitions that it consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from symdiff.emit.layout import INDENT
from symdiff.emit.names import Names, safe_names
from symdiff.emit.source import Source
from symdiff.emit.spell.base import Spelling
from symdiff.graph.graph import Graph


class Definition(NamedTuple):
    """A function of the module.

    Attributes:
        head: the line with its name and parameters.
        lines: its statements.
        docstring: as it stands between the quotes, `""` for none.
        after: lines without indent that follow it.
    """

    head: str
    lines: Sequence[str]
    docstring: str = ""
    after: Sequence[str] = ()


class Context:
    """What the parts of a module share: names, helpers, libraries. Lives for one module.

    Attributes:
        source: what the module is made of.
        inputs: of all its functions.
        parameters: of each input, the name of the parameter.
        names: of what functions with the user's parameters look up, the name that it has there:
            another one where an input has its own.
        taken: names that no local of such a function may have.
        helpers: by name, definitions of what bodies call.
        libraries: that bodies and helpers call.
    """

    def __init__(self, source: Source, looked_up: Sequence[str]) -> None:
        self.source = source
        self.inputs = (*source.value.input_names, *source.extra)
        self.parameters = safe_names(self.inputs)
        taken = set(self.parameters.values())
        self.names = {name: Names(taken).fresh(name) for name in looked_up}
        self.taken = taken | set(looked_up) | set(self.names.values())
        self.helpers: dict[str, str] = {}
        self.libraries: set[str] = set()

    def need(self, spelling: Spelling) -> None:
        """Define the helper of a spelling, and import what it calls."""
        if spelling.source:
            self.helpers.setdefault(spelling.text, spelling.source)
        self.libraries |= spelling.libraries

    def parameters_of(self, names: Sequence[str]) -> list[str]:
        """The parameters of inputs."""
        return [self.parameters[name] for name in names]

    def local(self, wish: str) -> str:
        """A name for a local of a function with the user's parameters."""
        return Names(self.taken).fresh(wish)

    @property
    def wrt(self) -> list[str]:
        """The parameters that the function is differentiated by."""
        return self.parameters_of(self.source.wrt)

    @property
    def others(self) -> list[str]:
        """The parameters of the function that it is not differentiated by."""
        inputs = self.source.value.input_names
        return self.parameters_of([name for name in inputs if name not in self.source.wrt])


class Entry(Protocol):
    """How public functions get from the user's arguments to the bodies.

    Attributes:
        context: the state of the module.
        template: of the functions that the entry consists of.
        keyword: a parameter of the gradient's functions that is given by name, `""` for none.
        is_alone: whether `unpack` returns the one array itself where there is one.
    """

    template: str
    is_alone: bool
    context: Context
    keyword: str

    def body(self, name: str, graph: Graph) -> list[Definition]:
        """The body of a function, with what it is given."""

    def public(self, name: str) -> list[Definition]:
        """The function that users call, with its forms for other libraries."""

    def grad_docstring(self) -> str:
        """Of `grad`, which `value_and_grad` before it describes in full."""

    def pack(self) -> Definition:
        """The function that makes one vector of what the function is differentiated by."""

    def constants(self) -> list[str]:
        """The constants before the first function."""

    def standard(self) -> set[str]:
        """The modules of the standard library that the entry calls."""

    def imported(self) -> list[str]:
        """The imports of names from the standard library."""

    def others(self) -> list[str]:
        """Other imports, behind those of packages."""

    def undefined(self) -> frozenset[str]:
        """Names that are looked up in other modules of this kind, and not defined in this one."""

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """The variables of the entry's own template."""


def docstring(lines: Sequence[str]) -> str:
    """The text between the quotes, lines after the first as far in as the function's body."""
    first, *rest = lines
    return "\n".join([first, *[f"{INDENT}{line}" if line else "" for line in rest[:-1]]]) + (
        f"\n{INDENT}{rest[-1]}" if rest else ""
    )

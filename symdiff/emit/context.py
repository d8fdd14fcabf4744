"""The state of one module while it is put together, and the definitions that it consists of."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from symdiff.emit.layout import INDENT, WIDTH, tuple_text
from symdiff.emit.names import Names, safe_names
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.base import Spelling, Spellings

REAL = "Real"  # the type of an argument, in the text
POOL = "from concurrent.futures import ThreadPoolExecutor"
REAL_LINE = f"{REAL} = float | np.ndarray  # or a list, or an array of another library"


class Definition(NamedTuple):
    """A function of the module.

    Attributes:
        name: the name of the function.
        parameters: with their types and defaults.
        lines: the statements.
        docstring: the text between the quotes, `""` for none.
        returns: the type of the result, `""` where the function is of no use to users.
        after: lines without indent that follow it.
        decorator: the line before the first one, `""` for none.
    """

    name: str
    parameters: Sequence[str]
    lines: Sequence[str]
    docstring: str = ""
    returns: str = ""
    after: Sequence[str] = ()
    decorator: str = ""

    @property
    def head(self) -> str:
        """The first line, behind the decorator."""
        returns = f" -> {self.returns}" if self.returns else ""
        before = f"{self.decorator}\n" if self.decorator else ""
        return f"{before}def {self.name}({', '.join(self.parameters)}){returns}:"

    @property
    def body(self) -> str:
        """The statements with their indent, which a template would print in ten times the time."""
        if self.lines and all(self.lines):  # most: no list of indented lines is made
            return INDENT + f"\n{INDENT}".join(self.lines)
        return "\n".join([INDENT + line if line else "" for line in self.lines])


class Context:
    """What the parts of a module share: names, helpers, libraries. Lives for one module.

    Attributes:
        source: what the module is made of.
        inputs: of all its functions, those of the function first.
        parameters: of each input, the name of the parameter.
        names: of what functions with the user's parameters look up, the name that it has there:
            another one where an input has its own.
        taken: names that no local of such a function may have.
        real: the type of an argument, in the text, `""` where arguments have none.
        helpers: by name, definitions of what bodies call.
        libraries: that bodies and helpers call.
    """

    def __init__(self, source: Source, looked_up: Iterable[str]) -> None:
        self.source = source
        vectors = [name for d in source.derivatives for name in source.vectors(d)]
        self.inputs = (*source.value.input_names, *dict.fromkeys(vectors))
        self.parameters = safe_names(self.inputs)
        names = dict.fromkeys([*looked_up, *_LOOKED_UP])
        names |= dict.fromkeys(part for d in source.derivatives for part in _names_of(d))
        taken = set(self.parameters.values())
        self.names = {n: Names(taken).fresh(n) if n in taken else n for n in names}
        self.taken = taken | set(names) | set(self.names.values())
        self.real = REAL if source.is_documented else ""
        self.helpers: dict[str, str] = {}
        self.libraries: set[str] = set()

    def need(self, spelling: Spelling) -> None:
        """Define the helper of a spelling, and import what it calls."""
        if spelling.source:
            self.helpers.setdefault(spelling.text, spelling.source)
        self.libraries |= spelling.libraries

    def call(self, names: Iterable[str], table: Spellings) -> None:
        """Define helpers of a table, with what they call before them, or import libraries."""
        for name in names:
            if name not in table.helpers:
                self.libraries.add(name)
            elif name not in self.helpers:
                helper = table.helpers[name]
                self.call(helper.needs, table)
                self.helpers[name] = helper.source

    def parameters_of(self, names: Iterable[str]) -> list[str]:
        """The parameters of inputs."""
        return [self.parameters[name] for name in names]

    def called_with(self, derivative: Derivative | None) -> list[str]:
        """The parameters of a derivative's function, or of the value's."""
        vectors = () if derivative is None else self.source.vectors(derivative)
        return self.parameters_of([*self.source.value.input_names, *vectors])

    def typed(self, parameters: Iterable[str]) -> list[str]:
        """Parameters with the type of what users give."""
        return [f"{p}: {self.real}" if self.real else p for p in parameters]

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
        inputs, wrt = self.source.value.input_names, set(self.source.wrt)
        return self.parameters_of([name for name in inputs if name not in wrt])

    def aliases(self, defined: Iterable[str]) -> list[str]:
        """Statements that give what an input's name hides another name.

        Args:
            defined: names of the module.
        """
        known = {*defined, "np"}
        return [
            f"{new} = {old}"
            for old, new in self.names.items()
            if new != old and (old in known or hasattr(builtins, old))
        ]


_LOOKED_UP = "_value float np pack unpack zip".split()


def _names_of(derivative: Derivative) -> tuple[str, str]:
    return derivative.function, f"_{derivative.function}"


class Entry:
    """How public functions get from the user's arguments to the bodies.

    Attributes:
        template: of the functions that the entry consists of, `""` for none.
        packages: the imports of what is not in the standard library.
        has_stacks: whether matrices are made outside of bodies, by constants that say where
            entries stand.
        is_alone: whether `unpack` returns the one array itself where there is one.
        source: what the module is made of.
        context: the state of the module.
        keyword: a parameter of the gradient's functions that is given by name, `""` for none.
    """

    template = ""
    packages: Sequence[str] = ("import numpy as np",)
    has_stacks = True
    is_alone = True
    source: Source
    context: Context
    keyword = ""

    @property
    def checks_itself(self) -> bool:
        """Whether the module can compare its derivatives with differences."""
        return bool(self.source.derivatives) and not self.source.is_bare

    def body(self, derivative: Derivative | None) -> list[Definition]:
        """The body of a derivative's function, or of the value's, with what it is given."""
        del derivative
        return []  # where public functions hold them

    def public(self, derivative: Derivative | None) -> list[Definition]:
        """The function that users call, with its forms for other libraries."""
        raise NotImplementedError

    def grad(self) -> Definition:
        """The gradient alone."""
        context = self.context
        parameters, keyword = context.called_with(None), self.keyword
        taken = [*context.typed(parameters), *(["*", f"{keyword}: Any = None"] if keyword else [])]
        given = [*parameters, *([f"{keyword}={keyword}"] if keyword else [])]
        lines = [f"return {context.names['value_and_grad']}({', '.join(given)})[1]"]
        result = "Any" if context.real else ""
        return Definition("grad", taken, lines, self.grad_docstring(), result)

    def grad_docstring(self) -> str:
        """Of `grad`, which `value_and_grad` before it describes in full."""
        return "The gradient alone: see value_and_grad."

    def pack(self) -> Definition:
        """The function that makes one vector of what the function is differentiated by."""
        raise NotImplementedError

    def constants(self) -> list[str]:
        """The constants before the first function."""
        return []

    def standard(self) -> set[str]:
        """The modules of the standard library that the entry calls."""
        return {"math"} & self.context.libraries

    def imported(self) -> list[str]:
        """The imports of names from the standard library."""
        return ["from typing import Any"]

    def others(self) -> list[str]:
        """Other imports, behind those of packages."""
        return []

    def defined(self) -> set[str]:
        """Names that the entry's template and its constants give the module."""
        return set()

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """What the templates look at beside the definitions."""
        return {"shapes_known": False, "kinds": []}


def result_type(source: Source, derivative: Derivative | None) -> str:
    """The type of what a function returns."""
    if derivative is None:
        return "Any" if len(source.value.outputs) == 1 else "tuple[Any, ...]"
    if derivative.verb.returns_value or derivative.verb.has_gradient:
        return "tuple[Any, Any]"
    return "Any"


def names_of_arguments(source: Source) -> list[str]:
    """INPUTS, OUTPUTS and WRT, on one line where they fit."""
    value = source.value
    named = {"INPUTS": value.input_names, "OUTPUTS": value.output_names, "WRT": source.wrt}
    texts = [tuple_text([f'"{name}"' for name in names]) for names in named.values()]
    line = f"{', '.join(named)} = {', '.join(texts)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"{constant} = {text}" for constant, text in zip(named, texts, strict=True)]


def docstring(lines: Sequence[str]) -> str:
    """The text between the quotes, lines after the first as far in as the function's body."""
    first, *rest = lines
    inside = [f"{INDENT}{line}" if line else "" for line in rest[:-1]]
    last = [f"{INDENT}{rest[-1]}"] if rest else []
    return "\n".join([first, *inside, *last])

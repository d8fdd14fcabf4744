"""Entry of a C file: functions of numbers and buffers, whose results are written where they go."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.c_check import c_check
from symdiff.emit.context import Context, Entry
from symdiff.emit.dialect import SINGLE_NESTS, Dialect
from symdiff.emit.docstrings import docstring_of
from symdiff.emit.entries.c_batch import OwnLoop, Points, batch
from symdiff.emit.entries.c_function import Function, Parameter
from symdiff.emit.layout import INDENT, WIDTH
from symdiff.emit.lengths import with_own_lengths
from symdiff.emit.names import Names
from symdiff.emit.nests import PrintedNests, print_nests
from symdiff.emit.products import Packing
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.c import KEYWORDS, called
from symdiff.emit.spell.c_loops import IN_PLACE, IN_PLACE_LINES
from symdiff.errors import UnsupportedError
from symdiff.graph.node import FLOAT
from symdiff.graph.shape import Dim, Dimension, Shape, renamed
from symdiff.graph.shape import text as shape_text
from symdiff.schedule.nests.build import nested
from symdiff.schedule.nests.extents import room
from symdiff.schedule.nests.nest import Buffer, Nests

_ON_STACK = 64  # numbers of a buffer that is a local array
_ALL_ON_STACK = 4096  # of all of them


class CEntry(Entry):
    """The entry of a C file.

    Args:
        source: what the file is made of.
        dialect: how the bodies are printed.
    """

    packages = ()
    has_stacks = False

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self.source = source
        self.dialect = SINGLE_NESTS if source.is_float32 else dialect
        self.types = self.dialect.types
        self.context = Context(source, ())
        self.lengths = source.lengths
        own = {*KEYWORDS, *called(dialect.table), *called(self.dialect.table)}
        names = Names(own)
        for name in self.lengths:
            if names.fresh(name) != name:
                raise UnsupportedError(
                    f"a length called '{name}' hides what C calls by that name",
                    suggestion="give the length another name",
                )
        self.parameters = {name: _parameter(name, names) for name in self.context.inputs}
        self.reserved = {*own, *self.lengths, *self.parameters.values()}
        self.prefix = identifier(source.value.output_names[0])
        self.made: dict[str, Function] = {}

    def public(self, derivative: Derivative | None) -> list[Function]:  # type: ignore[override]
        """The function, with its results behind its inputs."""
        graph, packing = self.source.body(derivative)
        names = Names(self.reserved)
        outputs = [names.fresh(identifier(name)) for name in graph.output_names]
        given = {name: self.parameters[name] for name in graph.input_names}
        nests = nested(with_own_lengths(graph, names), names.fresh, given, outputs)
        printed = print_nests(nests, self.dialect, names)
        self._need(printed)
        name = "value" if derivative is None else derivative.function
        memory = Memory(nests, self.types, names)
        kinds = [(graph[at].shape, self.types[graph[at].dtype]) for at in graph.outputs]
        results = _results(outputs, kinds, packing, printed, name, self.types[FLOAT])
        inputs = [
            _input(given[n], graph[at].shape, self.types[graph[at].dtype])
            for n, at in zip(graph.input_names, graph.inputs, strict=True)
        ]
        lengths = [Parameter(n, f"ptrdiff_t {n}", "a length") for n in self.lengths]
        read = printed.reads | memory.reads
        unused = [f"(void){p.name};" for p in (*lengths, *inputs) if p.name not in read]
        symbol = f"{self.prefix}_{name}"
        places = f"their places, {symbol}_rows and {symbol}_columns"
        found = Function(
            name,
            symbol,
            results.returns,
            [*lengths, *inputs, *results.parameters, *memory.parameters],
            docstring_of(self.source, derivative, self.source.shapes_of(derivative), places),
            [*unused, *memory.lines, *printed.lines, *results.lines],
            memory.sizes,
            printed.errors,
            self.lengths,
            memory.parameters,
            nests.most_steps,
        )
        self.made[name] = found
        if self.source.is_lean or not self.source.is_scalar:
            return [found]
        entries = packing.size if isinstance(packing, Tensor | Coordinates) else 1
        own = OwnLoop(graph, self.dialect, given, packing, self.reserved)
        loop = partial(self._own_loop, own) if own.is_worth_it(nests) else None
        return [found, batch(found, inputs, outputs, entries, self.types[FLOAT], loop)]

    def _own_loop(self, own: OwnLoop, points: Points, arrays: Sequence[str]) -> list[str]:
        """The lines of a batch that does not call the function."""
        printed = own.printed(points, arrays)
        self._need(printed)
        unread = [x for pair in points.steps.items() for x in pair if x not in printed.reads]
        return [*[f"(void){name};" for name in unread], *printed.lines]

    def _need(self, printed: PrintedNests) -> None:
        """Define what a body calls."""
        for op in printed.calls:
            self.context.need(self.dialect.spell(op))
        self.context.call(sorted(printed.needs), self.dialect.table)

    def grad(self) -> Function:  # type: ignore[override]
        """The gradient alone: the value goes nowhere."""
        whole = self.made["value_and_grad"]
        first = len(self.lengths) + len(self.source.value.inputs)
        value = whole.parameters[first]
        local = Names({p.name for p in whole.parameters}).fresh("ignored")
        given = [f"&{local}" if p is value else p.name for p in whole.parameters]
        call = f"{whole.symbol}({', '.join(given)});"
        return whole._replace(
            name="grad",
            symbol=f"{self.prefix}_grad",
            parameters=[p for p in whole.parameters if p is not value],
            docstring=[f"The gradient alone: see {whole.symbol}."],
            lines=[
                f"{self.types[FLOAT]} {local};",
                f"return {call}" if whole.returns == "int" else call,
            ],
            workspace={},
        )

    def imported(self) -> list[str]:
        """Nothing of Python's."""
        return []

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """What the header is guarded by, and the macros of workspaces."""
        return {
            "prefix": self.prefix,
            "tables": [
                table
                for d in self.source.derivatives
                for table in _tables(self.made[d.function].symbol, d.packing)
            ],
            "check": None if self.source.is_lean else c_check(self.source, self.made),
            "macros": [line for f in self.made.values() for line in _macros(f, self.lengths)],
            "in_place": self._in_place(),
        }

    def _in_place(self) -> list[str]:
        """What the word before long functions stands for, where the file has some."""
        has_some = any(IN_PLACE in source for source in self.context.helpers.values())
        return [*IN_PLACE_LINES] if has_some else []


class _Results(NamedTuple):
    """How results leave a function: its type, parameters, and statements at its end."""

    returns: str
    parameters: Sequence[Parameter]
    lines: Sequence[str]


def _results(
    outputs: Sequence[str],
    kinds: Sequence[tuple[Shape, str]],
    packing: Packing,
    printed: PrintedNests,
    function: str,
    number: str,
) -> _Results:
    """A value that is one number is returned, all else is written; entries are of one type."""
    numbers, end = printed.results, ["return 0;"] * bool(printed.errors)
    returns = "int" if printed.errors else "void"
    if isinstance(packing, Tensor | Coordinates):
        array = outputs[0] if len(outputs) == 1 else function
        return _Results(
            returns,
            [_entry_array(array, packing, number)],
            [*_entries(array, packing, numbers), *end],
        )
    if function == "value" and len(outputs) == 1 and numbers and not printed.errors:
        return _Results(kinds[0][1], [], [f"return {numbers[0]};"])
    of_numbers = [name for name, (shape, _) in zip(outputs, kinds, strict=True) if not shape]
    lines = [f"*{name} = {text};" for name, text in zip(of_numbers, numbers, strict=True)]
    written = [_output(name, *kind) for name, kind in zip(outputs, kinds, strict=True)]
    return _Results(returns, written, [*lines, *end])


class Memory:
    """Where the buffers of a function stand: small ones are its own, others in a workspace.

    Attributes:
        lines: the declarations.
        parameters: the workspaces, and before them how many steps they are for.
        sizes: by workspace, how many numbers it holds.
        reads: the names that the declarations read.
    """

    def __init__(self, nests: Nests, types: Mapping[str, str], names: Names) -> None:
        self.lines: list[str] = []
        self.parameters: list[Parameter] = []
        self.sizes: dict[str, Dimension] = {}
        self.reads: set[str] = set()
        self._names = {kind: names.fresh(_WORKSPACES[kind]) for kind in types.values()}
        left = _ALL_ON_STACK
        for buffer in nests.buffers:
            count, kind = room(buffer.shape), types[buffer.dtype]
            if isinstance(count, int) and count <= min(_ON_STACK, left):
                left -= count
                self.lines.append(f"{kind} {buffer.name}[{max(count, 1)}];")
            else:
                self._place(buffer, count, kind)
        if nests.most_steps:
            says = "how many steps of a loop, at most, it has memory for"
            self.parameters.append(
                Parameter(nests.most_steps, f"ptrdiff_t {nests.most_steps}", says)
            )
        # in the order of the parameters
        self.sizes = {kind: self.sizes[kind] for kind in self._names if kind in self.sizes}
        for kind, name in self._names.items():
            if kind in self.sizes:
                says = f"memory for {self.sizes[kind]} numbers"
                self.parameters.append(Parameter(name, f"{kind} *restrict {name}", says))

    def _place(self, buffer: Buffer, count: Dimension, kind: str) -> None:
        """Behind what is in the workspace already."""
        start = self.sizes.get(kind, 0)
        for length in (start, count):
            self.reads |= length.names if isinstance(length, Dim) else set()
        place = self._names[kind] + (f" + {start}" if start != 0 else "")
        self.lines.append(f"{kind} *restrict const {buffer.name} = {place};")
        self.sizes[kind] = count + start


_WORKSPACES = {"double": "work", "float": "work", "int64_t": "whole_work", "bool": "bool_work"}


def _macros(function: Function, lengths: Sequence[str]) -> Iterator[str]:
    """How many numbers the workspaces of a function hold."""
    for kind, count in function.workspace.items():
        name = f"{function.symbol}_{_WORKSPACES[kind]}".upper()
        if isinstance(count, Dim):
            names = [*lengths, *[function.steps] * bool(function.steps)]
            given = ", ".join(names)
            count = renamed(count, {n: f"({n})" for n in names})
            yield f"#define {name}({given}) ({count})"
        else:
            yield f"#define {name} {count}"


def _parameter(name: str, names: Names) -> str:
    """The name of an input, with an underscore behind what C has."""
    found = names.fresh(name)
    return found if found == name else names.fresh(f"{name}_")


def identifier(name: str) -> str:
    """The name of an output; those that are no names have another one."""
    return name if name.isidentifier() else "f"


def _input(name: str, shape: Shape, kind: str) -> Parameter:
    if not shape:
        return Parameter(name, f"{kind} {name}", "a number")
    return Parameter(name, f"const {kind} *restrict {name}", f"of the shape {shape_text(shape)}")


def _output(name: str, shape: Shape, kind: str) -> Parameter:
    what = f"where {name} goes, of the shape {shape_text(shape)}" if shape else f"where {name} goes"
    return Parameter(name, f"{kind} *restrict {name}", what)


def _entry_array(name: str, packing: Tensor | Coordinates, number: str) -> Parameter:
    shape = packing.shape if isinstance(packing, Tensor) else (packing.size,)
    return Parameter(
        name, f"{number} *restrict {name}", f"where it goes, of the shape {shape_text(shape)}"
    )


def _entries(array: str, packing: Tensor | Coordinates, results: Sequence[str]) -> list[str]:
    """The statements that write the entries of a matrix, and zeros where there is none."""
    lines: list[str] = []
    if len(results) < packing.size:
        lines += [
            f"for (ptrdiff_t k = 0; k < {packing.size}; k++) {{",
            f"    {array}[k] = 0.0;",
            "}",
        ]
    return [*lines, *[f"{array}[{packing.place(k)}] = {x};" for k, x in enumerate(results)]]


# --- where the entries of a sparse matrix stand ---------------------------------------------------


class _Table(NamedTuple):
    """An array of constants: rows or columns."""

    head: str
    lines: Sequence[str]


def _tables(symbol: str, packing: Packing) -> list[_Table]:
    """The rows and the columns of the entries of a sparse matrix."""
    if not isinstance(packing, Coordinates):
        return []
    found = []
    for name, numbers in (("rows", packing.rows), ("columns", packing.columns)):
        texts = [*map(str, numbers.tolist())] or ["0"]
        lines = textwrap.wrap(", ".join(texts), WIDTH - len(INDENT))
        found.append(_Table(f"const int64_t {symbol}_{name}[{len(texts)}]", lines))
    return found

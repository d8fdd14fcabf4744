"""Entry of functions of arrays: shapes and types are checked, then the body is called."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit import products
from symdiff.emit.context import (
    POOL,
    REAL_LINE,
    Context,
    Definition,
    Entry,
    docstring,
    names_of_arguments,
    result_type,
)
from symdiff.emit.dialect import ARRAYS, ARRAYS32
from symdiff.emit.docstrings import docstring_of, printable
from symdiff.emit.entries.arguments import Arguments, shapes_text
from symdiff.emit.kinds import with_kinds
from symdiff.emit.layout import INDENT, WIDTH, tuple_text
from symdiff.emit.names import CALLED, Names
from symdiff.emit.printed import Printed, print_graph
from symdiff.emit.row_blocks import RowBlocks, row_blocks
from symdiff.emit.seeds import split
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.numpy import NUMPY
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_graph, every_node, with_lengths
from symdiff.graph.node import BOOL, CONSTANT, INPUT, Node
from symdiff.graph.shape import Dim, Dimension, names_of, renamed
from symdiff.ops.creation import made
from symdiff.ops.own_rules import called_functions

# what functions with the user's parameters call
_LOOKED_UP = "SHAPES _accumulated _converted _run isinstance".split()
_BLOCKS = "BLOCK, THREADS = 2**17, os.cpu_count() or 1  # elements of long arrays at once"
_LOCALS = "bool fit int shapes special".split()  # these are no names of lengths
_DEFINED = (
    "_self_check bisect contextlib grad hess hessp itertools special sys unpack value".split()
)


class Shaped(Entry):
    """The entry of a module of arrays."""

    template = "numpy/entry_shaped.py.j2"
    has_threads = True  # for blocks of rows

    def __init__(self, source: Source) -> None:
        self.source = source
        self.dialect = ARRAYS32 if source.is_float32 else ARRAYS
        looked_up = [*_LOOKED_UP]
        for derivative in source.derivatives:
            prefix = source.prefix(derivative)
            looked_up += products.names_used(derivative, prefix)
            looked_up += [f"{prefix}PARTS", f"_{prefix.lower()}parts"] * bool(derivative.seeds)
        looked_up += map(_check_name, range(max(len(source.derivatives), 1)))
        self.context = Context(source, looked_up)
        looked_up = [*self.context.names]
        named = Names({*looked_up, *_LOCALS})
        self.lengths = {length: named.fresh(length) for length in source.lengths}
        inputs = self._inputs()
        self.shapes = {name: inputs[name].shape for name in self.context.inputs}
        spellings = map(NUMPY.spell, NUMPY)
        own = {*looked_up, *_LOCALS, *self.lengths.values()}
        own |= {spelling.text for spelling in spellings if spelling.source}
        self.called = self._called({*own, *_DEFINED})
        # inside of a body, parameters make way for what it calls and for lengths
        self.reserved = own | set(self.called) | CALLED
        inside = Names(self.reserved)
        self.locals = {name: inside.fresh(name) for name in inputs}
        self.arrays = self._arrays()
        self.keyword = "" if source.is_lean else self.context.local("accumulate")
        kinds = {name: node.dtype for name, node in inputs.items()}
        self.checks = self._checks(kinds)
        self.every = self._check("", self.context.inputs, kinds)
        self.blocks = self._blocks()

    def _blocks(self) -> dict[str, RowBlocks]:
        """How functions call their bodies with blocks of rows, by the function's name."""
        source, found = self.source, dict[str, RowBlocks]()
        if source.is_lean or source.has_batch or not self.has_threads:
            return found
        for derivative in (None, *source.derivatives):
            if derivative is None or not derivative.seeds:
                blocks = row_blocks(source.body(derivative)[0], source.lengths)
                found |= {_function_name(derivative): blocks} if blocks else {}
        return found

    def _inputs(self) -> dict[str, Node]:
        """The inputs of all functions: as those give them, without a batch axis in front."""
        graphs = [self.source.value, *[d.formulas for d in self.source.derivatives]]
        found: dict[str, Node] = {}
        for graph in graphs:
            for name, at in zip(graph.input_names, graph.inputs, strict=True):
                found.setdefault(name, graph[at])
        return found

    def _called(self, taken: Collection[str]) -> dict[str, str]:
        """The user's functions that the bodies call, each with its module."""
        found = called_functions(node for graph in self.source.graphs for node in graph.nodes)
        for name in found:
            if name in taken or name.isupper() or hasattr(builtins, name):
                raise UnsupportedError(
                    f"the module cannot import '{name}': it has something of its own of that name",
                    suggestion="give the function another name",
                )
        return found

    def _nodes(self) -> Iterator[Node]:
        """The nodes of the bodies and of the loops in them."""
        for graph in self.source.graphs:
            yield from every_node(graph.nodes)

    def _checks(self, kinds: Mapping[str, str]) -> dict[tuple[str, ...], Arguments]:
        """By the inputs of a call, the check of the arguments."""
        if self.source.has_batch:
            return {}
        value = self.source.value.input_names
        calls = [(*value, *self.source.vectors(d)) for d in self.source.derivatives] or [value]
        return {
            inputs: self._check(_check_name(number), inputs, kinds)
            for number, inputs in enumerate(dict.fromkeys(calls))
        }

    def _check(self, name: str, inputs: tuple[str, ...], kinds: Mapping[str, str]) -> Arguments:
        lengths = [
            length for node in self._nodes() for length in node.shape if self._is_given(length)
        ]
        shapes = {name: self.shapes[name] for name in inputs}
        taken = (*self.context.names, *_LOCALS)
        names, dtype = self._names_of(inputs), self.source.dtype
        return Arguments(name, names, shapes, kinds, self.lengths, lengths, taken, dtype)

    def _is_given(self, length: Dimension) -> bool:
        """Whether the shapes of arguments say what a length is."""
        return not isinstance(length, Dim) or length.names <= self.lengths.keys()

    def _arrays(self) -> dict[Node, str]:
        """The arrays that are known, each under the name that it has in the module: the user's."""
        called = {
            graph[at]: name
            for graph in every_graph(self.source.graphs)
            for at, name in graph.hints.items()
            if not graph[at].args
        }
        names = Names({*self.reserved, *self.context.parameters.values(), *self.locals.values()})
        return {
            node: names.fresh(
                called.get(node, node.params[0] if node.op == made.name else node.op).upper()
            )
            for node in dict.fromkeys(self._nodes())
            if node.op not in (INPUT, CONSTANT) and self._is_named(node)
        }

    def _is_named(self, node: Node) -> bool:
        """Whether a line is an array that is known; a single truth is written as its word."""
        is_word = not node.shape and node.dtype == BOOL
        return self.dialect.spell(node.op).form == "constant" and not is_word

    # --- bodies ------------------------------------------------------------------------------

    def body(self, derivative: Derivative | None) -> list[Definition]:
        """A function of arrays that fit; of a sparse derivative, what is known beforehand too."""
        graph, packing = self.source.body(derivative)
        if derivative is None:
            return [self._body("_value", graph, packing)]
        name = f"_{derivative.function}"
        if not derivative.seeds:
            return [self._body(name, graph, packing)]
        prefix = self.source.prefix(derivative)
        known, rest = split(graph, derivative.seeds)
        count = len(known.outputs)
        given = {part: f"{prefix}PARTS[{k}]" for k, part in enumerate(known.output_names)}
        parts = self._body(f"_{prefix.lower()}parts", known, tuple(range(count)))
        parts = parts._replace(after=[f"{prefix}PARTS = {parts.name}({prefix}SEEDS)"])
        return [parts, self._body(name, rest, 0, given)]

    def _body(
        self,
        name: str,
        graph: Graph,
        packing: Nest | Tensor | Coordinates,
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> Definition:
        """A function.

        Args:
            name: of the function.
            graph: what it computes.
            packing: how the results are put together.
            given: of inputs that a call need not give, what they are.
        """
        graph = self._with_lengths(graph)
        if self.source.is_float32:  # NumPy makes whole numbers beside them float64
            graph = with_kinds(graph, self.dialect.table)
        names = Names({*self.reserved, *self.locals.values(), *self.arrays.values()})
        given_as = {name: self.locals.get(name, name) for name in graph.input_names}
        printed = print_graph(graph, self.dialect, given_as, names, self.arrays)
        for op in printed.calls:
            self.context.need(self.dialect.spell(op))
        self.context.call(sorted(printed.needs), self.dialect.table)
        lines = [*self._noted(printed), products.result_text(packing, printed.results)]
        bound = [
            f"{local} = {self._length_of(length)}"
            for length, local in self.lengths.items()
            if local in printed.lengths
        ]
        parameters = [
            f"{name}={given[name]}" if name in given else local for name, local in given_as.items()
        ]
        return Definition(name, parameters, [*bound, *lines])

    def _with_lengths(self, graph: Graph) -> Graph:
        """The graph with the names of lengths that the text has."""
        if all(length == local for length, local in self.lengths.items()):
            return graph
        return with_lengths(graph, lambda length: renamed(length, self.lengths))

    def _length_of(self, length: str) -> str:
        """Where a named length is found: an axis of an input of the bodies."""
        graph = self.source.value_body
        return next(
            f"{self.locals[name]}.shape[{axis}]"
            for name, at in zip(graph.input_names, graph.inputs, strict=True)
            for axis, n in enumerate(graph[at].shape)
            if str(n) == length
        )

    def _noted(self, printed: Printed) -> list[str]:
        """The statements, with the line of the source where another one begins."""
        lines, last = [], ("", 0)
        for statement, span in zip(printed.lines, printed.spans, strict=True):
            if span is not None and span.line and (span.file, span.line) != last:
                last = (span.file, span.line)
                name = Path(span.file).name
                where = "" if name in ("", self.source.file) else f"{printable(name)}, "
                note = f"  # {where}line {span.line}"
                if len(INDENT + statement + note) <= WIDTH:
                    statement += note
            lines.append(statement)
        return lines

    # --- public functions --------------------------------------------------------------------

    def public(self, derivative: Derivative | None) -> list[Definition]:
        """The body is called by `_run` with arguments that were checked."""
        context, n, source = self.context, self.context.names, self.source
        parameters = context.called_with(derivative)
        name = _function_name(derivative)
        blocks = self.blocks.get(name)
        along = f", rows={tuple_text([str(k) for k in blocks.rows])}" if blocks else ""
        along += ", mean=True" if blocks and blocks.are_means else ""
        found = f"{n['_run']}({n[f'_{name}']}, {self._checked(derivative)}{along})"
        text = docstring(docstring_of(source, derivative, self.shapes))
        made = Definition(
            name,
            context.typed(parameters),
            [f"return {found}"],
            text,
            result_type(source, derivative),
        )
        if derivative is None:
            return [made]
        if derivative.verb.has_gradient and self.keyword:
            keyword = ["*", f"{self.keyword}: Any = None"]
            parameters = [*made.parameters, *keyword]
            return [made._replace(parameters=parameters, lines=self._adding(found))]
        if not isinstance(derivative.packing, Coordinates):
            return [made]
        prefix = source.prefix(derivative)
        where = f"({n[f'{prefix}ROWS']}, {n[f'{prefix}COLUMNS']})"
        made = made._replace(lines=[f"return {found}, {where}"])
        if derivative.seeds:
            compressed = context.local("compressed")
            taken = f"{compressed}.take({n[f'{prefix}SLOTS']})"
            made = made._replace(lines=[f"{compressed} = {found}", f"return {taken}, {where}"])
        return [made, products.csc(derivative, context, parameters)]

    def _checked(self, derivative: Derivative | None) -> str:
        """The arguments of `_run` behind the body: checked quickly where there is such a check."""
        n, parameters = self.context.names, self.context.called_with(derivative)
        vectors = () if derivative is None else self.source.vectors(derivative)
        inputs = (*self.source.value.input_names, *vectors)
        names = self._names_of(inputs)
        given = f"{tuple_text(parameters)}{f', {names}' if names else ''}"
        if self.source.has_batch:
            return given
        if inputs not in self.checks:
            return f"{n['_converted']}({given})"
        return f"{n[self.checks[inputs].name]}({', '.join(parameters)})"

    def _names_of(self, inputs: tuple[str, ...]) -> str:
        """The names of inputs, `""` for those of the function."""
        if inputs == self.source.value.input_names:
            return ""
        if inputs == self.context.inputs:
            return self.context.names["SHAPES"]
        return tuple_text([f'"{name}"' for name in inputs])

    def _adding(self, found: str) -> list[str]:
        """The value and the gradient, which is added to arrays that the caller gives."""
        context = self.context
        accumulate, value, bar = self.keyword, context.local("f"), context.local("gradient")
        return [
            f"{value}, {bar} = {found}",
            f"if {accumulate} is not None:",
            f"    {bar} = {context.names['_accumulated']}({accumulate}, {bar})",
            f"return {value}, {bar}",
        ]

    def pack(self) -> Definition:
        """The arrays, each flat, behind each other."""
        n, wrt = self.context.names, self.context.wrt
        flat = [f"{n['np']}.ravel({p})" for p in wrt]
        return Definition(
            "pack",
            self.context.typed(wrt),
            [f"return {n['np']}.concatenate([{', '.join(flat)}]).astype({n['float']})"],
            "The arrays of WRT as one flat vector.",
            "np.ndarray",
        )

    # --- the rest of the module --------------------------------------------------------------

    def constants(self) -> list[str]:
        """Names, shapes, known arrays, kinds."""
        lines = [*names_of_arguments(self.source), REAL_LINE, shapes_text(self.shapes)]
        for node, name in self.arrays.items():
            write = self.dialect.spell(node.op).write
            assert write is not None  # a constant is written by a function
            lines.append(f"{name} = {write([], *node.params).text}")
        has_floats = any(check.has_floats for check in self.checks.values())
        kind = "np.float32" if self.source.is_float32 else "float"
        lines += [f"FLOAT = np.dtype({kind})"] * has_floats
        lines += [_BLOCKS] * bool(self.blocks)
        return [*lines, *self.every.constants()]

    def standard(self) -> set[str]:
        """The standard library's modules."""
        found = {"bisect"} if self.source.is_packed and self._wrt_lengths() else set()
        return found | {*["os"] * bool(self.blocks)}

    def imported(self) -> list[str]:
        """Names from modules of the standard library."""
        return [*[POOL] * bool(self.blocks), *super().imported()]

    def others(self) -> list[str]:
        """The user's functions that the bodies call."""
        return [f"from {module} import {name}" for name, module in sorted(self.called.items())]

    def defined(self) -> set[str]:
        """The functions of the template."""
        adding = {"_accumulated"} if self.source.gradient is not None else set()
        adding |= {"_added", "_in_blocks"} if self.blocks else set()
        return {*adding, "_converted", "_run", *[c.name for c in self.checks.values()]}

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """The check of the arguments, and how results are narrowed."""
        derivatives = self.source.derivatives
        return {
            **self.every.variables(),
            "checks": [check.quick() for check in self.checks.values()],
            "is_lean": self.source.is_lean,
            "has_gradient": self.source.gradient is not None,
            "has_products": any(not d.verb.has_gradient for d in derivatives),
            "shapes_known": True,
            "has_batch": self.source.has_batch,
            "is_float32": self.source.is_float32,
            "is_compiled": False,
            "has_blocks": bool(self.blocks),
            "dtype": self.source.dtype,
            "float": "np.float32" if self.source.is_float32 else "float",
            "lengths": self._wrt_lengths(),
        }

    def _wrt_lengths(self) -> list[str]:
        """The named dimensions of the inputs in WRT."""
        return names_of([self.shapes[name] for name in self.source.wrt])


def _function_name(derivative: Derivative | None) -> str:
    return "value" if derivative is None else derivative.function


def _check_name(number: int) -> str:
    return f"_arguments_{number + 1}" if number else "_arguments"

"""Entry of functions of arrays: shapes and types are checked, then the body is called."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from symdiff.derive.packing import Coordinates
from symdiff.emit import products
from symdiff.emit.context import Context, Definition, docstring
from symdiff.emit.docstrings import array_docstring, printable, product_docstring
from symdiff.emit.entries.arguments import Arguments
from symdiff.emit.layout import INDENT, WIDTH, tuple_text
from symdiff.emit.lengths import lengths_read
from symdiff.emit.names import Names
from symdiff.emit.python import Printed, print_graph
from symdiff.emit.seeds import split
from symdiff.emit.source import Source
from symdiff.emit.spell.numpy import NUMPY
from symdiff.emit.target import ARRAYS
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, with_lengths
from symdiff.graph.node import CONSTANT, INPUT, Node
from symdiff.graph.shape import names_of, renamed
from symdiff.ops.creation import made
from symdiff.ops.own_rules import called_functions

# what functions with the user's parameters call
_HELPERS = (
    "_accumulated _converted _run _value _value_and_grad FLOAT float isinstance np pack unpack"
    " value_and_grad"
).split()
_OF_GRADIENT = frozenset("_accumulated _value_and_grad pack unpack value_and_grad".split())
_LOCALS = "bool fit int shapes special".split()  # these and the helpers are no names of lengths
_DEFINED = "_self_check bisect contextlib grad special unpack value".split()


class Shaped:
    """The entry of a module of arrays."""

    template = "numpy/entry_shaped.py.j2"
    is_alone = True

    def __init__(self, source: Source) -> None:
        value = source.value
        looked_up = [*_HELPERS]
        if source.product is not None:
            looked_up += [f"_{source.verb.name}", source.verb.name]
            looked_up += ["ROWS", "COLUMNS", "STARTS", "SLOTS", "PARTS"] * bool(source.seeds)
        context = self.context = Context(source, looked_up)
        self.source = source
        self.keyword = context.local("accumulate")
        shapes = [node.shape for node in self._nodes()]
        named = Names({*_HELPERS, *_LOCALS})
        self.lengths = {length: named.fresh(length) for length in names_of(shapes)}
        # the bodies may have a batch axis in front, which the shapes of a call have not
        largest = source.formulas if source.product is not None else value
        assert largest is not None  # a module of a derivative has its formulas
        found = dict(zip(largest.input_names, largest.inputs, strict=True))
        self.shapes = {name: largest[found[name]].shape for name in context.inputs}
        kinds = {name: largest[found[name]].dtype for name in context.inputs}
        lengths = [length for node in self._nodes() for length in node.shape]
        taken = (*_HELPERS, *_LOCALS)
        self.arguments = Arguments(self.shapes, kinds, self.lengths, lengths, taken)
        helpers = {NUMPY.spell(op).text for op in NUMPY if NUMPY.spell(op).source}
        self.called = self._called(helpers)
        # inside of a body, parameters make way for what it calls and for lengths
        self.reserved = {
            *self.lengths.values(),
            *looked_up,
            *_LOCALS,
            *helpers,
            *self.called,
        }
        inside = Names(self.reserved)
        self.locals = {name: inside.fresh(name) for name in largest.input_names}
        self.arrays = self._arrays()
        self.known: dict[str, str] = {}  # what a body is given beside the user's arguments

    def _graphs(self) -> list[Graph]:
        source = self.source
        return [source.value_body, *([source.derivative] if source.derivative else [])]

    def _called(self, helpers: Collection[str]) -> dict[str, str]:
        """The user's functions that the bodies call, each with its module."""
        found = called_functions(node for graph in self._graphs() for node in graph.nodes)
        taken = {*_HELPERS, *_LOCALS, *_DEFINED, *helpers, *self.lengths.values()}
        for name in found:
            if name in taken or name.isupper() or hasattr(builtins, name):
                raise UnsupportedError(
                    f"the module cannot import '{name}': it has something of its own of that name",
                    suggestion="give the function another name",
                )
        return found

    def _nodes(self) -> Iterator[Node]:
        """The lines of the bodies and of the loops in them."""
        for graph in self._graphs():
            yield from every_node(graph)

    def _arrays(self) -> dict[Node, str]:
        """The arrays that are known, each under the name that it has in the module."""
        names = Names({*self.reserved, *self.context.parameters.values(), *self.locals.values()})
        return {
            node: names.fresh((node.params[0] if node.op == made.name else node.op).upper())
            for node in dict.fromkeys(self._nodes())
            if node.op not in (INPUT, CONSTANT) and ARRAYS.spell(node.op).form == "constant"
        }

    # --- bodies ------------------------------------------------------------------------------

    def body(self, name: str, graph: Graph) -> list[Definition]:
        """A function of arrays that fit; of a sparse derivative, what is known beforehand too."""
        seeds = self.source.seeds
        if not seeds or graph is not self.source.product:
            return [self._body(name, graph)]
        known, rest = split(graph, seeds)
        self.known = {part: f"PARTS[{k}]" for k, part in enumerate(known.output_names)}
        parts = self._body("_parts", known)._replace(after=["", "PARTS = _parts(SEEDS)"])
        return [parts, self._body(name, rest)]

    def _body(self, name: str, graph: Graph) -> Definition:
        graph = self._with_lengths(graph)
        names = Names({*self.reserved, *self.locals.values(), *self.arrays.values()})
        given_as = {given: self.locals.get(given, given) for given in graph.input_names}
        printed = print_graph(graph, ARRAYS, given_as, names, self.arrays)
        for op in printed.calls:
            self.context.need(ARRAYS.spell(op))
        lines = [*self._noted(printed), self._result(printed.results, name)]
        read = lengths_read(printed.program, ARRAYS)
        bound = [
            f"{local} = {self._length_of(length)}"
            for length, local in self.lengths.items()
            if local in read
        ]
        parameters = [
            f"{given}={self.known[given]}" if given in self.known else local
            for given, local in given_as.items()
        ]
        return Definition(f"def {name}({', '.join(parameters)}):", [*bound, *lines])

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

    def _result(self, results: list[str], name: str) -> str:
        if name == "_parts":
            return f"return {tuple_text(results)}"
        if name not in ("_value", "_value_and_grad") and not self.source.seeds:
            return products.result_text(self.source.packing, results)
        value, *gradient = results
        if name == "_value" or len(gradient) < 2:
            return f"return {', '.join(results)}"
        return f"return {value}, ({', '.join(gradient)})"

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

    def public(self, name: str) -> list[Definition]:
        """The body is called by `_run`."""
        context, n, source = self.context, self.context.names, self.source
        is_product = name == source.verb.name and source.product is not None
        called = context.inputs if is_product else source.value.input_names
        parameters = context.parameters_of(called)
        given = ", ".join(parameters)
        found = f"{n['_run']}({n[f'_{name}']}, {given})"
        text = docstring(self._docstring(name))
        if name == "value_and_grad":
            return [
                Definition(
                    f"def {name}({given}, *, {self.keyword}=None):", self._adding(found), text
                )
            ]
        head = f"def {name}({given}):"
        if not is_product or not isinstance(source.packing, Coordinates):
            return [Definition(head, [f"return {found}"], text)]
        compressed = Names(parameters).fresh("compressed")
        where = f"({n['ROWS']}, {n['COLUMNS']})"
        lines = [f"{compressed} = {found}", f"return {compressed}.take({n['SLOTS']}), {where}"]
        return [Definition(head, lines, text), products.csc(name, parameters, n)]

    def _docstring(self, name: str) -> list[str]:
        source = self.source
        if name != "value" and source.product is not None:
            return product_docstring(source, self.shapes)
        return array_docstring(source, self.shapes, is_gradient=name != "value")

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

    def grad_docstring(self) -> str:
        """Where it is described."""
        return "The gradient alone: see value_and_grad."

    def pack(self) -> Definition:
        """The arrays, each flat, behind each other."""
        n, wrt = self.context.names, self.context.wrt
        flat = [f"{n['np']}.ravel({p})" for p in wrt]
        return Definition(
            f"def pack({', '.join(wrt)}):",
            [f"return {n['np']}.concatenate([{', '.join(flat)}]).astype({n['float']})"],
            "The arrays of WRT as one flat vector.",
        )

    # --- the rest of the module --------------------------------------------------------------

    def constants(self) -> list[str]:
        """Names, shapes, known arrays, kinds."""
        value = self.source.value
        named = {"INPUTS": value.input_names, "OUTPUTS": value.output_names, "WRT": self.source.wrt}
        lines = [
            f"{constant} = " + tuple_text([f'"{name}"' for name in names])
            for constant, names in named.items()
        ]
        lines.append(self.arguments.shapes_text())
        for node, name in self.arrays.items():
            write = ARRAYS.spell(node.op).write
            assert write is not None  # a constant is written by a function
            lines.append(f"{name} = {write([], *node.params).text}")
        lines += products.tensor_lines(self.source.packing)
        return lines + self.arguments.constants()

    def standard(self) -> set[str]:
        """The standard library's modules."""
        return {"bisect"} if self.source.gradient and self._wrt_lengths() else set()

    def imported(self) -> list[str]:
        """Nothing of the standard library by name."""
        return []

    def others(self) -> list[str]:
        """The user's functions that the bodies call."""
        return [f"from {module} import {name}" for name, module in sorted(self.called.items())]

    def undefined(self) -> frozenset[str]:
        """What belongs to a gradient."""
        return _OF_GRADIENT if self.source.gradient is None else frozenset()

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        """The check of the arguments."""
        return {
            **self.arguments.variables(),
            "argument_count": len(self.context.inputs),
            "has_extra": bool(self.source.extra),
            "shapes_known": True,
            "has_batch": self.source.has_batch,
            "lengths": self._wrt_lengths(),
        }

    def _wrt_lengths(self) -> list[str]:
        """The named dimensions of the inputs in WRT."""
        return names_of([self.shapes[name] for name in self.source.wrt])

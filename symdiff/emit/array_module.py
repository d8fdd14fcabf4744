"""The NumPy module of a function of arrays: one body a function, behind a check of the shapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symdiff.emit.docstrings import array_docstring, title
from symdiff.emit.printer import Names, Printed, is_fresh, print_graph
from symdiff.emit.recipe import header_lines, signed
from symdiff.emit.source import Source
from symdiff.emit.target import ARRAYS, safe_name
from symdiff.emit.templates import environment
from symdiff.emit.wrap import call, tuple_text
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, INPUT, INT
from symdiff.graph.shape import Dim, Shape, names_of
from symdiff.graph.shape import text as shape_text
from symdiff.ops.registry import OPERATIONS

_HELPERS = "_accumulated _arguments _counted _run np".split()
_KINDS = {INT: "int", BOOL: "bool"}
_LETTERS = {INT: "iu", BOOL: "b"}
_WIDTH = 96


def emit_array_module(source: Source) -> str:
    """The text of the module. The same source gives the same bytes, on every machine."""
    context = _Context(source).variables()
    return signed(environment().get_template("numpy/array_module.py.j2").render(**context))


class _Context:
    """Collects the template's variables. Lives for one module."""

    def __init__(self, source: Source) -> None:
        self.source = source
        value = source.value
        self.inputs = value.input_names
        self.parameters = {name: safe_name(name) for name in self.inputs}
        shapes = [node.shape for graph in self._graphs() for node in graph.nodes]
        self.lengths = names_of(shapes)
        self.shapes = {
            name: value[at].shape for name, at in zip(self.inputs, value.inputs, strict=True)
        }
        taken = set(self.parameters.values())
        self.names = {name: Names(taken).fresh(name) for name in _HELPERS}
        helpers = {
            name
            for spelling in (op.spelling.get("numpy") for op in OPERATIONS.values())
            for name in re.findall(r"def (\w+)", spelling.source if spelling else "")
        }
        # inside of a body, parameters make way for what it calls and for lengths
        self.reserved = {*self.lengths, *_HELPERS, *helpers, "special"}
        inside = Names(self.reserved)
        self.locals = {name: inside.fresh(safe_name(name)) for name in self.inputs}
        self.helpers: dict[str, str] = {}
        self.libraries: set[str] = set()

    def _graphs(self) -> list[Graph]:
        source = self.source
        return [source.value_body, *([source.gradient] if source.gradient else [])]

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        source = self.source
        bodies = [self._body("_value", source.value_body)]
        parameters = list(self.parameters.values())
        n = self.names
        run = call(f"return {n['_run']}(", ["_value", *parameters], ")")
        value = {
            "head": call("def value(", parameters, "):"),
            "docstring": _indented(array_docstring(source, self.shapes, is_gradient=False)),
            "lines": run,
        }
        if source.gradient is not None:
            bodies.append(self._body("_value_and_grad", source.gradient))
        return {
            "title": title(source),
            "header": header_lines(source.recipe),
            "package_imports": ["import numpy as np"]
            + ["from scipy import special"] * ("special" in self.libraries),
            "constants": self._constants(),
            "bodies": bodies,
            "value": value,
            "grad": self._gradient() if source.gradient is not None else None,
            "helpers": list(self.helpers.values()),
            "n": n,
            "aliases": [f"{new} = {old}" for old, new in n.items() if new != old],
            "bounds": self._bounds(),
            "kinds": self._kinds(),
            "has_batch": source.has_batch,
            "quick": self._quick(),
        }

    # --- bodies ------------------------------------------------------------------------------

    def _body(self, name: str, graph: Graph) -> dict[str, Any]:
        names = Names({*self.reserved, *self.locals.values()})
        printed = print_graph(graph, ARRAYS, self.locals, names)
        for op in printed.calls:
            spelling = ARRAYS.spell(op)
            if spelling.source:
                self.helpers.setdefault(spelling.text, spelling.source)
            for library in ("special",):
                if f"{library}." in spelling.text + spelling.source:
                    self.libraries.add(library)
        results = self._owned(graph, printed)
        lines = [*self._noted(graph, printed), *self._result(results, name)]
        text = "\n".join(lines)
        used = [length for length in self.lengths if re.search(rf"\b{length}\b", text)]
        bound = [f"{length} = {self._length_of(length)}" for length in used]
        parameters = list(self.locals.values())
        return {"head": call(f"def {name}(", parameters, "):"), "lines": [*bound, *lines]}

    def _length_of(self, length: str) -> str:
        """Where a named length is found: an axis of an input."""
        graph = self.source.value_body
        for name, at in zip(self.inputs, graph.inputs, strict=True):
            for axis, n in enumerate(graph[at].shape):
                if isinstance(n, Dim) and str(n) == length:
                    return f"{self.locals[name]}.shape[{axis}]"
        raise AssertionError(f"no input has the length {length}")  # declarations name lengths

    def _result(self, results: list[str], name: str) -> list[str]:
        if len(results) == 1:
            return [f"return {results[0]}"]
        if name == "_value":
            return call("return ", results, "", opening="(", closing=")")
        value, *gradient = results
        if len(gradient) == 1:
            return call("return ", [value, *gradient], "", opening="(", closing=")")
        return call(f"return {value}, (", gradient, ")")

    def _owned(self, graph: Graph, printed: Printed) -> list[str]:
        """The results, copied where they would share memory with an input or with each other."""
        taken: set[int] = set()
        results = []
        for output, text in zip(graph.outputs, printed.results, strict=True):
            base = _memory(graph, output)
            is_own = is_fresh(graph, base) and base not in taken and graph[output].op != "broadcast"
            taken.add(base)
            is_literal = not graph[output].args and graph[output].op != INPUT
            if graph[output].shape and not is_own and not is_literal:
                text = f"np.array({text})"
            results.append(text)
        return results

    def _noted(self, graph: Graph, printed: Printed) -> list[str]:
        """The statements, with the line of the source where another one begins."""
        lines, last = [], None
        for statement, position in zip(printed.lines, printed.places, strict=True):
            span = graph.spans.get(position)
            place = None if span is None or not span.line else (Path(span.file).name, span.line)
            if place is not None and place != last:
                name = Path(span.file).name
                where = "" if name in ("", self.source.file) else f"{name}, "
                note = f"  # {where}line {span.line}"
                if len(statement) + len(note) + 4 <= _WIDTH:
                    statement += note
                last = place
            lines.append(statement)
        return lines

    # --- constants ---------------------------------------------------------------------------

    def _constants(self) -> list[str]:
        value = self.source.value
        named = {"INPUTS": self.inputs, "OUTPUTS": value.output_names, "WRT": self.source.wrt}
        lines = []
        for constant, names in named.items():
            items = [f'"{name}"' for name in names]
            lines += call(f"{constant} = (", items, ",)" if len(items) == 1 else ")")
        shapes = [f'"{name}": {_shape_literal(shape)}' for name, shape in self.shapes.items()]
        return [*lines, *call("SHAPES = {", shapes, "}")]

    def _bounds(self) -> list[tuple[str, str]]:
        """Lengths that must not be negative, as Python writes them, over the named ones."""
        shapes = [node.shape for graph in self._graphs() for node in graph.nodes]
        found: dict[str, None] = {}
        for shape in shapes:
            for length in shape:
                if isinstance(length, Dim) and (length.least is None or length.least < 0):
                    found[str(length)] = None
        return [
            (re.sub(r"[A-Za-z_]\w*", lambda m: f'lengths["{m[0]}"]', text), text) for text in found
        ]

    def _quick(self) -> dict[str, Any]:
        """The check that arrays of the right type pass at once."""
        graph = self.source.value
        names = Names({*self.lengths, "given", "fit", *_HELPERS})
        given = [names.fresh(safe_name(name)) for name in self.inputs]
        local = dict(zip(self.inputs, given, strict=True))
        lengths = names_of(self.shapes.values())
        found = []
        for length in lengths:
            name, axis = next(
                (name, shape.index(n))
                for name, shape in self.shapes.items()
                for n in shape
                if str(n) == length
            )
            found.append(f"{length} = {local[name]}.shape[{axis}]")
        shapes = [f"{x}.shape" for x in given]
        wanted = [shape_text(shape) for shape in self.shapes.values()]
        floats = [
            local[name]
            for name, at in zip(self.inputs, graph.inputs, strict=True)
            if graph[at].dtype not in _KINDS
        ]
        others = [
            f'{local[name]}.dtype.kind in "{_LETTERS[graph[at].dtype]}"'
            for name, at in zip(self.inputs, graph.inputs, strict=True)
            if graph[at].dtype in _KINDS
        ]
        chain = " is ".join([*[f"{x}.dtype" for x in floats], "FLOAT"])
        conditions = [*([chain] if floats else []), *others]
        conditions += [code + " >= 0" for code in self._bound_codes()]
        return {
            "head": call("def _arguments(", given, "):"),
            "lengths": found,
            "shapes": _compared(shapes, wanted),
            "types": _joined(conditions),
            "given": tuple_text(given),
        }

    def _bound_codes(self) -> list[str]:
        return [text for _, text in self._bounds()]

    def _kinds(self) -> list[str]:
        """Inputs that are whole numbers or truths."""
        value = self.source.value
        return [
            f'"{name}": "{_KINDS[value[at].dtype]}"'
            for name, at in zip(self.inputs, value.inputs, strict=True)
            if value[at].dtype in _KINDS
        ]

    # --- the gradient ------------------------------------------------------------------------

    def _gradient(self) -> dict[str, Any]:
        source, n = self.source, self.names
        parameters = list(self.parameters.values())
        names = Names({*parameters, *self.names.values(), *_HELPERS})
        accumulate = names.fresh("accumulate")
        wrt = [self.parameters[name] for name in source.wrt]
        others = [p for name, p in self.parameters.items() if name not in source.wrt]
        theta, value, bar = names.fresh("theta"), names.fresh("f"), names.fresh("gradient")
        signature = [*parameters, "*", f"{accumulate}=None"]
        single = len(wrt) == 1
        return {
            "head": call("def value_and_grad(", signature, "):"),
            "docstring": _indented(array_docstring(source, self.shapes, is_gradient=True)),
            "lines": [
                *call(f"{value}, {bar} = {n['_run']}(", ["_value_and_grad", *parameters], ")"),
                f"if {accumulate} is not None:",
                f"    {bar} = {n['_accumulated']}({accumulate}, {bar})",
                f"return {value}, {bar}",
            ],
            "grad_head": call("def grad(", signature, "):"),
            "grad_lines": call(
                "return value_and_grad(", [*parameters, f"{accumulate}={accumulate}"], ")[1]"
            ),
            "single": single,
            "pack_head": call("def pack(", wrt, "):"),
            "pack_lines": call(
                f"return {n['np']}.concatenate([",
                [f"{n['np']}.ravel({p})" for p in wrt],
                "]).astype(float)",
            ),
            "packed_head": call("def packed_value_and_grad(", [theta, *others], "):"),
            "packed_lines": [
                *self._unpacking(wrt, theta),
                *call(f"{value}, {bar} = value_and_grad(", parameters, ")"),
                f"return float({value}), pack({bar if single else f'*{bar}'})",
            ],
            "lengths": self._wrt_lengths(),
        }

    def _unpacking(self, wrt: Sequence[str], theta: str) -> list[str]:
        target = wrt[0] if len(wrt) == 1 else ", ".join(wrt)
        return call(f"{target} = ", [f"unpack({theta})"], "")

    def _wrt_lengths(self) -> list[str]:
        """The named dimensions of the inputs in WRT."""
        return names_of([self.shapes[name] for name in self.source.wrt])


def _memory(graph: Graph, position: int) -> int:
    """The line whose memory a line shares."""
    node = graph[position]
    while node.args and OPERATIONS[node.op].is_view:
        position = node.args[0]
        node = graph[position]
    return position


def _shape_literal(shape: Shape) -> str:
    return shape_text(tuple(f'"{n}"' if isinstance(n, Dim) else n for n in shape))  # type: ignore[misc]


def _indented(docstring: Sequence[str]) -> str:
    """A docstring's lines, those after the first as far in as the function's body."""
    first, *rest = docstring
    lines = [f"    {line}" if line else "" for line in rest]
    return "\n".join([first, *lines[:-1], *["    " if rest[-1] == "" else lines[-1]] * bool(rest)])


def _compared(shapes: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`fit = (shapes) == (wanted)`, on two statements where it is long."""
    line = f"fit = {tuple_text(shapes)} == {tuple_text(wanted)}"
    if len(line) <= _WIDTH - 8:
        return [line]
    first = call("shapes = (", shapes, ",)" if len(shapes) == 1 else ")", indent=8)
    second = call("fit = shapes == (", wanted, ",)" if len(wanted) == 1 else ")", indent=8)
    return [*first, *second]


def _joined(conditions: Sequence[str]) -> list[str]:
    """`fit = fit and a and b`, a statement a condition where it is long."""
    line = " and ".join(["fit = fit", *conditions])
    if len(line) <= _WIDTH - 8:
        return [line]
    return [
        part
        for condition in conditions
        for part in _wrapped_condition(f"fit = fit and {condition}")
    ]


def _wrapped_condition(line: str) -> list[str]:
    if len(line) <= _WIDTH - 8:
        return [line]
    words = line.split(" is ")
    lines, current = ["fit = fit and ("], "    " + words[0].removeprefix("fit = fit and ")
    for word in words[1:]:
        if len(current) + len(word) + 4 > _WIDTH - 12:
            lines.append(current)
            current = "    is " + word
        else:
            current += " is " + word
    return [*lines, current, ")"]

"""The NumPy module of a function of arrays: one body a function, behind a check of the shapes."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from symdiff.derive.packing import Coordinates
from symdiff.emit import products
from symdiff.emit.docstrings import array_docstring, printable, product_docstring, title
from symdiff.emit.layout import INDENT, WIDTH, tuple_text
from symdiff.emit.printer import Names, Printed, print_graph
from symdiff.emit.recipe import header_lines
from symdiff.emit.seeds import split
from symdiff.emit.self_check import self_check
from symdiff.emit.source import Source
from symdiff.emit.target import ARRAYS, safe_names
from symdiff.emit.views import is_fresh
from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, with_lengths
from symdiff.graph.node import BOOL, CONSTANT, INPUT, INT, Node
from symdiff.graph.shape import Dim, Shape, names_of, renamed
from symdiff.graph.shape import text as shape_text
from symdiff.ops.creation import made
from symdiff.ops.own_rules import called_functions
from symdiff.ops.registry import OPERATIONS

# what functions with the user's parameters call
_HELPERS = (
    "_accumulated _converted _run _value _value_and_grad FLOAT float isinstance np pack unpack"
    " value_and_grad"
).split()
_OF_GRADIENT = frozenset("_accumulated _value_and_grad pack unpack value_and_grad".split())
_LOCALS = "bool fit int shapes special".split()  # these and the helpers are no names of lengths
_DEFINED = "_self_check bisect contextlib grad special unpack value".split()
_KINDS = {INT: "int", BOOL: "bool"}
_LETTERS = {INT: "iu", BOOL: "b"}
_ROOM = 86  # for the value of `fit`


def array_module_variables(source: Source) -> dict[str, Any]:  # of many types
    """The variables of the template."""
    return _Context(source).variables()


class _Context:
    """Collects the template's variables. Lives for one module."""

    def __init__(self, source: Source) -> None:
        self.source = source
        value = source.value
        self.inputs = (*value.input_names, *source.extra)
        self.parameters = safe_names(self.inputs)
        shapes = [node.shape for node in self._nodes()]
        named = Names({*_HELPERS, *_LOCALS})
        self.lengths = {length: named.fresh(length) for length in names_of(shapes)}
        # the bodies may have a batch axis in front, which the shapes of a call have not
        largest = source.formulas if source.product is not None else value
        assert largest is not None  # a module of a derivative has its formulas
        found = dict(zip(largest.input_names, largest.inputs, strict=True))
        self.kinds = {name: largest[found[name]].dtype for name in self.inputs}
        self.shapes = {name: largest[found[name]].shape for name in self.inputs}
        taken = {*self.parameters.values(), "theta", "f", "gradient"}
        own = [f"_{source.verb}", source.verb]
        own += ["ROWS", "COLUMNS", "STARTS", "SLOTS", "PARTS"] * bool(source.seeds)
        self.helper_names = [*_HELPERS, *(own if source.product is not None else [])]
        self.names = {name: Names(taken).fresh(name) for name in self.helper_names}
        helpers = {
            name
            for spelling in (op.spelling.get("numpy") for op in OPERATIONS.values())
            for name in re.findall(r"def (\w+)", spelling.source if spelling else "")
        }
        self.called = self._called(helpers)
        # inside of a body, parameters make way for what it calls and for lengths
        self.reserved = {
            *self.lengths.values(),
            *self.helper_names,
            *_LOCALS,
            *helpers,
            *self.called,
        }
        inside = Names(self.reserved)
        self.locals = {name: inside.fresh(name) for name in largest.input_names}
        self.arrays = self._arrays()
        self.known: dict[str, str] = {}  # what a body is given beside the user's arguments
        self.helpers: dict[str, str] = {}
        self.libraries: set[str] = set()

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
        names = Names({*self.reserved, *self.parameters.values(), *self.locals.values()})
        return {
            node: names.fresh((node.params[0] if node.op == made.name else node.op).upper())
            for node in dict.fromkeys(self._nodes())
            if node.op not in (INPUT, CONSTANT) and ARRAYS.spell(node.op).form == "constant"
        }

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        source = self.source
        bodies = [self._body("_value", source.value_body)]
        n = self.names
        parameters = ", ".join([self.parameters[name] for name in source.value.input_names])
        value = {
            "head": f"def value({parameters}):",
            "docstring": _indented(array_docstring(source, self.shapes, is_gradient=False)),
            "lines": [f"return {n['_run']}({n['_value']}, {parameters})"],
        }
        if source.gradient is not None:
            bodies.append(self._body("_value_and_grad", source.gradient))
        if source.seeds and source.product is not None:
            known, rest = split(source.product, source.seeds)
            self.known = {name: f"PARTS[{k}]" for k, name in enumerate(known.output_names)}
            bodies.append(self._body("_parts", known))
            bodies.append({"head": "PARTS = _parts(SEEDS)", "lines": []})
            bodies.append(self._body(f"_{source.verb}", rest))
        elif source.product is not None:
            bodies.append(self._body(f"_{source.verb}", source.product))
        constants = self._constants()
        encoded = any("_decoded(" in line for line in constants)
        return {
            "product": self._product() if source.product is not None else [],
            "decoder": products.ENCODED.split("\n") if encoded else [],
            "argument_count": len(self.inputs),
            "has_extra": bool(source.extra),
            "verb": source.verb,
            "shapes_known": True,
            "title": title(source),
            "header": header_lines(source.recipe),
            "package_imports": self._imports(),
            "constants": constants,
            "bodies": bodies,
            "value": value,
            "grad": self._gradient() if source.gradient is not None else None,
            "helpers": list(self.helpers.values()),
            "n": n,
            "aliases": [
                f"{new} = {old}"
                for old, new in n.items()
                if new != old and (source.gradient is not None or old not in _OF_GRADIENT)
            ],
            "bounds": [(_looked_up(str(length)), str(length)) for length in self._bounds()],
            "following": self._following(),
            "kinds": self._kinds(),
            "has_batch": source.has_batch,
            "quick": self._quick(),
            "check": self_check(source),
        }

    def _imports(self) -> list[str]:
        plain = {
            "base64": any(
                "_decoded(" in line for line in products.tensor_lines(self.source.packing)
            ),
            "bisect": bool(self.source.gradient and self._wrt_lengths()),
            "contextlib": self.source.verb != "value",
        }
        standard = [f"import {name}" for name, used in plain.items() if used]
        standard += [""] * bool(standard)
        special = ["from scipy import special"] * ("special" in self.libraries)
        own = [f"from {module} import {name}" for name, module in sorted(self.called.items())]
        return [*standard, "import numpy as np", *special, *([""] * bool(own)), *own]

    # --- bodies ------------------------------------------------------------------------------

    def _body(self, name: str, graph: Graph) -> dict[str, Any]:
        graph = self._with_lengths(graph)
        names = Names({*self.reserved, *self.locals.values(), *self.arrays.values()})
        given_as = {given: self.locals.get(given, given) for given in graph.input_names}
        printed = print_graph(graph, ARRAYS, given_as, names, self.arrays)
        for op in printed.calls:
            spelling = ARRAYS.spell(op)
            if spelling.source:
                self.helpers.setdefault(spelling.text, spelling.source)
            for library in ("special",):
                if f"{library}." in spelling.text + spelling.source:
                    self.libraries.add(library)
        results = self._owned(graph, printed)
        lines = [*self._noted(printed), self._result(results, name)]
        text = "\n".join(lines)
        bound = [
            f"{local} = {self._length_of(length)}"
            for length, local in self.lengths.items()
            if re.search(rf"\b{local}\b", text)
        ]
        parameters = [
            f"{given}={self.known[given]}" if given in self.known else local
            for given, local in given_as.items()
        ]
        return {"head": f"def {name}({', '.join(parameters)}):", "lines": [*bound, *lines]}

    def _with_lengths(self, graph: Graph) -> Graph:
        """The graph with the names of lengths that the text has."""
        if all(length == local for length, local in self.lengths.items()):
            return graph
        return with_lengths(graph, lambda length: renamed(length, self.lengths))

    def _local(self, value: Any) -> Any:  # parameters of an operation, nested
        """Lengths among parameters under the names that the text has."""
        if isinstance(value, tuple):
            return tuple([self._local(part) for part in value])
        return renamed(value, self.lengths) if isinstance(value, Dim) else value

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

    def _owned(self, graph: Graph, printed: Printed) -> list[str]:
        """The results, copied where they would share memory with an input or with each other."""
        taken: set[int] = set()
        results = []
        for output, text in zip(graph.outputs, printed.results, strict=True):
            base = _memory(graph, output)
            is_own = is_fresh(graph, base) and base not in taken and graph[output].op != "broadcast"
            taken.add(base)
            is_literal = not graph[output].args and graph[output].op != INPUT
            is_literal = is_literal and graph[output] not in self.arrays
            if graph[output].shape and not is_own and not is_literal:
                text = f"{text}.copy()" if text.isidentifier() else f"np.array({text})"
            results.append(text)
        return results

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

    # --- constants ---------------------------------------------------------------------------

    def _constants(self) -> list[str]:
        value = self.source.value
        named = {"INPUTS": value.input_names, "OUTPUTS": value.output_names, "WRT": self.source.wrt}
        lines = [
            f"{constant} = " + tuple_text([f'"{name}"' for name in names])
            for constant, names in named.items()
        ]
        shapes = [f'"{name}": {_shape_literal(shape)}' for name, shape in self.shapes.items()]
        lines.append(f"SHAPES = {{{', '.join(shapes)}}}")
        for node, name in self.arrays.items():
            write = ARRAYS.spell(node.op).write
            assert write is not None  # a constant is written by a function
            lines.append(f"{name} = {write([], *node.params).text}")
        return lines + products.tensor_lines(self.source.packing)

    def _product(self) -> list[str]:
        """The public functions of a derivative that is not the gradient."""
        source, n = self.source, self.names
        parameters = list(self.parameters.values())
        given = ", ".join(parameters)
        docstring = _indented(product_docstring(source, self.shapes))
        lines = [f"def {source.verb}({given}):", f'    """{docstring}"""']
        found = f"{n['_run']}({n[f'_{source.verb}']}, {given})"
        if not isinstance(source.packing, Coordinates):
            return [*lines, f"    return {found}"]
        compressed = Names(parameters).fresh("compressed")
        where = f"({n['ROWS']}, {n['COLUMNS']})"
        lines.append(f"    {compressed} = {found}")
        lines.append(f"    return {compressed}.take({n['SLOTS']}), {where}")
        return [*lines, "", *products.csc_lines(source.verb, parameters, n)]

    def _bounds(self) -> list[Dim]:
        """Lengths that must not be negative, over the named ones."""
        shapes = [node.shape for graph in self._graphs() for node in graph.nodes]
        lengths = [length for shape in shapes for length in shape if isinstance(length, Dim)]
        return list(dict.fromkeys([n for n in lengths if n.least is None or n.least < 0]))

    def _following(self) -> list[tuple[str, int, int, str]]:
        """Inputs whose lengths follow from those of others: name, number, axes, the shape."""
        return [
            (name, number, len(shape), _looked_up(shape_text(shape)))
            for number, (name, shape) in enumerate(self.shapes.items())
            if any(isinstance(n, Dim) and str(n) not in self.lengths for n in shape)
        ]

    def _quick(self) -> dict[str, Any]:
        """The check that arrays and numbers of the right type pass at once."""
        names = Names({*self.lengths.values(), *_HELPERS, *_LOCALS})
        local = {name: names.fresh(name) for name in self.inputs}
        kinds = self.kinds
        # a Python float divides by zero otherwise than NumPy's
        numbers = [n for n in self.inputs if not self.shapes[n] and kinds[n] not in _KINDS]
        arrays = [name for name in self.inputs if name not in numbers]
        conditions = [f"isinstance({local[name]}, float)" for name in numbers]
        floats = [f"{local[name]}.dtype" for name in arrays if kinds[name] not in _KINDS]
        conditions += [" is ".join([*floats, "FLOAT"])] * bool(floats)
        conditions += [
            f'{local[name]}.dtype.kind in "{_LETTERS[kinds[name]]}"'
            for name in arrays
            if kinds[name] in _KINDS
        ]
        conditions += [f"{self._local(length)} >= 0" for length in self._bounds()]
        given = [f"np.float64({x})" if name in numbers else x for name, x in local.items()]
        return {
            "head": f"def _arguments({', '.join(local.values())}):",
            "lengths": [
                f"{self.lengths[length]} = {local[name]}.shape[{axis}]"
                for length, (name, axis) in self._places().items()
            ],
            "fit": _compared(
                [f"{local[name]}.shape" for name in arrays],
                [shape_text(self._local(self.shapes[name])) for name in arrays],
                conditions,
            ),
            "has_floats": bool(floats),
            "given": tuple_text(list(local.values())),
            "fitting": f"return {tuple_text(given) if len(given) < 2 else ', '.join(given)}",
        }

    def _places(self) -> dict[str, tuple[str, int]]:
        """For each named length of an input, the input and the axis that it is read from."""
        found: dict[str, tuple[str, int]] = {}
        for name, shape in self.shapes.items():
            for axis, n in enumerate(shape):
                if str(n) in self.lengths:  # not a length such as N - 1, which follows from others
                    found.setdefault(str(n), (name, axis))
        return found

    def _kinds(self) -> list[str]:
        """Inputs that are whole numbers or truths."""
        return [
            f'"{name}": "{_KINDS[kind]}"' for name, kind in self.kinds.items() if kind in _KINDS
        ]

    # --- the gradient ------------------------------------------------------------------------

    def _gradient(self) -> dict[str, Any]:
        source, n = self.source, self.names
        parameters = ", ".join(self.parameters.values())
        names = Names({*self.parameters.values(), *self.names.values(), *_HELPERS})
        accumulate = names.fresh("accumulate")
        wrt = [self.parameters[name] for name in source.wrt]
        others = [p for name, p in self.parameters.items() if name not in source.wrt]
        theta, value, bar = names.fresh("theta"), names.fresh("f"), names.fresh("gradient")
        signature = f"{parameters}, *, {accumulate}=None"
        flat = [f"{n['np']}.ravel({p})" for p in wrt]
        single = len(wrt) == 1
        return {
            "head": f"def value_and_grad({signature}):",
            "docstring": _indented(array_docstring(source, self.shapes, is_gradient=True)),
            "lines": [
                f"{value}, {bar} = {n['_run']}({n['_value_and_grad']}, {parameters})",
                f"if {accumulate} is not None:",
                f"    {bar} = {n['_accumulated']}({accumulate}, {bar})",
                f"return {value}, {bar}",
            ],
            "grad_head": f"def grad({signature}):",
            "grad_lines": [
                f"return {n['value_and_grad']}({parameters}, {accumulate}={accumulate})[1]"
            ],
            "single": single,
            "pack_head": f"def pack({', '.join(wrt)}):",
            "pack_lines": [
                f"return {n['np']}.concatenate([{', '.join(flat)}]).astype({n['float']})"
            ],
            "packed_head": f"def packed_value_and_grad({', '.join([theta, *others])}):",
            "packed_lines": [
                f"{', '.join(wrt)} = {n['unpack']}({theta})",
                f"{value}, {bar} = {n['value_and_grad']}({parameters})",
                f"return {n['float']}({value}), {n['pack']}({bar if single else f'*{bar}'})",
            ],
            "lengths": self._wrt_lengths(),
        }

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


def _looked_up(lengths: str) -> str:
    """An expression of lengths whose names are looked up among those of the arguments."""
    return re.sub(r"[^\W\d]\w*", r'lengths["\g<0>"]', lengths)


def _shape_literal(shape: Shape) -> str:
    return shape_text(tuple(f'"{n}"' if isinstance(n, Dim) else n for n in shape))  # type: ignore[misc]


def _indented(docstring: Sequence[str]) -> str:
    """A docstring's lines, those after the first as far in as the function's body."""
    first, *rest = docstring
    lines = [f"    {line}" if line else "" for line in rest]
    return "\n".join([first, *lines[:-1], *["    " if rest[-1] == "" else lines[-1]] * bool(rest)])


def _compared(shapes: Sequence[str], wanted: Sequence[str], conditions: Sequence[str]) -> list[str]:
    """Statements that set `fit`, with as many of its conditions on a line as there is room for."""
    lines: list[str] = []
    line = f"{tuple_text(shapes)} == {tuple_text(wanted)}" if shapes else ""
    if len(line) > _ROOM:
        lines = [f"shapes = {tuple_text(shapes)}", f"fit = shapes == {tuple_text(wanted)}"]
        line = "fit"
    for condition in conditions:
        longer = f"{line} and {condition}" if line else condition
        if line and len(longer) > _ROOM:
            lines += [] if line == "fit" else [f"fit = {line}"]
            longer = f"fit and {condition}"
        line = longer
    return [*lines, f"fit = {line or True}"]

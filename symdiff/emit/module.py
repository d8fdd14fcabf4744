"""The NumPy module: fills the template's places with text. What is computed was decided before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.derive.packing import Coordinates
from symdiff.emit import products
from symdiff.emit.array_module import array_module_variables
from symdiff.emit.docstrings import (
    gradient_docstring,
    gradient_sentence,
    product_docstring,
    title,
    value_docstring,
)
from symdiff.emit.layout import INDENT, WIDTH, fitted, tuple_text
from symdiff.emit.load import Emitted, compiled
from symdiff.emit.printer import Names, print_graph
from symdiff.emit.recipe import header_lines, signed
from symdiff.emit.self_check import self_check
from symdiff.emit.source import Source
from symdiff.emit.target import BODY, safe_names
from symdiff.emit.templates import environment
from symdiff.errors import EmissionError
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.operation import Spelling
from symdiff.ops.registry import OPERATIONS

# names that the functions with the user's parameters look up; an input may have the same name
_LOOKED_UP = (
    "ArithmeticError",
    "ValueError",
    "_VALUE_AND_GRAD_ON_ARRAYS",
    "_VALUE_ON_ARRAYS",
    "_arrays",
    "_value",
    "_value_and_grad",
    "float",
    "map",
    "np",
    "pack",
    "type",
    "unpack",
    "value_and_grad",
)
_OF_GRADIENT = frozenset("_value_and_grad pack unpack value_and_grad".split())
_SPECIAL_NUMBERS = {
    name: {"numpy": Spelling("call", f"np.{name}"), "math": Spelling("call", f"math.{name}")}
    for name in ("inf", "nan")
}
_CHAINED_TYPES = 8  # inputs whose types are compared one by one, the quickest way for a few


def emit_module(source: Source) -> str:
    """The text of the module. The same source gives the same bytes, on every machine."""
    return emitted(source).text


def emitted(source: Source) -> Emitted:
    """The module, with its code: no text leaves here that is no Python.

    Raises:
        EmissionError: where it would be none, which is a fault of ours.
    """
    if source.is_scalar:
        template, variables = "numpy/module.py.j2", _Context(source).variables()
    else:
        template, variables = "numpy/array_module.py.j2", array_module_variables(source)
    text = signed(fitted(environment().get_template(template).render(**variables)))
    try:
        return compiled(text, source.name)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise EmissionError(str(error), json.dumps(source.recipe)) from error


class _Context:
    """Collects the template's variables. Lives for one module."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.inputs = source.value.input_names
        self.parameters = safe_names((*self.inputs, *source.extra))
        taken = set(self.parameters.values())
        looked_up = [*_LOOKED_UP]
        if source.product is not None:
            verb = f"_{source.verb}"
            looked_up += [verb, f"{verb.upper()}_ON_ARRAYS", source.verb]
            looked_up += products.names_used(source.packing)
        self.names = {name: Names(taken).fresh(name) for name in looked_up}
        self.taken = taken | set(looked_up) | set(self.names.values())
        self.helpers: dict[str, str] = {}
        self.libraries: set[str] = set()
        self.tables: set[str] = set()  # constants that hold what bodies are given for arrays

    def variables(self) -> dict[str, Any]:  # the template's variables, of many types
        source = self.source
        bodies = [self._body("_value", source.value_body)]
        definitions = [self._definition("value", bodies[0], value_docstring(source))]
        variables: dict[str, Any] = {"gradient": False}
        if source.gradient is not None:
            bodies.append(self._body("_value_and_grad", source.gradient))
            docstring = gradient_docstring(source)
            definitions.append(self._definition("value_and_grad", bodies[1], docstring))
            variables |= self._gradient_parts()
        variables["product"] = []
        if source.product is not None:
            bodies.append(self._body(f"_{source.verb}", source.product))
            docstring = product_docstring(source)
            definitions.append(self._definition(source.verb, bodies[1], docstring))
            if isinstance(source.packing, Coordinates):
                parameters = list(self.parameters.values())
                variables["product"] = [
                    "",
                    *products.csc_lines(source.verb, parameters, self.names),
                ]
        variables |= {
            "product_helper": products.helper_lines(source.packing),
            "verb": source.verb,
            "shapes_known": False,
            "kinds": [],
            "title": title(source),
            "header": header_lines(source.recipe),
            "constants": self._constants(),
            "bodies": [body.text for body in bodies],
            "definitions": definitions,
            "helpers": list(self.helpers.values()),
            "n": self.names,
            "nested": self._nested,
            "check": self_check(source),
            "aliases": self._aliases(),
        }
        libraries = self.libraries
        encoded = any("_decoded(" in line for line in variables["constants"])
        if encoded:
            variables["constants"] = [*products.ENCODED.split("\n"), "", *variables["constants"]]
        checked = source.verb != "value"
        plain = {
            "base64": encoded,
            "contextlib": checked,
            "math": "math" in libraries,
            "os": True,
        }
        variables["plain_imports"] = [f"import {name}" for name, used in plain.items() if used]
        variables["package_imports"] = ["import numpy as np"] + ["from scipy import special"] * (
            "special" in libraries
        )
        return variables

    def _aliases(self) -> list[str]:
        """What the module defines, under the name that it has where an input has its own."""
        missing = {name for name in self.names if name.endswith("_ON_ARRAYS")} - self.tables
        if self.source.gradient is None:
            missing |= _OF_GRADIENT
        return [
            f"{new} = {old}" for old, new in self.names.items() if new != old and old not in missing
        ]

    def _constants(self) -> list[str]:
        """INPUTS, OUTPUTS and WRT, on one line where they fit."""
        value = self.source.value
        named = {"INPUTS": self.inputs, "OUTPUTS": value.output_names, "WRT": self.source.wrt}
        texts = [tuple_text([f'"{name}"' for name in names]) for names in named.values()]
        line = f"{', '.join(named)} = {', '.join(texts)}"
        matrix = products.tensor_lines(self.source.packing)
        if len(line) < _ONE_LINE:
            return [line, *matrix]
        lines = [f"{constant} = {text}" for constant, text in zip(named, texts, strict=True)]
        return lines + matrix

    # --- bodies ------------------------------------------------------------------------------

    def _body(self, name: str, graph: Graph) -> _Body:
        printed = print_graph(graph, BODY, self.parameters, Names(self.taken))
        defaults = [f"{local}={self._bound(op)}" for op, local in printed.calls.items()]
        if name in ("_value", "_value_and_grad"):
            several = len(self.source.wrt) > 1 and name != "_value"
            result = self._result(printed.results, several)
        else:
            result = products.result_text(self.source.packing, printed.results)
        parameters = [self.parameters[given] for given in graph.input_names]
        functions = [self._numpy_function(op) for op in printed.calls]
        constant = f"{name.upper()}_ON_ARRAYS"
        text = {
            "head": f"def {name}({', '.join([*parameters, *defaults])}):",
            "lines": [*printed.lines, result],
            "functions": ["", f"{constant} = {tuple_text(functions)}"] if functions else [],
        }
        self.tables.update([constant] * bool(functions))
        ops = {node.op for node in graph.nodes} - {INPUT, CONSTANT}
        passed = [self.names[constant]] if functions else []
        may_raise = any(OPERATIONS[op].may_raise for op in ops)
        return _Body(name, text, len(printed.results), passed, may_raise)

    def _result(self, results: list[str], has_tuple: bool) -> str:  # noqa: FBT001
        """The return of a body: what it gives for floats is what the public function gives."""
        if not has_tuple:
            return f"return {', '.join(results)}"
        value, *gradient = results
        return f"return {value}, ({', '.join(gradient)})"

    @property
    def _nested(self) -> str:
        """How `_arrays` puts the results `r` together, as the bodies do."""
        values = len(self.source.value.outputs)
        alone = "r[0]" if values == 1 else "tuple(r)"
        if self.source.product is not None:
            derived = products.nested_text(self.source.packing, "r")
            same = derived == alone or len(self.source.product.outputs) == values
            return alone if same else f"{alone} if count == {values} else {derived}"
        if self.source.gradient is None:
            return alone
        if len(self.source.wrt) == 1:
            return "r[0] if count == 1 else tuple(r)"
        return "r[0] if count == 1 else (r[0], tuple(r[1:]))"

    def _bound(self, op: str) -> str:
        """What a body's parameter is bound to for floats."""
        spellings = _spellings(op)
        spelling = spellings["math"]
        library = spelling.text.split(".")[0]
        if library != "special" and spelling != spellings["numpy"]:
            if spelling.source:
                self._need(spelling)
            else:
                self.libraries.add(library)
            return spelling.text
        self._numpy_function(op)
        self.helpers.setdefault("_floating", _FLOATING)
        name = f"_{op}_of_float"
        self.helpers.setdefault(name, f"{name} = _floating({spelling.text})")
        return name

    def _numpy_function(self, op: str) -> str:
        """What a body's parameter is given for arrays."""
        spelling = _spellings(op)["numpy"]
        if spelling.source:
            self._need(spelling)
        else:
            self.libraries.add(spelling.text.split(".")[0])
        return spelling.text

    def _need(self, spelling: Spelling) -> None:
        self.helpers.setdefault(spelling.text, spelling.source)
        for library in ("math", "special"):
            if f"{library}." in spelling.source:
                self.libraries.add(library)

    # --- public functions --------------------------------------------------------------------

    def _definition(self, name: str, body: _Body, docstring: list[str]) -> dict[str, Any]:
        """A public function: floats go to the body at once, all else to `_arrays`."""
        n, source = self.names, self.source
        is_product = name == source.verb and source.product is not None
        called = [*self.inputs, *(source.extra if is_product else ())]
        parameters = [self.parameters[name] for name in called]
        lines = [f'"""{docstring[0]}', *docstring[1:]]
        lines[-1] += '"""'
        if len(parameters) <= _CHAINED_TYPES:
            given, inputs = ", ".join(parameters), tuple_text(parameters)
            are_floats = " is ".join([*[f"{p}.__class__" for p in parameters], n["float"]])
        else:
            inputs = Names(self.taken).fresh("inputs")
            given = f"*{inputs}"
            lines.append(f"{inputs} = {tuple_text(parameters)}")
            are_floats = f"{{*{n['map']}({n['type']}, {inputs})}} == {{{n['float']}}}"
        arguments = ", ".join([n[body.name], str(body.count), inputs, *body.functions])
        quick, stacked = ("%s", "%s")
        if is_product:
            quick, stacked = products.wrapping(source.packing, body.count, n, inputs)
        fast = quick.replace("%s", f"{n[body.name]}({given})")
        slow = stacked.replace("%s", f"{n['_arrays']}({arguments})")
        lines += self._choice(are_floats, fast, slow, may_raise=body.may_raise)
        return {"head": f"def {name}({', '.join(parameters)}):", "lines": _indented(lines)}

    def _choice(self, are_floats: str, fast: str, slow: str, *, may_raise: bool) -> list[str]:
        """Statements that return the one way for floats, and the other for all else."""
        if may_raise:
            errors = f"({self.names['ArithmeticError']}, {self.names['ValueError']})"
            return [
                f"if {are_floats}:",
                "    try:",
                f"        return {fast}",
                f"    except {errors}:",
                "        pass  # NumPy's inf and nan, below",
                f"return {slow}",
            ]
        flag = Names(self.taken).fresh("floats")
        for short in (
            [f"return {fast} if {are_floats} else {slow}"],
            [f"{flag} = {are_floats}", f"return {fast} if {flag} else {slow}"],
        ):
            if all(len(INDENT + line) <= WIDTH for line in short):
                return short
        return [f"if {are_floats}:", f"    return {fast}", f"return {slow}"]

    def _gradient_parts(self) -> dict[str, Any]:
        wrt = [self.parameters[name] for name in self.source.wrt]
        others = [p for name, p in self.parameters.items() if name not in self.source.wrt]
        names, n = Names(self.taken), self.names
        theta, value, bar = names.fresh("theta"), names.fresh("f"), names.fresh("gradient")
        single, every = len(wrt) == 1, ", ".join(self.parameters.values())
        packed = [
            f"{tuple_text(wrt)[1:-1]} = {n['unpack']}({theta})",
            f"{value}, {bar} = {n['value_and_grad']}({every})",
            f"return {n['float']}({value}), {n['pack']}({bar if single else f'*{bar}'})",
        ]
        if list(self.parameters.values()) == wrt:
            packed[:-1] = [f"{value}, {bar} = {n['value_and_grad']}(*{n['unpack']}({theta}))"]
        return {
            "gradient": True,
            "gradient_tuple": "[gradient]" if single else "gradient",
            "grad": {
                "head": f"def grad({every}):",
                "docstring": gradient_sentence(self.source),
                "lines": [f"return {n['value_and_grad']}({every})[1]"],
            },
            "pack": {
                "head": f"def pack({', '.join(wrt)}):",
                "docstring": "The numbers of WRT as one flat vector.",
                "lines": [f"return {n['np']}.array([{', '.join(wrt)}], dtype={n['float']})"],
            },
            "packed": {
                "head": f"def packed_value_and_grad({', '.join([theta, *others])}):",
                "docstring": "The value and the flat gradient, as scipy.optimize wants them.",
                "lines": packed,
            },
        }


@dataclass(frozen=True, slots=True)
class _Body:
    """A printed body and what its callers need to know."""

    name: str
    text: Mapping[str, Any]  # the template's variables
    count: int
    functions: list[str]
    may_raise: bool


_ONE_LINE = 86
_FLOATING = """def _floating(function):
    def call(*args):
        with np.errstate(all="ignore"):
            return float(function(*args))
    return call"""


def _spellings(op: str) -> Mapping[str, Spelling]:
    return _SPECIAL_NUMBERS[op] if op in _SPECIAL_NUMBERS else OPERATIONS[op].spelling


def _indented(lines: Sequence[str]) -> list[str]:
    return [INDENT + line if line else "" for line in lines]

"""Modules of the target `python`: plain functions of floats and lists, without NumPy."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.context import Definition, docstring
from symdiff.emit.docstrings import title
from symdiff.emit.formula import derivative_name, equations
from symdiff.emit.layout import fitted, tuple_text
from symdiff.emit.load import Emitted, compiled
from symdiff.emit.names import Names, safe_names
from symdiff.emit.products import result_text
from symdiff.emit.python import print_graph
from symdiff.emit.source import Source
from symdiff.emit.spell.python import HELPERS, PYTHON_SPELLINGS
from symdiff.emit.spell.tables import check_spelled
from symdiff.emit.target import PYTHON
from symdiff.emit.templates import environment
from symdiff.errors import EmissionError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.shape import Dim, names_of
from symdiff.schedule.program import Number, Op, Program, every_part

_TAKEN = "abs bool float int isinstance iter len list math max min next range sum zip".split()


def plain_module(source: Source) -> Emitted:
    """The module, with its code.

    Raises:
        UnsupportedError: naming what lists have no way for.
    """
    if isinstance(source.packing, Coordinates):
        raise UnsupportedError(
            "the target 'python' has no sparse matrices", suggestion="leave out sparse"
        )
    for graph in filter(None, (source.value_body, source.derivative)):
        check_spelled(graph, "python")
    definitions = list(_Module(source).definitions())
    read = [name for d in definitions for name in _read(d.lines)]
    helpers = _helpers(read)
    names = {*read, *[name for text in helpers for name in _names(text)]}
    named = {
        "INPUTS": source.value.input_names,
        "OUTPUTS": source.value.output_names,
        "WRT": source.wrt,
    }
    constants = [f"{k} = " + tuple_text([f'"{n}"' for n in found]) for k, found in named.items()]
    text = fitted(
        environment()
        .get_template("python/module.py.j2")
        .render(
            title=title(source),
            imports=["import math"] * ("math" in names),
            constants=constants,
            helpers=helpers,
            definitions=definitions,
        )
    )
    try:
        return compiled(text, source.name)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise EmissionError(str(error), json.dumps(source.recipe)) from error


def _names(text: str) -> list[str]:
    """The names in definitions, in order."""
    return [node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]


def _read(lines: Sequence[str]) -> list[str]:
    """The names in the statements of a body."""
    return _names("\n    ".join(["def body():", *lines]))


class _Module:
    """The definitions of one module."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.inputs = (*source.value.input_names, *source.extra)
        self.parameters = safe_names(self.inputs)
        shapes = [node.shape for node in source.value_body.nodes]
        self.lengths = names_of(shapes)
        self.taken = {*self.parameters.values(), *self.lengths, *_TAKEN, *HELPERS}
        for name in self.parameters.values():
            if name in (*_TAKEN, *HELPERS, *self.lengths, "value_and_grad"):
                raise UnsupportedError(
                    f"an input called '{name}' hides what the module calls by that name",
                    suggestion="give the input another name",
                )

    def definitions(self) -> Iterator[Definition]:
        """The functions that users call."""
        source, value = self.source, self.source.value
        lines = equations(value, value.output_names)
        yield self._body("value", source.value_body, ["The value.", *_paragraph(lines)])
        if source.gradient is not None:
            names = [derivative_name(value, name) for name in source.wrt]
            assert source.formulas is not None  # there is a gradient
            lines = equations(source.formulas, names, 1)
            head = "The value and the gradient."
            yield self._body("value_and_grad", source.gradient, [head, *_paragraph(lines)])
            given = ", ".join(self.parameters[name] for name in value.input_names)
            yield Definition(
                f"def grad({given}):", [f"return value_and_grad({given})[1]"], "The gradient alone."
            )
        elif source.product is not None:
            yield self._body(source.verb.name, source.product, [f"The {source.verb.noun}."])

    def _body(self, name: str, graph: Graph, doc: Sequence[str]) -> Definition:
        printed = print_graph(graph, PYTHON, self.parameters, Names(self.taken))
        parameters = ", ".join([self.parameters[given] for given in graph.input_names])
        bound = [self._bound(length) for length in _lengths(printed.program)]
        lines = [*bound, *printed.lines, self._result(name, printed.results)]
        return Definition(f"def {name}({parameters}):", lines, docstring(doc))

    def _bound(self, length: str) -> str:
        """A named length, from the first input that has it as the length of an axis."""
        graph = self.source.value_body
        return next(
            f"{length} = len({self.parameters[name]}{'[0]' * axis})"
            for name, at in zip(graph.input_names, graph.inputs, strict=True)
            for axis, n in enumerate(graph[at].shape)
            if str(n) == length
        )

    def _result(self, name: str, results: Sequence[str]) -> str:
        packing = self.source.packing
        if name == "value":
            return f"return {', '.join(results)}"
        if name == "value_and_grad":
            value, *gradient = results
            return f"return {value}, {gradient[0] if len(gradient) == 1 else tuple_text(gradient)}"
        if isinstance(packing, Tensor):
            return f"return {_nested(packing, results)}"
        return result_text(packing, results)


def _nested(packing: Tensor, results: Sequence[str]) -> str:
    """The entries of an array as nested lists; 0.0 where no result is one."""
    size = 1
    for length in packing.shape:
        size *= length
    texts = ["0.0"] * size
    for index, text in enumerate(results):
        texts[packing.place(index)] = text
    for length in reversed(packing.shape):
        rows = range(0, len(texts), length)
        texts = [f"[{', '.join(texts[start : start + length])}]" for start in rows]
    return texts[0]


def _lengths(program: Program) -> list[str]:
    """The named lengths that a program reads."""
    found = []
    for part in every_part(program.body):
        if isinstance(part, Number):
            found.append(part.shape)
        elif isinstance(part, Op):
            found.append(tuple(_dims(part.params)))
    return names_of(found)


def _dims(params: object) -> Iterator[Dim]:
    if isinstance(params, Dim):
        yield params
    elif isinstance(params, tuple):
        for part in params:
            yield from _dims(part)


def _helpers(names: Sequence[str]) -> list[str]:
    """The definitions of what bodies call, and of what those call, each before it is called."""
    sources = HELPERS | {
        spelling.text: spelling.source
        for spelling in map(PYTHON_SPELLINGS.spell, PYTHON_SPELLINGS)
        if spelling.source
    }
    found: dict[str, str] = {}
    pending = list(dict.fromkeys(names))
    while pending:
        name = pending[-1]
        if name in found or name not in sources:
            pending.pop()
            continue
        needed = [n for n in _names(sources[name]) if n in sources and n not in found and n != name]
        pending += needed
        if not needed:
            found[name] = sources[name]
    return list(found.values())


def _paragraph(lines: Sequence[str]) -> list[str]:
    return ["", *lines, ""] if lines else []

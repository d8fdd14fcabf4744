"""Modules of the target `python`: plain functions of floats and lists, without NumPy."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.context import Definition, docstring
from symdiff.emit.dialect import LISTS as PYTHON
from symdiff.emit.docstrings import title
from symdiff.emit.formula import derivative_name, equations
from symdiff.emit.layout import fitted, tuple_text
from symdiff.emit.load import Emitted, compiled
from symdiff.emit.names import Names, safe_names
from symdiff.emit.printer import print_graph
from symdiff.emit.products import Packing, result_text
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.python import HELPERS, PYTHON_SPELLINGS
from symdiff.emit.spell.tables import check_spelled
from symdiff.emit.templates import rendered
from symdiff.errors import EmissionError, UnsupportedError
from symdiff.graph.shape import Dim, names_of
from symdiff.schedule.program import Number, Op, Program, every_part

_TAKEN = "abs bool float int isinstance iter len list math max min next range sum zip".split()


def plain_module(source: Source) -> Emitted:
    """The module, with its code.

    Raises:
        UnsupportedError: naming what lists have no way for.
    """
    if any(isinstance(derivative.packing, Coordinates) for derivative in source.derivatives):
        raise UnsupportedError(
            "the target 'python' has no sparse matrices", suggestion="leave out sparse"
        )
    for graph in source.graphs:
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
    variables = {
        "title": title(source),
        "imports": ["import math"] * ("math" in names),
        "constants": constants,
        "helpers": helpers,
        "definitions": definitions,
    }
    text = fitted(rendered("python/module.py.j2", variables, source.templates))
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
        vectors = [name for d in source.derivatives for name in source.vectors(d)]
        self.inputs = (*source.value.input_names, *dict.fromkeys(vectors))
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
        yield self._body("value", None, ["The value.", *_paragraph(lines)])
        for derivative in source.derivatives:
            if not derivative.verb.has_gradient:
                yield self._body(derivative.function, derivative, [f"The {derivative.verb.noun}."])
                continue
            names = [derivative_name(value, name) for name in source.wrt]
            lines = equations(derivative.formulas, names, 1)
            head = "The value and the gradient."
            yield self._body(derivative.function, derivative, [head, *_paragraph(lines)])
            given = [self.parameters[name] for name in value.input_names]
            lines = [f"return value_and_grad({', '.join(given)})[1]"]
            yield Definition("grad", given, lines, "The gradient alone.")

    def _body(self, name: str, derivative: Derivative | None, doc: Sequence[str]) -> Definition:
        graph, packing = self.source.body(derivative)
        printed = print_graph(graph, PYTHON, self.parameters, Names(self.taken))
        parameters = [self.parameters[given] for given in graph.input_names]
        bound = [self._bound(length) for length in _lengths(printed.program)]
        lines = [*bound, *printed.lines, _result(packing, printed.results)]
        return Definition(name, parameters, lines, docstring(doc))

    def _bound(self, length: str) -> str:
        """A named length, from the first input that has it as the length of an axis."""
        graph = self.source.value_body
        return next(
            f"{length} = len({self.parameters[name]}{'[0]' * axis})"
            for name, at in zip(graph.input_names, graph.inputs, strict=True)
            for axis, n in enumerate(graph[at].shape)
            if str(n) == length
        )


def _result(packing: Packing, results: Sequence[str]) -> str:
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

"""The module: bodies, public functions and constants around them, and the template they fill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import Definition, Entry
from symdiff.emit.docstrings import title
from symdiff.emit.layout import fitted
from symdiff.emit.load import Emitted
from symdiff.emit.packed import packed_functions
from symdiff.emit.recipe import header_line, recipe_lines, signed
from symdiff.emit.self_check import self_check
from symdiff.emit.source import Derivative, Source
from symdiff.emit.target import DEFAULT, Target
from symdiff.emit.templates import rendered
from symdiff.errors import EmissionError, SymdiffError
from symdiff.graph.node import FLOAT
from symdiff.ops.loops import are_tested


def made_module(source: Source, target: Target) -> Emitted:
    """The module. Its text is compiled when it is written or loaded, by the user's templates here.

    Raises:
        SymdiffError: where it is no Python by the user's own templates.
        UnsupportedError: for what the target has no way for.
    """
    folders = [source.templates, str(target.folder or "")]
    folders = list(filter(None, folders))
    variables = _variables(source, target)
    text = rendered(target.template, variables, folders)
    if not target.is_python:
        header = signed(rendered(target.header, variables, folders)) if target.header else ""
        functions = tuple(variables["functions"])
        return Emitted(
            source.name,
            signed(text),
            source.recipe,
            is_python=False,
            header=header,
            functions=functions,
        )
    del variables  # a long text is not held twice
    text = fitted(text)
    made = Emitted(source.name, signed(text), source.recipe)
    if source.templates:
        try:
            _ = made.code
        except EmissionError as error:
            reason = f"the templates in '{source.templates}' give no Python: {error.reason}"
            raise SymdiffError(reason) from error
    return made


# the template's variables, of many types
def _variables(source: Source, target: Target) -> dict[str, Any]:
    assert target.entry is not None  # it has modules
    source = replace(source, has_tools=target.has_tools, broadcasts=target.broadcasts)
    entry = target.entry(source, target.dialect)
    bodies = list(_bodies(entry))
    functions = list(_functions(entry))
    packed = list(packed_functions(entry)) if source.is_packed else []
    stacked = source.derivatives if entry.has_stacks else ()
    matrices = products.matrices(source, stacked)
    defined = {function.name for function in (*bodies, *functions, *packed)}
    defined.update(["unpack"] * bool(packed))
    recipe = dict(source.recipe) | ({"target": target.name} if target.name != DEFAULT else {})
    recipe |= {"dtype": source.dtype} if source.dtype != FLOAT else {}
    return {
        "title": title(source),
        "header": header_line(is_lean=source.is_lean),
        "recipe": [] if source.is_lean else recipe_lines(recipe),
        "imports": imports(entry, stacked),
        "constants": [*entry.constants(), *matrices.values()],
        "decoder": products.decoder(stacked),
        "helpers": list(entry.context.helpers.values()),
        "bodies": bodies,
        "functions": functions,
        "packed": packed,
        "is_single": len(source.wrt) == 1,
        "stacking": products.stacking(stacked),
        "entry": entry.template,
        "aliases": entry.context.aliases({*defined, *entry.defined(), *matrices}),
        "check": self_check(source) if entry.checks_itself else None,
        **entry.variables(),
    }


def _bodies(entry: Entry) -> Iterator[Definition]:
    for derivative in (None, *entry.context.source.derivatives):
        yield from entry.body(derivative)


def _functions(entry: Entry) -> Iterator[Definition]:
    """The functions that users call, up to `pack`."""
    source = entry.context.source
    yield from entry.public(None)
    for derivative in source.derivatives:
        yield from entry.public(derivative)
        if derivative.verb.has_gradient:
            yield entry.grad()
    if source.is_packed:
        yield entry.pack()


_OF_SCIPY = {
    "scipy": "import scipy.fft  # type: ignore[import-untyped]",
    "special": "from scipy import special  # type: ignore[import-untyped]",
}


def of_scipy(entry: Entry) -> list[str]:
    """The imports of what bodies and helpers call of SciPy."""
    return [line for name, line in _OF_SCIPY.items() if name in entry.context.libraries]


def imports(entry: Entry, stacked: Sequence[Derivative]) -> list[str]:
    """The standard library's modules, packages, and what stands beside the user's function."""
    source = entry.source
    standard = entry.standard()
    if products.decoder(stacked):
        standard.update(["base64", "zlib"])
    if entry.checks_itself:
        standard.add("contextlib")
        standard.update(["itertools", "sys"] if are_tested(source.value) else [])
    groups = [
        [*[f"import {name}" for name in sorted(standard)], *entry.imported()],
        [*entry.packages, *of_scipy(entry)],
        entry.others(),
    ]
    lines = [line for group in groups if group for line in ("", *group)]
    return lines[1:]

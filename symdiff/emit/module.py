"""The module: bodies, public functions and constants around them, and the template they fill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import Definition, Entry
from symdiff.emit.docstrings import title
from symdiff.emit.entries.elementwise import Elementwise
from symdiff.emit.entries.lean import Lean, is_alone
from symdiff.emit.entries.shaped import Shaped
from symdiff.emit.layout import fitted
from symdiff.emit.load import Emitted, compiled
from symdiff.emit.packed import packed_functions
from symdiff.emit.recipe import header_line, recipe_lines, signed
from symdiff.emit.self_check import self_check
from symdiff.emit.source import Source
from symdiff.emit.templates import rendered
from symdiff.errors import EmissionError, SymdiffError


def emit_module(source: Source) -> str:
    """The text of the module. The same source gives the same bytes, on every machine."""
    return emitted(source).text


def emitted(source: Source) -> Emitted:
    """The module, with its code: no text leaves here that is no Python.

    Raises:
        EmissionError: where it would be none, which is a fault of ours.
        SymdiffError: where it would be none by the user's own templates.
    """
    text = rendered("numpy/module.py.j2", _variables(source), source.templates)
    text = signed(fitted(text))
    try:
        return compiled(text, source.name)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if source.templates:
            reason = f"the templates in '{source.templates}' give no Python: {error}"
            raise SymdiffError(reason) from error
        raise EmissionError(str(error), json.dumps(source.recipe)) from error


def _variables(source: Source) -> dict[str, Any]:  # the template's variables, of many types
    entry = _entry(source)
    bodies = list(_bodies(entry))
    functions = list(_functions(entry))
    packed = list(packed_functions(entry)) if source.is_packed else []
    matrices = _matrices(source)
    defined = {function.name for function in (*bodies, *functions, *packed)}
    defined.update(["unpack"] * bool(packed))
    return {
        **entry.variables(),
        "title": title(source),
        "header": header_line(is_lean=source.is_lean),
        "recipe": [] if source.is_lean else recipe_lines(source.recipe),
        "imports": _imports(entry),
        "constants": [*entry.constants(), *matrices.values()],
        "decoder": products.decoder(source.derivatives),
        "helpers": list(entry.context.helpers.values()),
        "bodies": bodies,
        "functions": functions,
        "packed": packed,
        "is_single": len(source.wrt) == 1,
        "stacking": products.stacking(source.derivatives),
        "entry": entry.template,
        "aliases": entry.context.aliases({*defined, *entry.defined(), *matrices}),
        "check": self_check(source) if source.derivatives and not source.is_lean else None,
    }


def _entry(source: Source) -> Entry:
    if not source.is_scalar:
        return Shaped(source)
    return Lean(source) if is_alone(source) else Elementwise(source)


def _matrices(source: Source) -> dict[str, str]:
    """The constants of derivatives that are matrices, by name."""
    found: dict[str, str] = {}
    for derivative in source.derivatives:
        prefix = source.prefix(derivative)
        constants = products.constants(derivative.packing, prefix)
        found |= {f"{prefix}{name}": statement for name, statement in constants.items()}
    return found


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
            yield _grad(entry)
    if source.is_packed:
        yield entry.pack()


def _grad(entry: Entry) -> Definition:
    """The gradient alone."""
    context = entry.context
    parameters, keyword = context.called_with(None), entry.keyword
    taken = [*context.typed(parameters), *(["*", f"{keyword}: Any = None"] if keyword else [])]
    given = [*parameters, *([f"{keyword}={keyword}"] if keyword else [])]
    lines = [f"return {context.names['value_and_grad']}({', '.join(given)})[1]"]
    return Definition("grad", taken, lines, entry.grad_docstring(), "Any")


def _imports(entry: Entry) -> list[str]:
    """The standard library's modules, packages, and what stands beside the user's function."""
    source, libraries = entry.context.source, entry.context.libraries
    standard = entry.standard()
    if products.decoder(source.derivatives):
        standard.add("base64")
    if source.derivatives and not source.is_lean:
        standard.add("contextlib")
    names = [*entry.imported(), "from typing import Any"]
    groups = [
        [*[f"import {name}" for name in sorted(standard)], *names],
        [
            "import numpy as np",
            *["from scipy import special  # type: ignore[import-untyped]"]
            * ("special" in libraries),
        ],
        entry.others(),
    ]
    return "\n\n".join("\n".join(group) for group in groups if group).split("\n")

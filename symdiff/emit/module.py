"""The module: bodies, public functions and constants around them, and the template they fill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import Definition, Entry
from symdiff.emit.docstrings import title
from symdiff.emit.entries.elementwise import Elementwise
from symdiff.emit.entries.shaped import Shaped
from symdiff.emit.layout import fitted, tuple_text
from symdiff.emit.load import Emitted, compiled
from symdiff.emit.recipe import header_lines, signed
from symdiff.emit.self_check import self_check
from symdiff.emit.source import Source
from symdiff.emit.templates import environment
from symdiff.errors import EmissionError


def emit_module(source: Source) -> str:
    """The text of the module. The same source gives the same bytes, on every machine."""
    return emitted(source).text


def emitted(source: Source) -> Emitted:
    """The module, with its code: no text leaves here that is no Python.

    Raises:
        EmissionError: where it would be none, which is a fault of ours.
    """
    template = environment().get_template("numpy/module.py.j2")
    text = signed(fitted(template.render(**_variables(source))))
    try:
        return compiled(text, source.name)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise EmissionError(str(error), json.dumps(source.recipe)) from error


def _variables(source: Source) -> dict[str, Any]:  # the template's variables, of many types
    entry: Entry = Elementwise(source) if source.is_scalar else Shaped(source)
    bodies = list(_bodies(entry))
    functions = list(_functions(entry))
    return {
        **entry.variables(),
        "title": title(source),
        "header": header_lines(source.recipe),
        "imports": _imports(entry),
        "constants": entry.constants(),
        "decoder": products.decoder(source.packing),
        "helpers": list(entry.context.helpers.values()),
        "bodies": bodies,
        "functions": functions,
        "packed": _packed(entry) if source.gradient is not None else None,
        "is_single": len(source.wrt) == 1,
        "entry": entry.template,
        "aliases": _aliases(entry),
        "verb": source.verb.name,
        "check": self_check(source) if source.derivative is not None else None,
    }


def _bodies(entry: Entry) -> Iterator[Definition]:
    source = entry.context.source
    yield from entry.body("_value", source.value_body)
    if source.gradient is not None:
        yield from entry.body("_value_and_grad", source.gradient)
    if source.product is not None:
        yield from entry.body(f"_{source.verb.name}", source.product)


def _functions(entry: Entry) -> Iterator[Definition]:
    """The functions that users call, up to those of the gradient's template."""
    context = entry.context
    source = context.source
    yield from entry.public("value")
    if source.product is not None:
        yield from entry.public(source.verb.name)
    if source.gradient is not None:
        yield from entry.public("value_and_grad")
        yield _grad(entry)
        yield entry.pack()


def _imports(entry: Entry) -> list[str]:
    """The standard library's modules, packages, and what stands beside the user's function."""
    source, libraries = entry.context.source, entry.context.libraries
    standard = entry.standard()
    if products.decoder(source.packing):
        standard.add("base64")
    if source.derivative is not None:
        standard.add("contextlib")
    groups = [
        [*[f"import {name}" for name in sorted(standard)], *entry.imported()],
        ["import numpy as np", *["from scipy import special"] * ("special" in libraries)],
        entry.others(),
    ]
    return "\n\n".join("\n".join(group) for group in groups if group).split("\n")


def _aliases(entry: Entry) -> list[str]:
    """What the module defines, under the name that it has where an input has its own."""
    undefined = entry.undefined()
    names = entry.context.names.items()
    return [f"{new} = {old}" for old, new in names if new != old and old not in undefined]


# --- the gradient ----------------------------------------------------------------------------


def _grad(entry: Entry) -> Definition:
    """The gradient alone."""
    context = entry.context
    every, keyword = ", ".join(context.parameters.values()), entry.keyword
    signature, given = every, every
    if keyword:
        signature, given = f"{every}, *, {keyword}=None", f"{every}, {keyword}={keyword}"
    lines = [f"return {context.names['value_and_grad']}({given})[1]"]
    return Definition(f"def grad({signature}):", lines, entry.grad_docstring())


def _packed(entry: Entry) -> Definition:
    """The value and the gradient by one vector."""
    context = entry.context
    n, wrt, every = context.names, context.wrt, list(context.parameters.values())
    theta, value, bar = map(context.local, ("theta", "f", "gradient"))
    call = f"{value}, {bar} = {n['value_and_grad']}"
    lines = [
        f"{', '.join(wrt) if entry.is_alone else tuple_text(wrt)[1:-1]} = {n['unpack']}({theta})",
        f"{call}({', '.join(every)})",
    ]
    if every == wrt and not entry.is_alone:
        lines = [f"{call}(*{n['unpack']}({theta}))"]
    parts = bar if len(wrt) == 1 else f"*{bar}"
    return Definition(
        f"def packed_value_and_grad({', '.join([theta, *context.others])}):",
        [*lines, f"return {n['float']}({value}), {n['pack']}({parts})"],
        "The value and the flat gradient, as scipy.optimize wants them.",
    )

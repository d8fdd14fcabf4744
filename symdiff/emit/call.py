"""Call: the function of a source of numbers, run without what a module has around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import CodeType
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import POOL
from symdiff.emit.entries.elementwise import Elementwise
from symdiff.emit.load import Emitted, load, show_lines
from symdiff.emit.module import imports
from symdiff.emit.source import Source
from symdiff.emit.target import DEFAULT
from symdiff.emit.targets import check_spelled, target_of
from symdiff.emit.templates import plain_text


def callable_of(source: Source) -> Callable[..., Any]:
    """The function that a call computes: as in the module, without docstrings, tools and layout.

    A formula is usually called before its module is read, if it ever is. This takes a third of the
    time, and no template engine.

    Raises:
        UnsupportedError: for an operation that NumPy has no way to write.
        EmissionError: where its text is no Python, which is a fault of ours.
    """
    check_spelled(source.graphs[-1], target_of(DEFAULT))
    source = replace(source, has_docstrings=False)
    derivative = source.derivatives[0] if source.derivatives else None
    entry = Elementwise(source)
    definitions = [*entry.body(derivative), *entry.public(derivative)]
    verb = "value" if derivative is None else derivative.verb.name
    if verb not in [definition.name for definition in definitions]:
        definitions.append(entry.grad())
    definitions += products.stacking(source.derivatives)
    matrices = products.matrices(source, source.derivatives)
    defined = {*matrices, *[definition.name for definition in definitions], *entry.defined()}
    lines = [
        *[line for line in imports(entry, source.derivatives) if line != POOL],
        *products.decoder(source.derivatives),
        *entry.constants(),
        *matrices.values(),
        *entry.context.helpers.values(),
    ]
    for definition in definitions:
        lines += [definition.head, *[f"    {line}" for line in definition.lines], *definition.after]
    lines += entry.context.aliases(defined)
    made = Emitted(source.name, "\n".join(lines) + "\n", source.recipe)
    module = load(made, _tools(*entry.of_arrays))
    found: Callable[..., Any] = module.__dict__[verb]
    return found


# the import takes as long as compiling a small formula, whose first call may be on floats
_POOL = ("def ThreadPoolExecutor(*given):", f"    {POOL}", "    return ThreadPoolExecutor(*given)")


@lru_cache
def _tools(*names: str) -> CodeType | None:
    """The functions of the entry, which are the same in every module."""
    texts = [plain_text(f"numpy/{name}.py.j2") for name in names]
    text = "\n".join([*Elementwise.packages, *_POOL, *texts])
    code = Emitted("elementwise", text).code
    if code is not None:
        show_lines(text, code.co_filename)
    return code

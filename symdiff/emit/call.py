"""Call: the function of a source of numbers, run without what a module has around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import POOL
from symdiff.emit.entries.elementwise import BLOCKS, Elementwise
from symdiff.emit.load import Emitted, load
from symdiff.emit.module import of_scipy
from symdiff.emit.source import Source
from symdiff.emit.target import DEFAULT
from symdiff.emit.targets import check_spelled, target_of
from symdiff.emit.templates import plain_text


def callable_of(source: Source) -> Callable[..., Any]:
    """The function that a call computes: as in the module, without what readers of that need.

    A formula is usually called before its module is read, if it ever is. This takes a third of the
    time, and no template engine.

    Raises:
        UnsupportedError: for an operation that NumPy has no way to write.
        EmissionError: where its text is no Python, which is a fault of ours.
    """
    check_spelled(source.graphs[-1], target_of(DEFAULT))
    source = replace(source, is_documented=False, has_tools=False)
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
        *of_scipy(entry),
        *products.decoder(source.derivatives),
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


_IMPORTS = ("import base64", "import math", "import os", *Elementwise.packages)
# the import takes as long as compiling a small formula, whose first call may be on floats
_POOL = ("def ThreadPoolExecutor(*given):", f"    {POOL}", "    return ThreadPoolExecutor(*given)")


@lru_cache
def _tools(*names: str) -> Mapping[str, Any]:
    """What the functions of all modules read: libraries, and the functions of the entry."""
    texts = [plain_text(f"numpy/{name}.py.j2") for name in names]
    tools = load(Emitted("elementwise", "\n".join([*_IMPORTS, BLOCKS, *_POOL, *texts])))
    return {name: tool for name, tool in vars(tools).items() if not name.startswith("__")}

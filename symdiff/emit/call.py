"""Call: the function of a source of numbers, run without what a module has around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from symdiff.emit import products
from symdiff.emit.context import POOL, Definition
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
    bodies, callers = entry.body(derivative), entry.public(derivative)
    verb = "value" if derivative is None else derivative.verb.name
    if verb not in [definition.name for definition in callers]:
        callers.append(entry.grad())
    callers += products.stacking(source.derivatives)
    matrices = products.matrices(source, source.derivatives)
    names = [definition.name for definition in (*bodies, *callers)]
    before = [
        *of_scipy(entry),
        *products.decoder(source.derivatives),
        *matrices.values(),
        *entry.context.helpers.values(),
    ]
    after = entry.context.aliases({*matrices, *names, *entry.defined()})
    made = Emitted(source.name, _text(before, bodies, ()), source.recipe)
    module = load(made, _tools(*entry.of_arrays))
    module = load(_callers(source.name, _text((), callers, after)), vars(module))
    found: Callable[..., Any] = vars(module)[verb]
    return found


def _text(before: Iterable[str], definitions: Iterable[Definition], after: Iterable[str]) -> str:
    """Lines, definitions, and lines behind them."""
    lines = [*before]
    for definition in definitions:
        lines += [definition.head, definition.body, *definition.after]
    return "\n".join([*lines, *after, ""])


@lru_cache
def _callers(name: str, text: str) -> Emitted:
    """What stands around the bodies: it says the inputs alone, as another formula of them does.

    To compile it takes half as long as to compile the body of a small formula.
    """
    return Emitted(name, text)


_IMPORTS = (
    *("import base64", "import math", "import os", "import zlib"),
    *Elementwise.packages,
)
# the import takes as long as compiling a small formula, whose first call may be on floats
_POOL = ("def ThreadPoolExecutor(*given):", f"    {POOL}", "    return ThreadPoolExecutor(*given)")


@lru_cache
def _tools(*names: str) -> Mapping[str, Any]:
    """What the functions of all modules read: libraries, and the functions of the entry."""
    texts = [plain_text(f"numpy/{name}.py.j2") for name in names]
    tools = load(Emitted("elementwise", "\n".join([*_IMPORTS, BLOCKS, *_POOL, *texts])))
    return {name: tool for name, tool in vars(tools).items() if not name.startswith("__")}

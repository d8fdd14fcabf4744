"""Target, the record of a language that users can ask for by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from symdiff.emit.context import Entry
from symdiff.emit.dialect import Dialect
from symdiff.emit.load import Emitted
from symdiff.emit.source import Source
from symdiff.graph.node import FLOAT

DEFAULT = "numpy"


@dataclass(frozen=True, slots=True)
class Target:
    """A language of modules, or of formulas alone.

    Attributes:
        name: as users ask for it.
        dialect: how operations, numbers and statements are written; the table in it says which.
        purpose: what it is for, in a few words.
        entry: makes, of a source, what gets public functions from the user's arguments to the
            bodies, and refuses what the target has no way for; `None` where there are no modules.
        template: of its modules, as in `numpy/module.py.j2`.
        folder: where the template is found, beside symdiff's own.
        has_tools: whether modules have packing, accumulation and a self-check, if they are not
            lean.
        broadcasts: whether arrays may be given for numbers, as a batch of them.
        on_arrays: makes, of a function of a module, one that takes and gives NumPy's arrays;
            `None` where it does so by itself.
        is_python: whether modules are Python, so that they can be loaded.
        dtypes: what floats can be computed in.
        raises: whether an exception comes where IEEE has an infinity or no number.
        loader: makes a module that Python can call of a source, what was emitted of it, and the
            NumPy module of the same; `None` where that takes no more than to run the text.
        prepare: makes, of a source, the one that modules are made of.
        header: the template of a file of declarations that is written beside a module, if any.
    """

    name: str
    dialect: Dialect
    purpose: str = ""
    entry: Callable[[Source, Dialect], Entry] | None = None
    template: str = ""
    folder: Path | None = None
    has_tools: bool = False
    broadcasts: bool = True
    on_arrays: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    is_python: bool = True
    dtypes: tuple[str, ...] = (FLOAT,)
    raises: bool = False
    prepare: Callable[[Source], Source] = lambda source: source
    header: str = ""
    loader: Callable[[Source, Emitted, Emitted], ModuleType] | None = None

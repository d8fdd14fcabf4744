"""Modules: several functions of one source in one file, sharing the body of the value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from symdiff.api import Function, from_recipe
from symdiff.emit.load import Emitted
from symdiff.emit.source import Source, merged
from symdiff.emit.target import DEFAULT
from symdiff.emit.targets import loaded, target_of
from symdiff.emit.write import write_module
from symdiff.errors import SymdiffError
from symdiff.frontend.text.options import LIMITS, Limits
from symdiff.graph.node import FLOAT
from symdiff.graph.pause import without_collector
from symdiff.origin import origin_of
from symdiff.verbs import VERBS


class Module:
    """Functions as one module. The first one gives it its name.

    Attributes:
        functions: what is asked of one source, by the same inputs.
        target: what computes it.
        is_lean: whether the functions stand alone, without packing, threads, self-check and recipe.
        templates: a folder of the user's own templates, `""` for none.
        dtype: what floats are computed in.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        target: str,
        *,
        is_lean: bool,
        templates: str,
        dtype: str,
    ) -> None:
        self.functions = _distinct(functions)
        self.target = target_of(target).name
        self.is_lean = is_lean
        self.templates = templates
        self.dtype = dtype

    def emit(self) -> str:
        """The text of the module, which needs nothing of symdiff.

        Raises:
            EmissionError: where it is no Python, which is a fault of symdiff's.
        """
        _ = self.emitted.code  # a text that is printed or written is compiled before
        return self.emitted.text

    def write(self, path: str | Path) -> Path:
        """Write the module to a file; else as `Function.write`."""
        self.functions[0].warn_of_data()
        return write_module(Path(path), self.emitted)

    def load(self) -> ModuleType:
        """The module, loaded."""
        self.functions[0].warn_of_data()
        return self._module

    def __repr__(self) -> str:
        return f"symdiff.module({', '.join(map(repr, self.functions))})"

    @cached_property
    @without_collector
    def _source(self) -> Source:
        source = merged([function.source for function in self.functions])
        return replace(source, is_lean=self.is_lean, templates=self.templates, dtype=self.dtype)

    @cached_property
    @without_collector
    def emitted(self) -> Emitted:
        """The module with what stands beside its text."""
        return self.functions[0].made_of(self.target, self._source)

    @cached_property
    def _module(self) -> ModuleType:
        return loaded(self._source, self.emitted, self.target)


def module(
    *functions: Function,
    target: str = DEFAULT,
    lean: bool = False,
    templates: str | Path = "",
    dtype: str = FLOAT,
) -> Module:
    """Several functions of one source as one module.

    Args:
        functions: verbs of one function, by the same inputs: `f.grad(), f.hvp()`.
        target: what computes it, as of `Function.emit`.
        lean: the functions alone, without packing, threads, self-check and recipe.
        templates: a folder of templates that are found before the built-in ones.
        dtype: what floats are computed in, as of `Function.emit`.

    Raises:
        SymdiffError: where the functions do not belong together, or there is no such folder.
    """
    return Module(functions, target, is_lean=lean, templates=str(templates), dtype=dtype)


def reopened(recipe: Any, limits: Limits = LIMITS) -> Module:  # JSON
    """The module that a recipe describes.

    Raises:
        SymdiffError: where it is no recipe.
    """
    origin = origin_of(recipe)
    first = from_recipe(recipe, limits)
    target, dtype = recipe.get("target", DEFAULT), recipe.get("dtype", FLOAT)
    if not origin.also:
        return module(first, target=target, dtype=dtype)
    before = replace(origin, steps=origin.steps[:-1], also=())
    base = from_recipe(before.recipe(), limits)
    also = [base.derived(VERBS[step.verb], step.wrt, step.options) for step in origin.also]
    return module(first, *also, target=target, dtype=dtype)


def _distinct(functions: Sequence[Function]) -> tuple[Function, ...]:
    """The functions, without those that only repeat another.

    Raises:
        SymdiffError: where they do not belong together.
    """
    if not functions:
        raise SymdiffError("a module holds at least one function", suggestion="module(f.grad())")
    merged([function.source for function in functions])  # or refused
    kept: dict[str, Function] = {}
    for function in functions:
        name = "grad" if function.verb.has_gradient else function.verb.name
        if kept.setdefault(name, function).options != function.options:
            raise SymdiffError(f"a module has one {name}, and two are asked for")
    return tuple(kept.values())

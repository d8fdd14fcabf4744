"""Compilation: the graphs that are printed, the modules made of them, and calls."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from symdiff.derive.batch import batched
from symdiff.derive.packing import Coordinates, Nest, Tensor, is_of_numbers
from symdiff.emit.call import callable_of
from symdiff.emit.load import Emitted, load
from symdiff.emit.names import safe_names
from symdiff.emit.source import Derivative, Source
from symdiff.emit.target import DEFAULT
from symdiff.emit.targets import emitted, loaded, target_of
from symdiff.emit.write import write_module
from symdiff.errors import UnsupportedError
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT
from symdiff.graph.pause import without_collector
from symdiff.optimize import optimize
from symdiff.origin import Origin
from symdiff.traced_call import called_in_trace
from symdiff.verbs import Verb


class Compiled:
    """What computes: a module for each target, and the function that a call runs.

    The attributes are those of `symdiff.api.Function`.
    """

    primal: Graph
    origin: Origin
    verb: Verb
    wrt: tuple[str, ...]
    captured: Mapping[str, Any]
    target = DEFAULT
    dtype = FLOAT

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order of a call."""

    @property
    @abstractmethod
    def packing(self) -> Nest | Tensor | Coordinates:
        """How the outputs of `derivation` become what a call returns."""

    @property
    @abstractmethod
    def derivation(self) -> Graph:
        """The graph of the value and the derivative, in the order that `packing` counts."""

    @property
    def _data_notes(self) -> list[str]:
        """A sentence on each array that the function reads beside its arguments."""
        return [
            f"{name} is an input: an array of shape {array.shape} that the function reads"
            for name, array in self.captured.items()
        ]

    @cached_property
    @without_collector
    def optimized(self) -> Graph:
        """The graph that is printed: the value, and the derivative where there is one."""
        return optimize(self._printed(self.derivation))

    @cached_property
    @without_collector
    def optimized_value(self) -> Graph:
        """The graph that is printed for the value alone."""
        return optimize(self._printed(self.primal)) if self.verb.is_derivative else self.optimized

    def _printed(self, graph: Graph) -> Graph:
        """With leading batch axes where they were asked for; numbers broadcast without."""
        return batched(graph) if self._has_batch else graph

    @property
    def _has_batch(self) -> bool:
        return self.origin.batch and any(node.shape for node in self.primal.nodes)

    def emit(
        self,
        target: str | None = None,
        *,
        lean: bool = False,
        templates: str | Path | None = None,
        dtype: str | None = None,
    ) -> str:
        """The text of a module that computes this and needs nothing of symdiff.

        Args:
            target: the language, by default that of a call.
            lean: the functions alone: no packing, threads, self-check or recipe.
            templates: a folder of templates that are found before the built-in ones.
            dtype: what floats are computed in, `float64` or `float32`; by default that of a call.

        Raises:
            UnsupportedError: for a target that is not there, or that has no such floats.
            SymdiffError: for a folder that is not there, or a template that is wrong.
        """
        if not lean and templates is None:
            return self._emitted(target, dtype).text
        source = replace(
            self.source, is_lean=lean, templates=str(templates or ""), dtype=dtype or self.dtype
        )
        return self.made_of(target or self.target, source).text

    @without_collector
    def _emitted(self, target: str | None = None, dtype: str | None = None) -> Emitted:
        """The module, made once for each target and kind of floats."""
        asked = target or self.target, dtype or self.dtype
        if asked not in self._made:
            self._made[asked] = self.made_of(asked[0], replace(self.source, dtype=asked[1]))
        return self._made[asked]

    def made_of(self, target: str, source: Source) -> Emitted:
        """A module for a target; what it cannot spell is refused with its place."""
        try:
            return emitted(source, target)
        except UnsupportedError as error:
            raise error.at(self.origin.text, error.span) from None

    @cached_property
    def _made(self) -> dict[tuple[str, str], Emitted]:
        return {}

    @cached_property
    def source(self) -> Source:
        """What the module is made of."""
        return self._source_of(self.optimized_value)

    def _source_of(self, value_body: Graph) -> Source:
        made = Derivative(self.verb, self.optimized, self.derivation, self.packing)
        return Source(
            value=self.primal,
            value_body=value_body if self.verb.is_derivative else self.optimized,
            derivatives=(made,) if self.verb.is_derivative else (),
            wrt=self.wrt,
            recipe=self.origin.recipe(),
            file=self.origin.file,
            reads=self.origin.reads,
            has_batch=self._has_batch,
        )

    def write(
        self, path: str | Path, target: str | None = None, *, dtype: str | None = None
    ) -> Path:
        """Write the module to a file, whole or not at all.

        A large array that a traced function reads beside its arguments is no part of it: the
        module's functions take it behind these, under its name, and a warning says so.

        Raises:
            EmissionError: where it is no Python, which is a fault of symdiff's.
            SymdiffError: where it cannot be written; an old file is then as it was.
        """
        self.warn_of_data()
        return write_module(Path(path), self._emitted(target, dtype))

    def load(self, target: str | None = None, *, dtype: str | None = None) -> ModuleType:
        """The emitted module, loaded: the same text that `emit` gives; as for `write`."""
        target, dtype = target or self.target, dtype or self.dtype
        made = self._emitted(target, dtype)
        self.warn_of_data()
        is_plain = (target, dtype) == (DEFAULT, FLOAT)
        return self._module if is_plain else loaded(replace(self.source, dtype=dtype), made, target)

    def warn_of_data(self) -> None:
        """Warn of arrays that the module's functions take behind the arguments."""
        given = ", ".join(f"{name}={name}" for name in self.captured)
        for note in self._data_notes:
            warnings.warn(f"{note}; give it to the module: {given}", UserWarning, stacklevel=3)

    @cached_property
    def _module(self) -> ModuleType:
        return load(self._emitted(DEFAULT, FLOAT))

    @cached_property
    def _callable(self) -> Callable[..., Any]:
        is_made = "_module" in self.__dict__
        if self._is_plain and not is_made and is_of_numbers(self.primal, self.optimized):
            return self._called()
        return self.of_module(self.verb.name)

    @property
    def _is_plain(self) -> bool:
        """Whether the module of NumPy in float64 computes a call."""
        return (self.target, self.dtype) == (DEFAULT, FLOAT)

    def of_module(self, name: str) -> Callable[..., Any]:
        """A function of the module that computes a call, for NumPy's arrays."""
        source = replace(self.source, dtype=self.dtype)
        module = self._module if self._is_plain else loaded(source, self._emitted(), self.target)
        found: Callable[..., Any] = getattr(module, name)
        on_arrays = target_of(self.target).on_arrays
        return on_arrays(found) if on_arrays else found

    def of_numpy(self, name: str) -> Callable[..., Any]:
        """A function of the module of NumPy in float64."""
        found: Callable[..., Any] = getattr(self._module, name)
        return found

    @without_collector
    def _called(self) -> Callable[..., Any]:
        """The function alone, of numbers; its module is not made."""
        try:
            return callable_of(self._source_of(self.primal))
        except UnsupportedError as error:
            raise error.at(self.origin.text, error.span) from None

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:  # numbers or any kind of array
        """Compute: numbers or arrays in the order of `inputs`, broadcast as NumPy does."""
        if self.captured:
            kwargs = {**self.captured, **kwargs}
        if kwargs:
            names = safe_names(self.inputs)
            kwargs = {names.get(name, name): value for name, value in kwargs.items()}
        outer = active()
        return self._callable(*args, **kwargs) if outer is None else self._in(outer, args, kwargs)

    def _in(self, outer: Recorder, args: Any, kwargs: Any) -> Any:
        """A call as lines of the trace that is running; their place is that of the call."""
        graph = replace(self.derivation, spans={})
        return outer.guarded(lambda: self.lines_in(outer, graph, args, kwargs))

    def lines_in(self, outer: Recorder, graph: Graph, args: Any, kwargs: Any) -> Any:
        """The lines of `derivation` in a trace, and what a call returns as its tracers."""
        found = called_in_trace(outer, graph, self.packing, args, kwargs)
        is_alone = self.verb.has_gradient and not self.verb.returns_value
        return found[1] if is_alone else found

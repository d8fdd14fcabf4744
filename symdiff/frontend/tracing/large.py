"""Concrete arrays that are too large for a literal: how they are made, or where they come from.

What the function makes itself is emitted as the call that makes it, and what is computed of that as
an expression. An array from outside, and what no line can make, becomes an input.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.errors import SymdiffError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.base import SHORTEST_CALL, content_key, line
from symdiff.frontend.tracing.contents import is_of_outside
from symdiff.frontend.tracing.places import name_here
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.types import kind_of
from symdiff.frontend.tracing.values import numpy
from symdiff.graph.graph import Graph
from symdiff.graph.nested import needed_by
from symdiff.ops.complex_numbers import complex_of_parts
from symdiff.ops.creation import MAKERS, made_kind
from symdiff.ops.handle import Handle

LARGEST_CONSTANT = 1000  # elements of a literal that holds an array from outside
LARGEST_INDEX = 10_000  # likewise, of whole numbers, or of what the function makes itself
_TYPES = ("float64", "int64", "bool")  # that lines have


class Large:
    """The large arrays of one trace.

    Attributes:
        inputs: by position, the arrays that became inputs, each as it was then.
    """

    def __init__(self, trace: Recorder) -> None:
        self._trace = trace
        self.inputs: dict[int, Any] = {}

    def line(self, array: Any) -> Handle:
        """The line of a concrete array: a literal, the call that makes it, or an input."""
        is_outside = is_of_outside(array) and array.dtype.kind == "f"
        limit = LARGEST_CONSTANT if is_outside else LARGEST_INDEX
        builder = self._trace.builder
        if array.dtype.kind == "c" and array.size > LARGEST_CONSTANT:  # inputs are real
            real, imag = (self.line(part.copy()) for part in (array.real, array.imag))
            return complex_of_parts(real, imag)
        if array.size <= LARGEST_CONSTANT:
            return line(builder, array)
        key = content_key(array)
        if key not in builder.arrays:
            if array.size <= limit or not _varies(array):
                return line(builder, array)
            builder.arrays[key] = self._input(array)
        return Handle(builder, builder.arrays[key])

    def _input(self, array: Any) -> int:
        wish = getattr(array, "label", "") or name_here() or "data"
        builder = self._trace.builder
        taken = {builder.nodes[at].params[0] for at in self.inputs} | self._trace.names
        name = wish if wish not in taken else ""
        number = 2
        while not name:
            name = f"{wish}{number}" if f"{wish}{number}" not in taken else ""
            number += 1
        position = builder.input(name, array.shape, kind_of(array.dtype))
        self.inputs[position] = numpy().array(array)  # the function may change it later on
        return position

    def made(self, array: Any, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Keep the call of NumPy that made an array of numbers alone."""
        if name not in MAKERS or array.size < SHORTEST_CALL or array.dtype.name not in _TYPES:
            return
        if not _varies(array):
            return
        given = tuple([_plain(value) for value in args])
        named = tuple([(key, _plain(value)) for key, value in keywords.items()])
        if _UNKNOWN in given or _UNKNOWN in [value for _, value in named]:
            return
        params = (name, given, named, made_kind(array))
        self._keep(array, lambda: Handle(self._trace.builder, self._make(params)))

    def _make(self, params: tuple[Any, ...]) -> int:
        return self._trace.builder.make("made", (), params)

    def computed(
        self, result: Any, name: str, args: Sequence[Any], keywords: Mapping[str, Any]
    ) -> None:
        """Keep how NumPy computed an array of others, where it is large and the core can do it."""
        parts = result if isinstance(result, (tuple, list)) else [result]
        if not any(map(_is_large, parts)) or name not in LOWERINGS:
            return
        found: list[Any] = []

        def made(number: int) -> Any:
            if not found:
                found.append(self._lowered(name, args, keywords))
            return found[0][number] if isinstance(result, (tuple, list)) else found[0]

        for number, part in enumerate(parts):
            if _is_large(part):
                self._keep(part, lambda number=number: made(number))  # type: ignore[misc]

    def _lowered(self, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        trace = self._trace
        given = [trace.plain(value) for value in args]
        named = {key: trace.plain(value) for key, value in keywords.items()}
        return LOWERINGS[name](trace.builder, *given, **named)

    def read(self, result: Any, make: Callable[[], Handle]) -> None:
        """Keep how an array was read from another."""
        if _is_large(result):
            self._keep(result, make)

    def _keep(self, array: Any, make: Callable[[], Any]) -> None:
        """Keep the line of an array, where it makes such an array at all."""
        builder = self._trace.builder
        key = content_key(array)
        if key in builder.arrays or array.dtype.name not in _TYPES:
            return
        builder.span = self._trace.place()
        # what the core cannot do is no line: the array is then an input
        with contextlib.suppress(SymdiffError, TypeError, ValueError, IndexError):
            made = make()
            kind = getattr(made, "shape", None), getattr(made, "dtype", None)
            if kind == (array.shape, kind_of(array.dtype)):
                builder.arrays[key] = made.at
        builder.span = None

    def needed(self, graph: Graph) -> list[int]:
        """The positions of the inputs that a graph needs."""
        needed = needed_by(graph, graph.outputs)
        return [at for at in self.inputs if needed[at]]

    def given(self, graph: Graph) -> list[Any]:
        """What stands for the inputs among those of a graph, each under its name."""
        from symdiff.frontend.tracing.outside import outside

        nodes = self._trace.builder.nodes
        return [outside(self.inputs[at], nodes[at].params[0]) for at in self.needed(graph)]


class _Unknown:
    """What is no argument that a line can hold."""


_UNKNOWN = _Unknown()


def _plain(value: Any) -> Any:
    """An argument as a line holds it: a number, a tuple of them, or the name of a type."""
    np = numpy()
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, (tuple, list)):
        parts = tuple([_plain(part) for part in value])
        return _UNKNOWN if _UNKNOWN in parts else parts
    if isinstance(value, (type, np.dtype)):
        with contextlib.suppress(TypeError):
            return np.dtype(value).name
    return value if isinstance(value, str) and value.isidentifier() else _UNKNOWN


def _is_large(value: Any) -> bool:
    return isinstance(value, numpy().ndarray) and value.size > LARGEST_CONSTANT


def _varies(array: Any) -> bool:
    """Whether an array is more than one number, and more than the whole numbers from 0 on."""
    np = numpy()
    first = array.flat[0]
    if not np.any(array != first) and not np.any(np.signbit(array) != np.signbit(first)):
        return bool(array.dtype.name != "float64")
    is_count = array.ndim == 1 and array.dtype == np.int64
    return not (is_count and np.array_equal(array, np.arange(array.size)))

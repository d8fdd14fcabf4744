"""Calls with a custom rule: each becomes one line, of its arguments and what its functions read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.errors import ShapeError, UnsupportedError
from symdiff.frontend.tracing.arguments import specified
from symdiff.frontend.tracing.array import buffered
from symdiff.frontend.tracing.function import TracedFunction
from symdiff.frontend.tracing.pytree import flatten, flatten_up_to, leaves, replaced
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.spec import Spec
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.graph.nested import Nested
from symdiff.graph.node import Node, input_node
from symdiff.ops.handle import Handle
from symdiff.ops.own_rules import own


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call.

    Attributes:
        bound: with a `Spec` for each number and array.
        values: the numbers and arrays.
    """

    bound: Any
    values: Sequence[Any]

    @classmethod
    def of(cls, bound: Any) -> Arguments:
        """Take the arguments of a call apart; whole numbers stay as they are."""
        return cls(*specified(bound, ()))

    @property
    def specs(self) -> list[Any]:
        """The arguments in their order."""
        return list(self.bound.arguments.values())

    @property
    def tangents(self) -> tuple[Any, ...]:
        """What stands for the tangents: `None` for what is no number."""
        return tuple([replaced(argument, _tangent) for argument in self.specs])

    @property
    def dtype(self) -> Any:
        """The type of a result: single precision where all arrays are."""
        import numpy as np

        values = [value for value in self.values if not isinstance(value, float)]
        kinds = {np.dtype(value.dtype) for value in values}
        return np.dtype(np.float32) if kinds == {np.dtype(np.float32)} else np.dtype(float)


def _tangent(_path: object, leaf: Any) -> Any:
    import numpy as np

    if not isinstance(leaf, Spec):
        return None
    return Spec(leaf.shape, leaf.dtype if leaf.dtype.kind == "f" else np.dtype(float))


def holds_tracers(bound: Any) -> bool:
    """Whether one of the arguments is symbolic."""
    return any(
        isinstance(leaf, Tracer) for value in bound.arguments.values() for _, leaf in leaves(value)
    )


class PendingCall:
    """A call that is going to be one line, while it is put together.

    Attributes:
        inputs: what the graphs of the line take: the leaves of the arguments, then what the
            functions read beside them.
        given: the lines that stand for them.
        count: how many of them are leaves.
    """

    def __init__(self, outer: Recorder, name: str, arguments: Arguments) -> None:
        self.outer = outer
        self.name = name
        self.given = [outer.handle(value) for value in arguments.values]
        self.count = len(self.given)
        self._lifted: dict[int, int] = {}

    @property
    def inputs(self) -> list[Node]:
        """The lines of the inputs."""
        return [input_node("x", handle.shape, handle.dtype) for handle in self.given]

    def read(self, traced: TracedFunction) -> list[int]:
        """Which inputs stand for the large arrays, and the tracers, that a function reads."""
        places = []
        for array in traced.captured:
            places.append(len(self.given))
            self.given.append(self.outer.handle(array))
        for value in traced.lifted:
            place = self._lifted.setdefault(id(value), len(self.given))
            if place == len(self.given):
                self.given.append(self.outer.handle(value))
            places.append(place)
        return places

    def record(self, graphs: Sequence[Nested | None], dtype: Any) -> Tracer:
        """Add the line: the function, its JVP and its VJP."""
        outer = self.outer
        args = tuple(handle.at for handle in self.given)
        safe = self.name if self.name.isidentifier() and self.name.isascii() else "function"

        def made() -> Handle:
            return outer.builder.handle(outer.builder.make(own.name, args, (safe, *graphs)))

        return buffered(outer, outer.guarded(made), dtype)


def single(traced: TracedFunction, name: str) -> TracedFunction:
    """A function with one number or array as its result."""
    if not isinstance(traced.result, int):
        raise UnsupportedError(
            f"'{name}' returns several results; a function with a rule of its own has one",
            suggestion="np.concatenate joins arrays, or give each result a function",
        )
    return traced


def cotangents(argument: Any, part: Any, name: str) -> list[Any]:
    """The entry of each number and array of an argument, `None` where it is zero.

    Raises:
        ShapeError: where the entry has another structure than the argument.
    """
    specs, structure = flatten(argument)
    try:
        entries = flatten_up_to(structure, part)
    except ValueError:
        raise ShapeError(
            f"the vjp of '{name}' gives another structure than an argument has"
        ) from None
    return [entry for spec, entry in zip(specs, entries, strict=True) if isinstance(spec, Spec)]

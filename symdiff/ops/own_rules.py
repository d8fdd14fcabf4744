"""Functions with a derivative of their own, and calls of functions that are not looked into."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence
from typing import Any

from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import Nested
from symdiff.graph.node import Node
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.handle import Handle
from symdiff.ops.operation import ANY, Operation, Own


def _own_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    name, primal, jvp, vjp = params
    if not isinstance(name, str) or not isinstance(primal, Nested):
        raise SymdiffError("a function with its own rule holds a name and a graph")
    (y,) = _results(primal.graph)
    _compare(name, "function", _arguments(primal.graph), list(shapes))
    if jvp is not None:
        _compare(name, "jvp", _arguments(jvp.graph), [*shapes, y, *shapes])
        _compare(name, "jvp", _results(jvp.graph), [y])
    if vjp is not None:
        _compare(name, "vjp", _arguments(vjp.graph), [y, y, *shapes])
        _compare(name, "vjp", _results(vjp.graph), list(shapes))
    return y


def _compare(name: str, what: str, found: Sequence[Shape], wanted: Sequence[Shape]) -> None:
    if list(found) != list(wanted):
        listed = [", ".join(map(shape_text, shapes)) for shapes in (found, wanted)]
        raise ShapeError(f"the {what} of '{name}' has the shapes {listed[0]}, not {listed[1]}")


def _arguments(graph: Graph) -> list[Shape]:
    return [graph[at].shape for at in graph.inputs]


def _results(graph: Graph) -> list[Shape]:
    return [graph[at].shape for at in graph.outputs]


own: Operation = Operation(
    "own_rule",
    "A function of the user's with a derivative of its own.",
    ANY,
    Own(),
    shape=_own_shape,
    params=("name", "primal", "jvp", "vjp"),
    analytic=False,
)


def _call_shape(shapes: Sequence[Shape], params: tuple[Any, ...]) -> Shape:
    module, name, shape = params
    for part in (*module, name):
        if not part.isidentifier() or keyword.iskeyword(part):
            raise SymdiffError(f"'{part}' names no function of a module")
    return tuple(shape)


def _call_batch(
    args: Sequence[Handle], batched: Sequence[bool], params: tuple[Any, ...], length: Dimension
) -> Handle:
    raise UnsupportedError(
        f"'{params[1]}' is called as it is, so it cannot take a stack of its arguments",
        suggestion="trace it: leave shape= out of sd.custom_rule",
    )


call: Operation = Operation(
    "opaque_call",
    "A function of the user's that is called as it is.",
    ANY,
    None,
    shape=_call_shape,
    batch=_call_batch,
    params=("module", "function", "shape"),
    analytic=False,
)


def called_functions(nodes: Iterable[Node]) -> dict[str, str]:
    """The functions that lines call as they are, by name, each with its module.

    Raises:
        UnsupportedError: where two of them share a name.
    """
    found: dict[str, str] = {}
    for node in nodes:
        if node.op == call.name:
            module, name = ".".join(node.params[0]), node.params[1]
            if found.setdefault(name, module) != module:
                raise UnsupportedError(
                    f"'{name}' is called from two modules, {found[name]} and {module}",
                    suggestion="give one of them another name",
                )
    return found

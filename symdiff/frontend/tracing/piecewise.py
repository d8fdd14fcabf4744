"""Functions of `np.piecewise`, which get all elements here, and some of them in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.values import numpy
from symdiff.ops.handle import Handle
from symdiff.ops.registry import OPERATIONS


def branch(trace: Recorder, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of `np.piecewise`, which NumPy calls with some of the elements."""
    floating = numpy().dtype(float)

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        given = [trace.wrapped(value, floating) for value in (x, *args)]
        named = {key: trace.wrapped(value, floating) for key, value in kwargs.items()}
        result = trace.plain(function(*given, **named))
        if isinstance(result, Handle) and _meets_others(trace.builder.nodes, x.at, result.at):
            trace.refuse(
                "a function of np.piecewise computes with several elements at once, and NumPy "
                "gives it some of them alone",
                "write np.where(condition, a, b)",
            )
        return result

    return call


def _meets_others(nodes: Sequence[Any], start: int, end: int) -> bool:
    """Whether a line depends on another one otherwise than element by element."""
    depends, meets = {start}, False
    for at in range(start + 1, end + 1):
        node = nodes[at]
        if not depends.isdisjoint(node.args):
            depends.add(at)
    needed = {end}
    for at in range(end, start, -1):
        if at in needed:
            needed.update(nodes[at].args)
            meets |= at in depends and not OPERATIONS[nodes[at].op].is_elementwise
    return meets

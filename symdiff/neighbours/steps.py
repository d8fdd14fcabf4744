"""Steps that other frameworks take: a NumPy function of float arrays, and its VJP as another one.

A framework calls `value` forward and the step `back` backward. The VJP is a function of the same
kind, traced like it, so derivatives of every order are steps of steps.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import specified
from symdiff.frontend.tracing.function import bind, trace
from symdiff.frontend.tracing.initialized import refuse_strange_state
from symdiff.frontend.tracing.pytree import Structure, flatten
from symdiff.neighbours.formulas import as_function
from symdiff.transform import transform

Arrays = Sequence[Any]


class Step:
    """A function of a tuple of float arrays and of other values, which returns numbers or arrays.

    Args:
        function: `function(floats, others)`, of two tuples.
        count: of the floats.
    """

    def __init__(self, function: Callable[[Arrays, Arrays], Any], count: int) -> None:
        self.function = function
        self.count = count
        self._value = transform("value", function, 0)
        self._vjp = transform("vjp", function, 0)
        self._backs: dict[int, Step] = {}
        self._lock = threading.Lock()

    def value(self, floats: Arrays, others: Arrays) -> list[Any]:
        """What the function returns, as arrays of the kind of the floats."""
        import numpy as np

        found = self._value(tuple(floats), tuple(others))
        parts = found if isinstance(found, tuple) else (found,)
        kind = np.result_type(*floats)
        return [np.array(part, kind, copy=None) for part in parts]

    def back(self, results: int) -> Step:
        """The VJP: of the floats and then the cotangents of the results, those of the floats."""
        n, vjp = self.count, self._vjp

        def back(floats: Arrays, others: Arrays) -> Any:
            return tuple(vjp(floats[:n], others, *floats[n:])[1])

        with self._lock:
            return self._backs.setdefault(results, Step(back, n + results))

    def shapes(self, floats: Arrays, others: Arrays) -> list[tuple[Any, ...]]:
        """The shapes of the results, without computing them."""
        bound = bind(self.function, (tuple(floats), tuple(others)), {})
        specs, _ = specified(bound, ("floats",))
        graph = trace(self.function, specs).graph
        return [graph[at].shape for at in graph.outputs]


class Steps:
    """A NumPy function as steps, one for each structure of its arguments.

    Args:
        function: of numbers, arrays and nested values, which returns one or a tuple of numbers and
            arrays; or what `sd.function` takes.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = as_function(function)
        self._known: dict[Any, Step] = {}
        self._lock = threading.Lock()

    def of(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], is_float: Callable[[Any], bool]
    ) -> tuple[Step, list[Any], list[Any]]:
        """The step for a call's arguments, the floats among their leaves, and the other leaves."""
        given = (tuple(args), dict(kwargs))
        refuse_strange_state(given)
        leaves, structure = flatten(given)
        mask = tuple(map(is_float, leaves))
        floats = [leaf for leaf, is_one in zip(leaves, mask, strict=True) if is_one]
        others = [leaf for leaf, is_one in zip(leaves, mask, strict=True) if not is_one]
        if not floats:
            name = getattr(self.function, "__name__", "the function")
            raise SymdiffError(f"{name} is called without an array of floats")
        with self._lock:
            step = self._known.get((structure, mask))
            if step is None:
                step = Step(_joined(self.function, structure, mask), len(floats))
                self._known[structure, mask] = step
        return step, floats, others


def _joined(function: Callable[..., Any], structure: Structure, mask: Sequence[bool]) -> Any:
    """The function of its floats and its other leaves."""

    def called(floats: Arrays, others: Arrays) -> Any:
        mine, theirs = iter(floats), iter(others)
        leaves = [next(mine) if is_float else next(theirs) for is_float in mask]
        args, kwargs = structure.unflatten(leaves)
        result = function(*args, **kwargs)
        if isinstance(result, dict) or (result is None):
            raise UnsupportedError(
                f"{getattr(function, '__name__', 'the function')} returns "
                f"{'nothing' if result is None else 'a dict'}",
                suggestion="return a number, an array, or a tuple of them",
            )
        return result

    return called

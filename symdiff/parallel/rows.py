"""Rows of Dask arrays as chunks, and the tree of sums over them."""

from __future__ import annotations

import operator
import uuid
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from typing import Any

from symdiff.errors import ShapeError, SymdiffError
from symdiff.parallel.shipped import Shipped, runner
from symdiff.parallel.threads import chunk_tasks, is_on_threads, workers

_TOGETHER = 4  # results that are added up at once


def is_dask(value: Any) -> bool:
    """Whether a value is a Dask array."""
    return hasattr(value, "to_delayed") and hasattr(value, "chunks")


@dataclass(frozen=True)
class Rows:
    """The chunks of the data.

    Attributes:
        arrays: of Dask, with the same chunks of rows and one chunk in every other axis.
        starts: of each chunk its first row, and the number of all rows behind.
    """

    arrays: list[Any]
    starts: list[int]

    @property
    def count(self) -> int:
        """The number of all rows."""
        return self.starts[-1]

    def summed(
        self, module: Shipped, verb: str, order: Sequence[int], before: Any, behind: Any
    ) -> Any:
        """The sums over all chunks of what a verb of the module gives, and the first bad place.

        The tree of sums is the same for every schedule, so the result is too.
        """
        call = verb, tuple(order), list(before), list(behind), self.starts
        if is_on_threads(self.arrays):
            return self._summed_on_threads(module, call)
        return self._summed_anywhere(module, call)

    def _summed_anywhere(self, module: Shipped, call: tuple[Any, ...]) -> Any:
        """The sums, by whatever scheduler Dask has: tasks that can be sent."""
        import dask
        from dask.delayed import Delayed
        from dask.highlevelgraph import HighLevelGraph

        plain = tuple(module)  # its class is symdiff's, which a worker need not have
        # each goes to a worker once; in the tasks they would be pickled and read again for each
        chunk = dask.delayed(partial(runner(), plain, "_chunk", call), traverse=False)
        add = dask.delayed(partial(runner(), plain, "_added"), traverse=False)
        chunks = self._each_chunk(f"{call[0]}_of_chunk", chunk)
        # one layer: a layer for each task took Dask a time that grows with their square
        parts = list(dask.core.flatten(chunks.__dask_keys__()))
        added = operator.call, add.key
        tasks, key = _tree([(*added, *group) for group in _groups(parts)], added)
        name = _key("sums")
        graph = HighLevelGraph.from_collections(name, tasks, [add, chunks])
        try:
            (found,) = dask.compute(Delayed(key, graph, layer=name))
        except CancelledError as error:
            error.add_note(
                "the tasks of this call were cancelled, or the scheduler is gone: nothing of it is "
                "kept, and it can be called again"
            )
            raise
        return found

    def _summed_on_threads(self, module: Shipped, call: tuple[Any, ...]) -> Any:
        """The sums, by threads of this process: the same tree, with chunks inside of its tasks.

        Few chunks go each in a task of its own, or the threads would end far from together.
        """
        from dask import threaded

        chunk = partial(runner(), module, "_chunk", call)
        added = partial(runner(), module, "_added")
        graph, each, alone = chunk_tasks(self.arrays, chunk)
        # the last ones each for itself, so that no thread waits for another's several
        is_many = len(each) >= 8 * _TOGETHER * workers()
        shared = len(each) - _TOGETHER * workers() if is_many else 0
        name = _key(f"{call[0]}_of_chunk")
        sums: list[Any] = []  # keys, or tasks that stand in the next one
        for numbers in _groups(range(len(each))):
            if numbers[0] < shared and all(alone[number] for number in numbers):
                graph[name, numbers[0]] = (added, *[each[number] for number in numbers])
                sums.append((name, numbers[0]))
            else:
                graph |= {(name, number): each[number] for number in numbers}
                sums.append((added, *[(name, number) for number in numbers]))
        tasks, key = _tree(sums, (added,))
        return threaded.get(graph | tasks, key)

    def _each_chunk(self, name: str, function: Any) -> Any:
        """A Dask array of what a function gives for each chunk.

        Args:
            name: of the tasks.
            function: of the number of a chunk in a tuple, and its blocks; delayed.
        """
        import dask
        import dask.array as da
        import numpy as np
        from dask.layers import ArrayBlockIdDep

        numbers = ArrayBlockIdDep(((1,) * (len(self.starts) - 1),))
        given: list[Any] = [numbers, (0,)]
        axes: tuple[int, ...] = (0,)
        for array in self.arrays:
            other = tuple(range(len(axes), len(axes) + array.ndim - 1))
            given += [array, (0, *other)]
            axes += other
        # by Dask's own call for what has a task a chunk: it knows what a cluster holds already
        chunks = da.blockwise(
            *(operator.call, axes, function, None, *given),
            name=_key(name),
            align_arrays=False,
            meta=np.empty((0,) * len(axes), object),
        )
        (chunks,) = dask.optimize(chunks)
        return chunks


def _tree(parts: Sequence[Any], added: tuple[Any, ...]) -> tuple[dict[Any, Any], Any]:
    """Tasks that add up parts, and the key of the last one.

    Args:
        parts: keys, or where there are several tasks too.
        added: a task but for what it adds up.
    """
    name = _key("sum_of_chunks")
    tasks: dict[Any, Any] = {}
    while len(parts) > 1 or not tasks:
        groups = _groups(parts)
        parts = [(name, len(tasks) + number) for number in range(len(groups))]
        tasks |= {key: (*added, *each) for key, each in zip(parts, groups, strict=True)}
    return tasks, parts[0]


def _groups(parts: Any) -> list[Any]:
    """Neighbours in a list or a range that are added up at once."""
    return [parts[at : at + _TOGETHER] for at in range(0, len(parts), _TOGETHER)]


def _key(name: str) -> str:
    """A name for one task, as Dask's dashboard and errors show it."""
    return f"{name}-{uuid.uuid4().hex}"


def rows_of(arrays: Sequence[Any], names: Sequence[str]) -> Rows:
    """The chunks of arrays with the same rows, whatever their own chunks are.

    Args:
        arrays: of Dask, each with the rows in its first axis.
        names: what they are called.

    Raises:
        ShapeError: where they have not as many rows, or none.
        SymdiffError: where the lengths of chunks are not known.
    """
    from dask.array import unify_chunks

    for array, name in zip(arrays, names, strict=True):
        if not array.shape:
            raise ShapeError(f"'{name}' is a Dask array without an axis of rows")
        if any(length != length for length in array.shape):
            raise SymdiffError(
                f"the lengths of the chunks of '{name}' are not known",
                suggestion=f"call {name}.compute_chunk_sizes() before",
            )
        if array.shape[0] != arrays[0].shape[0]:
            raise ShapeError(
                f"'{names[0]}' has {arrays[0].shape[0]} rows, and '{name}' has {array.shape[0]}"
            )
    if arrays[0].shape[0] == 0:
        raise ShapeError(f"'{names[0]}' has no rows")
    whole = [a.rechunk(dict.fromkeys(range(1, a.ndim), -1)) for a in arrays]
    if len({a.chunks[0] for a in whole}) > 1:
        given: list[Any] = []
        for number, array in enumerate(whole):
            axes = [f"rows{number}axis{axis}" if axis else "rows" for axis in range(array.ndim)]
            given += [array, tuple(axes)]
        _, whole = unify_chunks(*given)
    starts = [0]
    for length in whole[0].chunks[0]:
        starts.append(starts[-1] + int(length))
    return Rows(whole, starts)

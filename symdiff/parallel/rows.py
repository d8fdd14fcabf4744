"""Rows of Dask arrays as chunks, and the tree of sums over them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from symdiff.errors import ShapeError, SymdiffError
from symdiff.parallel.shipped import Shipped, runner

_TOGETHER = 8  # results that one task adds up: a task costs the scheduler more than a sum


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

    def place(self, number: int) -> str:
        """What a chunk is called in messages."""
        return f"chunk {number} (rows {self.starts[number]} to {self.starts[number + 1] - 1})"

    def summed(
        self, module: Shipped, verb: str, order: Sequence[int], before: Any, behind: Any
    ) -> Any:
        """The sums over all chunks of what a verb of the module gives, and the first bad place.

        The tree of sums is the same for every schedule, so the result is too.
        """
        import dask
        from dask.delayed import Delayed
        from dask.highlevelgraph import HighLevelGraph

        call = verb, tuple(order), list(before), list(behind)
        text = dask.delayed(tuple(module))
        chunks = self._each_chunk(f"{verb}_of_chunk", text, dask.delayed(call))
        # one layer: a layer for each task took Dask a time that grows with their square
        run, name = runner(), _key("sums")
        tasks: dict[str, Any] = {}
        parts = list(dask.core.flatten(chunks.__dask_keys__()))
        while len(parts) > 1:
            groups = [parts[at : at + _TOGETHER] for at in range(0, len(parts), _TOGETHER)]
            parts = [_key("sum_of_chunks") for _ in groups]
            tasks |= {
                key: (run, text.key, "_added", *each)
                for key, each in zip(parts, groups, strict=True)
            }
        graph = HighLevelGraph.from_collections(name, tasks, [text, chunks])
        try:
            (found,) = dask.compute(Delayed(parts[0], graph, layer=name))
        except CancelledError as error:
            error.add_note(
                "the tasks of this call were cancelled, or the scheduler is gone: nothing of it is "
                "kept, and it can be called again"
            )
            raise
        return found

    def _each_chunk(self, name: str, text: Any, call: Any) -> Any:
        """A Dask array of what the module gives for each chunk.

        Args:
            name: of the tasks.
            text: the module, delayed.
            call: what of it is called, delayed.
        """
        import dask
        import dask.array as da
        import numpy as np

        places = [self.place(number) for number in range(len(self.starts) - 1)]
        given: list[Any] = [da.from_array(np.array(places, object), chunks=1), (0,)]
        axes: tuple[int, ...] = (0,)
        for array in self.arrays:
            other = tuple(range(len(axes), len(axes) + array.ndim - 1))
            given += [array, (0, *other)]
            axes += other
        # by Dask's own call for what has a task a chunk: it knows what a cluster holds already
        chunks = da.blockwise(
            *(runner(), axes, text, None, "_chunk", None, call, None, *given),
            name=_key(name),
            align_arrays=False,
            meta=np.empty((0,) * len(axes), object),
        )
        (chunks,) = dask.optimize(chunks)
        return chunks


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

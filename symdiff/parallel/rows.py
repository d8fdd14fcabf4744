"""Rows of Dask arrays as chunks, and the tree of sums over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from symdiff.errors import ShapeError, SymdiffError


def is_dask(value: Any) -> bool:
    """Whether a value is a Dask array."""
    return hasattr(value, "to_delayed") and hasattr(value, "chunks")


@dataclass(frozen=True)
class Rows:
    """The chunks of the data.

    Attributes:
        blocks: for each chunk, the blocks of the arrays.
        starts: of each chunk its first row, and the number of all rows behind.
    """

    blocks: list[tuple[Any, ...]]
    starts: list[int]

    @property
    def count(self) -> int:
        """The number of all rows."""
        return self.starts[-1]

    def place(self, number: int) -> str:
        """What a chunk is called in messages."""
        return f"chunk {number} (rows {self.starts[number]} to {self.starts[number + 1] - 1})"

    def summed(
        self, module: ModuleType, verb: str, order: Sequence[int], before: Any, behind: Any
    ) -> Any:
        """The sums over all chunks of what a verb of the module gives, and the first bad place.

        The tree of sums is the same for every schedule, so the result is too.
        """
        import dask

        shared, vectors = dask.delayed(list(before)), dask.delayed(list(behind))
        chunk = dask.delayed(module._chunk, pure=False)
        added = dask.delayed(module._added, pure=False)
        parts = [
            chunk(verb, self.place(number), tuple(order), shared, vectors, *blocks)
            for number, blocks in enumerate(self.blocks)
        ]
        while len(parts) > 1:
            pairs = [added(*parts[at : at + 2]) for at in range(0, len(parts) - 1, 2)]
            parts = [*pairs, *parts[len(parts) - len(parts) % 2 :]]
        (found,) = dask.compute(parts[0])
        return found


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
    columns = [array.to_delayed().ravel().tolist() for array in whole]
    starts = [0]
    for length in whole[0].chunks[0]:
        starts.append(starts[-1] + int(length))
    return Rows(list(zip(*columns, strict=True)), starts)

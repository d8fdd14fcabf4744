"""Entry of functions of the language's own numbers and lists, without a library of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.context import names_of_arguments
from symdiff.emit.dialect import Dialect
from symdiff.emit.entries.alone import Alone
from symdiff.emit.products import Packing
from symdiff.emit.source import Source
from symdiff.errors import UnsupportedError

_CALLED = "abs bool float int isinstance iter len list max min next range sum zip".split()


class Plain(Alone):
    """The entry of a module of floats and nested lists."""

    packages = ()

    def __init__(self, source: Source, dialect: Dialect) -> None:
        if any(isinstance(derivative.packing, Coordinates) for derivative in source.derivatives):
            raise UnsupportedError(
                f"the target '{dialect.table.name}' has no sparse matrices",
                suggestion="leave out sparse",
            )
        super().__init__(source, dialect)
        self.context.real = ""
        self.reserve({*_CALLED, *dialect.table.called(), *source.lengths})

    def returned(self, packing: Packing, results: Sequence[str]) -> str:
        """An array as nested lists, with 0.0 where no result is an entry."""
        if not isinstance(packing, Tensor):
            return super().returned(packing, results)
        size = 1
        for length in packing.shape:
            size *= length
        texts = ["0.0"] * size
        for index, text in enumerate(results):
            texts[packing.place(index)] = text
        for length in reversed(packing.shape):
            rows = range(0, len(texts), length)
            texts = [f"[{', '.join(texts[start : start + length])}]" for start in rows]
        return f"return {texts[0]}"

    def length(self, name: str, axis: int) -> str:
        """Of the lists in lists."""
        return f"len({name}{'[0]' * axis})"

    def constants(self) -> list[str]:
        """The names of arguments and results."""
        return [] if self.source.is_lean else names_of_arguments(self.source)

    def imported(self) -> list[str]:
        """Nothing by name."""
        return []


def on_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of floats and lists as one of NumPy's arrays, which come out too."""

    def call(*args: Any) -> Any:
        import numpy as np

        return _with_arrays(function(*[np.asarray(x).tolist() for x in args]))

    return call


def _with_arrays(result: Any) -> Any:  # a list, a number, or a tuple of them
    import numpy as np

    if isinstance(result, tuple):
        return tuple(map(_with_arrays, result))
    return np.asarray(result) if isinstance(result, list) else result

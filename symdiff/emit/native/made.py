"""Functions of a C library: how they are called, and what becomes of their results."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symdiff.derive.packing import Coordinates, Nest, Tensor
from symdiff.emit.entries.c_function import Function
from symdiff.emit.products import Packing, nest_of
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, FLOAT, FLOAT32, INT
from symdiff.graph.shape import evaluate

Body = Callable[..., Any]  # of numbers or arrays

NUMBERS: dict[str, Any] = {  # types of ctypes
    FLOAT: ctypes.c_double,
    FLOAT32: ctypes.c_float,
    INT: ctypes.c_int64,
    BOOL: ctypes.c_bool,
}
_RETURNED = {
    "double": ctypes.c_double,
    "float": ctypes.c_float,
    "int64_t": ctypes.c_int64,
    "bool": ctypes.c_bool,
}
_FEWEST_STEPS = 64  # of a loop that a test ends, that there is memory for at first
_MEMORY = {"double": FLOAT, "float": FLOAT32, "int64_t": INT, "bool": BOOL}


@dataclass(frozen=True)
class Results:
    """What a function writes, and how a call returns it.

    Attributes:
        packing: of the outputs.
        count: of the outputs.
    """

    packing: Packing
    count: int

    @property
    def is_matrix(self) -> bool:
        """Whether the outputs are entries of one array."""
        return isinstance(self.packing, Tensor | Coordinates)

    @property
    def pointers(self) -> int:
        """How many arrays results are written to."""
        return 1 if self.is_matrix else self.count

    @property
    def size(self) -> int:
        """How many numbers are written."""
        packing = self.packing
        return packing.size if isinstance(packing, Tensor | Coordinates) else self.count

    @cached_property
    def places(self) -> list[int]:
        """Of each output, where it stands."""
        if isinstance(self.packing, Tensor | Coordinates):
            return [self.packing.place(k) for k in range(self.count)]
        return list(range(self.count))

    @cached_property
    def nest(self) -> Nest:
        """The outputs as a call returns them."""
        return nest_of(self.packing, self.count)

    def nested(self, outputs: Sequence[Any]) -> Any:
        """What a call returns."""
        return nested(self.nest, outputs)


@dataclass(frozen=True)
class Made:
    """A function of a library, and what it was made of.

    Attributes:
        library: the loaded file.
        function: what it is called, takes and returns.
        graph: what it computes.
        results: of it.
        otherwise: the body of the NumPy module, which raises the errors.
        dtype: of floats.
    """

    library: ctypes.CDLL
    function: Function
    graph: Graph
    results: Results
    otherwise: Body
    dtype: str

    @property
    def is_returned(self) -> bool:
        """Whether the one result is what C returns, which is a status else."""
        return self.function.returns not in ("void", "int")

    def called(self, inputs: Sequence[Any]) -> Any:
        """It, with the types of what it takes and returns."""
        returned = self.function.returns
        call = getattr(self.library, self.function.symbol)
        count = 0 if self.is_returned else self.results.pointers
        function = self.function
        steps = [ctypes.c_ssize_t] * bool(function.steps)
        memory = [ctypes.c_void_p] * len(function.workspace)
        call.argtypes = [*inputs, *[ctypes.c_void_p] * count, *steps, *memory]
        call.restype = ctypes.c_int if returned == "int" else _RETURNED.get(returned)
        return call

    def run(self, call: Any, told: Sequence[Any], known: Mapping[str, int]) -> Any:
        """What a call returns that is given memory, and more where loops have more steps.

        Args:
            call: see `called`.
            told: the arguments before memory.
            known: the numbers of named lengths.
        """
        function = self.function
        if not function.workspace:
            return call(*told)
        import numpy as np

        most = _FEWEST_STEPS
        while True:
            lengths = {**known, function.steps: most}
            memory = [
                np.empty(max(evaluate(n, lengths), 1), _MEMORY[kind])
                for kind, n in function.workspace.items()
            ]
            steps = [most] * bool(function.steps)
            found = call(*told, *steps, *[x.ctypes.data for x in memory])
            if found not in function.too_small:
                return found
            most *= 4


def nested(nest: Nest, results: Sequence[Any]) -> Any:
    """Results as a call returns them."""
    if isinstance(nest, int):
        return results[nest]
    return tuple([nested(part, results) for part in nest])

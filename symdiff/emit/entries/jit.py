"""Entry of functions of numbers that Numba compiles: floats at once, arrays by a parallel loop."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit import products
from symdiff.emit.context import REAL_LINE, Context, Definition, names_of_arguments
from symdiff.emit.dialect import COMPILED, COMPILED32, Dialect
from symdiff.emit.entries.elementwise import (
    AS_FLOAT32,
    Body,
    Elementwise,
    body_name,
    on_arrays,
)
from symdiff.emit.names import Names
from symdiff.emit.source import Derivative, Source
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node
from symdiff.ops.checks import check
from symdiff.ops.loops import are_tested

JIT = '@numba.njit(cache=True, error_model="numpy")'
_PARALLEL = '@numba.njit(cache=True, error_model="numpy", parallel=True)'
_FLOAT = "FLOAT = np.{}"
_MANY = "MANY = 16384  # points, from which on a loop goes on all cores"
_LOCK = "LOCK = threading.Lock()  # some of Numba's threads take one loop at a time"


def compiled_helpers(context: Context) -> None:
    """Let Numba compile the helpers that bodies call."""
    for name, text in context.helpers.items():
        if text.startswith("def ") and name != AS_FLOAT32:
            context.helpers[name] = f"{JIT}\n{text}"


class Jit(Elementwise):
    """The entry of a module of numbers for Numba."""

    template = "numba/_arrays.py.j2"
    packages = ("import numba  # type: ignore[import-untyped]", "import numpy as np")
    called = frozenset(["len", "numba", "range", "reversed"])

    def __init__(self, source: Source, dialect: Dialect) -> None:
        del dialect  # that of arrays
        super().__init__(source)
        self.dialect = COMPILED32 if source.is_float32 else COMPILED

    @property
    def checks_itself(self) -> bool:
        """Whether the module can compare derivatives: compiled loops may not end at some points."""
        return super().checks_itself and not are_tested(self.source.value)

    def body(self, derivative: Derivative | None) -> list[Definition]:
        """A function of floats, and a loop over the points of a batch."""
        graph, packing = self.source.body(derivative)
        name, n = body_name(derivative), self.context.names
        one = self.standing(name, derivative, graph, self.dialect)._replace(decorator=JIT)
        compiled_helpers(self.context)
        count = len(graph.outputs)
        nest = products.nest_text(packing, [str(k) for k in range(count)])
        self.bodies[name] = Body(n[on_arrays(name)], [str(count), nest], may_raise=False, zeros="")
        return [one, self._loop(name, one.parameters, graph, packing)]

    def _loop(
        self, name: str, parameters: Sequence[str], graph: Graph, packing: products.Packing
    ) -> Definition:
        """The function of points: a row of results for each output."""
        fresh = Names({*self.context.taken, *parameters}).fresh
        i, point, found = fresh("i"), fresh("point"), fresh("found")
        may_raise = any(node.op == check.name for node in every_node(graph.nodes))
        counted = "range" if may_raise else "numba.prange"  # no error leaves a parallel loop
        given = ", ".join([f"{p}[{i}]" for p in parameters])
        rows = [
            f"    {found}[{k}, {i}] = {point}{path}"
            for k, path in enumerate(products.paths(packing, len(graph.outputs)))
        ]
        lines = [
            f"for {i} in {counted}({found}.shape[1]):",
            f"    {point} = {name}({given})",
            *rows,
        ]
        return Definition(
            on_arrays(name),
            [*parameters, found],
            lines,
            decorator=JIT if may_raise else _PARALLEL,
        )

    def constants(self) -> list[str]:
        """INPUTS, OUTPUTS and WRT; what floats are; what keeps loops apart."""
        return [
            *names_of_arguments(self.source),
            REAL_LINE,
            _FLOAT.format(self.source.dtype),
            _MANY,
            _LOCK,
        ]

    def standard(self) -> set[str]:
        """The standard library's modules."""
        return {"threading", *({"math"} & self.context.libraries)}

    def imported(self) -> list[str]:
        """Names from modules of the standard library."""
        return ["from typing import Any"]

    @property
    def of_arrays(self) -> list[str]:
        """What the functions call with arrays."""
        return ["_arrays"]

"""Entry of functions of numbers that Numba compiles: floats at once, arrays by a parallel loop."""

from __future__ import annotations

from symdiff.emit import products
from symdiff.emit.context import REAL_LINE, Context, Definition, names_of_arguments
from symdiff.emit.dialect import COMPILED, COMPILED32, OF_POINTS, Dialect
from symdiff.emit.entries.elementwise import (
    AS_FLOAT32,
    Body,
    Elementwise,
    body_name,
    on_arrays,
)
from symdiff.emit.names import Names
from symdiff.emit.source import Derivative, Source
from symdiff.emit.spell.numba import NUMBA_POINTS
from symdiff.emit.vectors import has_vectors
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, every_op
from symdiff.ops.checks import check
from symdiff.ops.loops import are_tested

JIT = '@numba.njit(cache=True, error_model="numpy")'
_IN_PLACE = '@numba.njit(cache=True, error_model="numpy", forceinline=True)'
_PARALLEL = '@numba.njit(cache=True, error_model="numpy", parallel=True)'
_FLOAT = "FLOAT = np.{}"
_MANY = "MANY = 16384  # points, from which on a loop goes on all cores"
_LOCK = "LOCK = threading.Lock()  # some of Numba's threads take one loop at a time"


WITH_MEMORY = "_with_memory"  # gives a function memory for the steps of its loops
_MOST_LINES = 2000  # of a function that is compiled for many points at once


def compiled_helpers(context: Context) -> None:
    """Let Numba compile the helpers that bodies call, those of loops where they are called."""
    for name, text in context.helpers.items():
        if text.startswith("def ") and name not in (AS_FLOAT32, WITH_MEMORY):
            decorator = _IN_PLACE if name in NUMBA_POINTS.helpers else JIT
            context.helpers[name] = f"{decorator}\n{text}"


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
        bodies = [one, *self._of_points(derivative, graph)]
        compiled_helpers(self.context)
        count = len(graph.outputs)
        nest = products.nest_text(packing, [str(k) for k in range(count)])
        self.bodies[name] = Body(n[on_arrays(name)], [str(count), nest], may_raise=False, zeros="")
        return [*bodies, self._loop(name, bodies[-1], graph, packing)]

    def _of_points(self, derivative: Derivative | None, graph: Graph) -> list[Definition]:
        """The function for a loop that computes many points at once, where that can be."""
        ops, table = every_op(graph), OF_POINTS.table
        is_short = not self.source.is_float32 and len(graph.nodes) <= _MOST_LINES
        if not (is_short and all(has_vectors(op, table) for op in ops)):
            return []
        name = f"{body_name(derivative)}_of_points"
        found = self.standing(name, derivative, graph, OF_POINTS)
        return [found._replace(decorator=_IN_PLACE)]

    def _loop(
        self, name: str, called: Definition, graph: Graph, packing: products.Packing
    ) -> Definition:
        """The function of points: a row of results for each output."""
        fresh = Names({*self.context.taken, called.name}).fresh
        parameters = [fresh(p) for p in called.parameters]
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
            f"    {point} = {called.name}({given})",
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

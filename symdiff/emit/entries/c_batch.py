"""Batches in C: a function of numbers at each of many points, by its calls or in a loop of its own.

A loop of its own has the statements of the function, in which `exp` and its like are those for
loops: a compiler computes several points at once, which it cannot where the library is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from symdiff.derive.packing import Coordinates, Tensor
from symdiff.emit.dialect import Dialect
from symdiff.emit.entries.c_function import Function, Parameter
from symdiff.emit.names import Names
from symdiff.emit.nests import PrintedNests, print_nests
from symdiff.emit.products import Packing
from symdiff.emit.vectors import functions_called, is_straight
from symdiff.graph.graph import Graph
from symdiff.graph.node import FLOAT, INT
from symdiff.graph.shape import Dimension, named
from symdiff.schedule.nests.build import nested
from symdiff.schedule.nests.builder import element_of
from symdiff.schedule.nests.nest import STORE, Nests
from symdiff.schedule.program import Expr, For, Let, Number, Op, Ref, Return, Update, reads

_FEWEST_CALLS = 2  # that are worth statements of their own
_MOST_STATEMENTS = 400  # that are written twice


class Points(NamedTuple):
    """What a batch calls by names.

    Attributes:
        total: how many points there are.
        point: the index of one.
        steps: of each input, from one point to the next.
    """

    total: str
    point: str
    steps: Mapping[str, str]


class OwnLoop(NamedTuple):
    """Makes the loop over points that has the statements of the function.

    Attributes:
        graph: what the function computes.
        dialect: how it is printed.
        parameters: the name of each input.
        packing: of the outputs.
        reserved: names that no local may have.
    """

    graph: Graph
    dialect: Dialect
    parameters: Mapping[str, str]
    packing: Packing
    reserved: set[str]

    def is_worth_it(self, nests: Nests) -> bool:
        """Whether vectors pay for statements that are written again."""
        table, body = self.dialect.table, nests.body[:-1]
        is_short = not (nests.buffers or nests.known) and len(body) <= _MOST_STATEMENTS
        calls = functions_called(nests.body, table) if is_short else 0
        is_real = all(self.graph[at].dtype == FLOAT for at in self.graph.outputs)
        return calls >= _FEWEST_CALLS and is_real and is_straight(body, table)

    def printed(self, points: Points, arrays: Sequence[str]) -> PrintedNests:
        """The loop, given where the results go: one array for each, or one for all."""
        of_points = {points.total, points.point, *points.steps.values()}
        names = Names({*self.reserved, *of_points, *arrays})
        graph, index = self.graph, points.point
        given = {n: names.fresh(f"{p}_{index}") for n, p in self.parameters.items()}
        nests = nested(graph, names.fresh, given, graph.output_names)
        body, end = nests.body[:-1], nests.body[-1]
        assert isinstance(end, Return)  # by construction
        read = reads(nests.body)
        count, k = named(points.total), Ref(index, (), INT)
        loads = []
        for at, name in zip(graph.inputs, graph.input_names, strict=True):
            array = self.parameters[name]
            place = Op("multiply", (k, Ref(points.steps[array], (), INT)), (), (), INT)
            whole = Ref(array, (count,), graph[at].dtype)
            if given[name] in read:
                loads.append(Let(given[name], element_of(whole, [place])))
        stores = [
            Update(name, Op(STORE, (Ref(name, shape), value, *places), (), shape))
            for name, shape, places, value in self._stored(arrays, end.results, count, k)
        ]
        loop = For(index, count, 1, (*loads, *body, *stores))
        return print_nests(Nests((loop, Return(()))), self.dialect, names)

    def _stored(
        self, arrays: Sequence[str], results: Sequence[Expr], count: Dimension, k: Ref
    ) -> Iterator[tuple[str, tuple[Dimension, ...], tuple[Expr, ...], Expr]]:
        """Of each number that is written the array, its shape, the place and the number."""
        if not isinstance(self.packing, Tensor | Coordinates):
            for name, result in zip(arrays, results, strict=True):
                yield name, (count,), (k,), result
            return
        packing, entries = self.packing, dict[int, Expr]()
        for number, result in enumerate(results):
            entries[packing.place(number)] = result
        for place in range(packing.size):
            at = Number(float(place), (), INT)
            yield arrays[0], (count, packing.size), (k, at), entries.get(place, Number(0.0))


def batch(
    function: Function,
    inputs: Sequence[Parameter],
    names: Sequence[str],
    entries: int,
    number: str,
    own: Callable[[Points, Sequence[str]], list[str]] | None,
) -> Function:
    """The function of many points: a number for each, or one for all, by the step to the next.

    Args:
        function: of one point.
        inputs: what it is given.
        names: of its outputs.
        entries: how many numbers a point has in an array of results.
        number: the type of floats.
        own: the lines of a loop of its own; `None` for one that calls the function.
    """
    fresh = Names({p.name for p in function.parameters} | {*names}).fresh
    n, k = fresh("n"), fresh("k")
    steps = {p.name: fresh(f"{p.name}_step") for p in inputs}
    taken = [Parameter(n, f"ptrdiff_t {n}", "how many points there are")]
    for p in inputs:
        taken.append(Parameter(p.name, f"const {p.text.replace(' ', ' *restrict ')}", p.says))
        step = steps[p.name]
        taken.append(
            Parameter(step, f"ptrdiff_t {step}", f"from one {p.name} to the next, 0 for one")
        )
    memory = function.memory
    written = function.parameters[len(inputs) : len(function.parameters) - len(memory)]
    if function.returns not in ("int", "void"):
        name = fresh(names[0]) if names[0] in steps else names[0]
        written = [Parameter(name, f"{number} *restrict {name}", f"where {name} goes")]
    if own is None:
        given = [f"{p.name}[{k} * {steps[p.name]}]" for p in inputs]
        called = _calling(function, k, given, [p.name for p in written], entries, fresh)
        lines = [
            f"for (ptrdiff_t {k} = 0; {k} < {n}; {k}++) {{",
            *[f"    {x}" for x in called],
            "}",
        ]
    else:
        lines = own(Points(n, k, steps), [p.name for p in written])
    return function._replace(
        name=f"{function.name}_batch",
        symbol=f"{function.symbol}_batch",
        returns="int" if function.returns == "int" else "void",
        parameters=[*taken, *written, *memory],
        docstring=[f"{function.symbol} at each of n points."],
        lines=[*lines, *["return 0;"] * (function.returns == "int")],
    )


def _calling(
    function: Function,
    k: str,
    given: Sequence[str],
    written: Sequence[str],
    entries: int,
    fresh: Callable[[str], str],
) -> list[str]:
    """The statements that call the function at a point."""
    is_returned = function.returns not in ("int", "void")
    if not is_returned:
        given = [*given, *[f"&{x}[{k}{f' * {entries}' * (entries > 1)}]" for x in written]]
    given = [*given, *[p.name for p in function.memory]]
    call = f"{function.symbol}({', '.join(given)})"
    lines = [f"{written[0]}[{k}] = {call};" if is_returned else f"{call};"]
    if function.returns == "int":
        code = fresh("code")
        lines = [f"const int {code} = {call};", f"if ({code} != 0) {{", f"    return {code};", "}"]
    return lines

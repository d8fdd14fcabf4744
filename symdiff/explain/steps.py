"""Steps of a function: the lines that a reader follows, each with the lines that it reads.

Constants, and what only repeats or reshapes an array, are no steps of their own, nor are matrix
decompositions apart from their parts: they stand in the formula of the step that reads them. A step
is then a small graph, and the cotangents and tangents that go through it are derived by the rules
that modules are made of.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from symdiff.derive.cotangents import Cotangent
from symdiff.derive.forward import push_forward
from symdiff.derive.reverse import pull_back
from symdiff.emit.formula import MOST_LINES, formulas
from symdiff.emit.latex import formulas_in_latex
from symdiff.emit.names import Names
from symdiff.emit.spell.latex_arrays import operator
from symdiff.emit.spell.tex import tex_name
from symdiff.errors import LimitError
from symdiff.explain.words import Formula
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, COMPLEX, CONSTANT, CONTINUOUS, INPUT, Node, input_node
from symdiff.graph.shape import SCALAR, Shape
from symdiff.ops.builder import Builder
from symdiff.ops.exact import unchanged
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Flat, Operation
from symdiff.ops.own_rules import called_functions
from symdiff.ops.reduction import broadcast
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import ALGEBRAIC
from symdiff.ops.structural import reshape

MOST_STEPS = 20_000
MOVES = (broadcast.name, reshape.name)
RESULT, CARRIED, COUNTS = "result", "carried", "counts"  # inputs beside those that are read


@dataclass(frozen=True)
class Step:
    """A line of the function, on the lines that it reads.

    Attributes:
        at: its position.
        name: the user's, or v1, v2, ...
        reads: positions of the inputs and steps that its formula holds, each once.
        names: those of `reads`.
        graph: from these, its inputs, to the line, its one output.
        varied: which of `reads` the derivative goes on to, by their number.
    """

    at: int
    name: str
    reads: tuple[int, ...]
    names: tuple[str, ...]
    graph: Graph
    varied: tuple[int, ...]

    @property
    def node(self) -> Node:
        """The line itself."""
        return self.graph[self.graph.outputs[0]]

    @property
    def record(self) -> Operation:
        """The operation of the line."""
        return OPERATIONS[self.node.op]

    @property
    def shape(self) -> Shape:
        """That of the line."""
        return self.node.shape

    @cached_property
    def is_elementwise(self) -> bool:
        """Whether each element depends on those at the same place alone, all of them real."""
        lines = [node for node in self.graph.nodes if node.op != CONSTANT]
        return all(
            node.shape == self.shape
            and node.dtype != COMPLEX
            and (node.op == INPUT or OPERATIONS[node.op].is_elementwise)
            for node in lines
        )

    @cached_property
    def formula(self) -> Formula:
        """What it is made of; see `formulas_of`, which is quicker for many."""
        return formulas_of([self])[0]

    @property
    def in_names(self) -> Graph:
        """Its graph, with the names of what it reads for its inputs."""
        return with_names(self.graph, self.names)

    @property
    def derived(self) -> Graph:
        """Its value, then the derivative of an element by each line that it varies with."""
        alone = replace(self, graph=_of_numbers(self.graph))
        builder = Builder(ALGEBRAIC, alone.graph)
        return alone._with_cotangents(builder, builder.handle(builder.constant(1.0)))

    @property
    def adjoint(self) -> Graph:
        """Its value, then what its cotangent gives to each line that it varies with."""
        builder = Builder(ALGEBRAIC, self.graph)
        name = f"{self.name}_bar"
        cotangent = builder.handle(builder.input(name, self.shape, self.node.dtype))
        return self._with_cotangents(builder, cotangent)

    def _with_cotangents(self, builder: Builder, cotangent: Handle) -> Graph:
        found = self._pulled(builder, Cotangent(cotangent))
        count = len(self.graph)
        given = [at for at, node in enumerate(builder.nodes) if node.op == INPUT and at >= count]
        made = builder.graph(
            (*self.graph.inputs, *given),
            (*self.graph.outputs, *[part.selected().at for part in found]),
            (RESULT, *[f"part{k}" for k in self.varied]),
            primal=1,
        )
        return with_names(made, (*self.names, *[made[at].params[0] for at in given]))

    def _pulled(self, builder: Builder, cotangent: Cotangent) -> list[Cotangent]:
        targets = [self.graph.inputs[k] for k in self.varied]
        return pull_back(builder, {self.graph.outputs[0]: cotangent}, targets)

    def as_written(self) -> Graph:
        """The graph of its value."""
        return self.graph

    def condition(self) -> Graph:
        """The graph of what decides, of a choice."""
        return replace(self.graph, outputs=(self.node.args[0],))

    def pulled_back(self) -> Graph:
        """The graph of what a cotangent gives to each line that it varies with.

        Returns:
            A graph with the inputs `CARRIED`, and `COUNTS`, where that counts and no way of a
            branch is left out, behind those that are read. Its outputs are the cotangents, then
            where they count.
        """
        builder = Builder(ALGEBRAIC, self.graph)
        carried = builder.input(CARRIED, self.shape, self.node.dtype)
        counts = builder.input(COUNTS, self.shape, BOOL)
        cotangent = Cotangent(builder.handle(carried), builder.handle(counts))
        found = self._pulled(builder, cotangent)
        always = builder.full(1.0, SCALAR, BOOL)
        conditions = [always if part.active is None else part.active.at for part in found]
        outputs = (*[part.selected().at for part in found], *conditions)
        names = [f"output{k}" for k in range(len(outputs))]
        return builder.graph((*self.graph.inputs, carried, counts), outputs, names, primal=0)

    def pushed_forward(self) -> Graph:
        """The graph of its tangent: an input more for each line that it varies with, in order."""
        builder = Builder(ALGEBRAIC, self.graph)
        seeds = {
            (at := self.graph.inputs[k]): builder.handle(
                builder.input(f"{CARRIED}{k}", self.graph[at].shape, self.graph[at].dtype)
            )
            for k in self.varied
        }
        (output,) = self.graph.outputs
        found = push_forward(builder, seeds, [output])[output]
        carried = builder.constant(0.0, output) if found is None else found.at
        given = [seed.at for seed in seeds.values()]
        return builder.graph((*self.graph.inputs, *given), (carried,), (RESULT,), primal=0)


def written_formulas(graph: Graph, first: int = 0) -> list[Formula]:
    """A formula for each output from a first one on, empty where it would be long."""

    @cache
    def texs() -> list[str]:
        return formulas_in_latex(graph, first)

    def written(number: int, text: str) -> Formula:
        return Formula(text, lambda: texs()[number])

    return [written(number, text) for number, text in enumerate(formulas(graph, first))]


def formulas_of(steps: Sequence[Step]) -> list[Formula]:
    """What each step is made of, in the grammar's words; a call of the operation without any."""
    found = [text for (text,) in _written_together([step.in_names for step in steps], 0)]
    pairs = zip(found, steps, strict=True)
    return [text or _called(step.node.op, step.names) for text, step in pairs]


def derivatives_of(steps: Sequence[Step]) -> list[list[Formula]]:
    """The derivative of each step by each line that it varies with, of an element at one place.

    There are none of a step whose elements depend on others, and a formula that would be long is
    empty.
    """
    able = [step for step in steps if step.varied and step.is_elementwise]
    found = iter(_written_together([step.derived for step in able], 1))
    return [next(found) if step.varied and step.is_elementwise else [] for step in steps]


def adjoints_of(steps: Sequence[Step]) -> list[list[Formula]]:
    """What the cotangent of each step gives to each line that it varies with; empty where long."""
    return _written_together([step.adjoint for step in steps], 1)


def _written_together(graphs: Sequence[Graph], first: int) -> list[list[Formula]]:
    """The formulas of the outputs from a first one on: many graphs in one, for there are passes.

    These take longer to look at a graph than at the few lines of a step.
    """
    found: list[list[Formula]] = []
    together: list[Graph] = []
    for graph in graphs:
        if called_functions(graph.nodes):
            found += _of_one(together, first)
            found.append(written_formulas(graph, first))
            together = []
            continue
        if together and sum(map(len, together)) + len(graph) > MOST_LINES:
            found += _of_one(together, first)
            together = []
        together.append(graph)
    return found + _of_one(together, first)


def _of_one(graphs: Sequence[Graph], first: int) -> list[list[Formula]]:
    """As `_written_together`, of one graph that holds all: inputs of one name are one."""
    nodes, inputs = list[Node](), dict[str, int]()
    firsts, rest = list[int](), list[int]()
    for graph in graphs:
        moved: list[int] = []
        for node in graph.nodes:
            name = node.params[0] if node.op == INPUT else ""
            moved.append(inputs[name] if name in inputs else len(nodes))
            if name not in inputs:
                nodes.append(node._replace(args=tuple([moved[at] for at in node.args])))
            if name:
                inputs[name] = moved[-1]
        outputs = [moved[at] for at in graph.outputs]
        firsts += outputs[:1]
        rest += outputs[1:]
    names = [f"output{k}" for k in range(len(firsts) + len(rest))]
    whole = Graph(nodes, tuple(inputs.values()), (*firsts, *rest), tuple(names), len(firsts))
    texts = iter(written_formulas(whole, len(firsts) * first))
    counts = [len(graph.outputs) - first for graph in graphs]
    return [list(itertools.islice(texts, count)) for count in counts]


def _called(op: str, names: Sequence[str]) -> Formula:
    """An operation that has no formula, as a call."""

    def write() -> str:
        arguments = ", ".join(map(tex_name, names))
        return rf"{operator(op)}\left( {arguments} \right)"

    return Formula(f"{op}({', '.join(names)})", write)


def steps_of(
    graph: Graph,
    wrt: Collection[str],
    also: Iterable[int] = (),
    taken: Collection[str] = (),
) -> list[Step]:
    """The steps of a function in their order.

    Args:
        graph: without named dimensions and loops.
        wrt: names of the inputs that it is differentiated by.
        also: positions of lines that are steps whatever they are, beside the outputs.
        taken: names that no step gets, but for the outputs.

    Raises:
        LimitError: where there are more than a reader could follow.
    """
    is_step = [_is_step(node) for node in graph.nodes]
    for at in (*graph.outputs, *also):
        is_step[at] = graph[at].op != INPUT
    _refuse_more(sum(is_step))
    names = _names(graph, is_step, taken)
    varying = [node.op == INPUT and node.params[0] in wrt for node in graph.nodes]
    made = []
    for at, node in enumerate(graph.nodes):
        if node.args and node.dtype in CONTINUOUS:
            varying[at] = any([varying[argument] for argument in node.args])
        if is_step[at]:
            reads, piece = piece_of(graph, at, is_step)
            varied = [k for k, read in enumerate(reads) if varying[at] and varying[read]]
            made.append(
                Step(at, names[at], reads, tuple([names[k] for k in reads]), piece, tuple(varied))
            )
    return made


def refuse_large(graph: Graph) -> None:
    """Refuse a function of more steps than a reader could follow, its loops not counted.

    Raises:
        LimitError: where it has more.
    """
    _refuse_more(sum(map(_is_step, graph.nodes)))


def _refuse_more(count: int) -> None:
    if count > MOST_STEPS:
        raise LimitError(
            f"a function of {count:,} steps is not explained",
            suggestion="explain a part of it, or a smaller case; symdiff graph draws it by lines",
        )


def _is_step(node: Node) -> bool:
    if node.op in (INPUT, CONSTANT, *MOVES) or not node.args:
        return False
    record = OPERATIONS[node.op]
    is_flat = isinstance(record.derivative, Flat) and not record.is_elementwise
    is_decomposition = is_flat and record.exact in ("", unchanged)
    return not is_decomposition  # its parts, which read the matrix too, are the steps


def _names(graph: Graph, is_step: Sequence[bool], taken: Collection[str]) -> dict[int, str]:
    """By position of an input or a step, its name."""
    given = [graph[at].params[0] for at in graph.inputs]
    found = dict(zip(graph.inputs, given, strict=True))
    ends = dict(zip(graph.outputs, graph.output_names, strict=True))
    known = {*taken, *given, *[name for at, name in ends.items() if is_step[at]]}
    fresh = Names(known)
    number = 0
    for at in range(len(graph)):
        if not is_step[at] or at in found:
            continue
        if at in ends:
            found[at] = ends[at]
        elif at in graph.hints:
            found[at] = fresh.fresh(graph.hints[at])
        else:
            number = next(k for k in itertools.count(number + 1) if f"v{k}" not in known)
            found[at] = fresh.fresh(f"v{number}")
    return found


def piece_of(graph: Graph, root: int, is_step: Sequence[bool]) -> tuple[tuple[int, ...], Graph]:
    """What a line reads of inputs and steps, and the graph from there to it.

    Args:
        graph: the function.
        root: the position of the line.
        is_step: by position, whether a line is a step.

    Returns:
        The positions of what is read, and a graph whose inputs are numbered so.
    """
    inner, reads, waiting = {root}, set[int](), list(graph[root].args)
    while waiting:
        at = waiting.pop()
        if is_step[at] or graph[at].op == INPUT:
            reads.add(at)
        elif at not in inner:
            inner.add(at)
            waiting += graph[at].args
    order = sorted(reads | inner)
    moved = {at: position for position, at in enumerate(order)}
    given = sorted(reads)
    nodes = [
        input_node(f"read{given.index(at)}", graph[at].shape, graph[at].dtype)
        if at in reads
        else graph[at]._replace(args=tuple([moved[argument] for argument in graph[at].args]))
        for at in order
    ]
    inputs = tuple([moved[at] for at in given])
    return tuple(given), Graph(nodes, inputs, (moved[root],), (RESULT,), 1)


def _of_numbers(graph: Graph) -> Graph:
    """The graph of one element, where each depends on those at the same place alone."""
    return replace(graph, nodes=[node._replace(shape=SCALAR) for node in graph.nodes])


def with_names(graph: Graph, names: Sequence[str]) -> Graph:
    """The graph with these names for its inputs."""
    nodes = list(graph.nodes)
    for at, name in zip(graph.inputs, names, strict=True):
        nodes[at] = nodes[at]._replace(params=(name,))
    return replace(graph, nodes=nodes)

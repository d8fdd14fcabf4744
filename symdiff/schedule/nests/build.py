"""Nests of programs: every statement of a program of arrays as statements of numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from symdiff.errors import UnsupportedError
from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, found_length
from symdiff.graph.node import BOOL, EXTENT, INT
from symdiff.graph.shape import Dim, Shape, named, names_of
from symdiff.schedule.build import scheduled
from symdiff.schedule.nests.along import ALONG, SEARCHED
from symdiff.schedule.nests.contraction import contracted
from symdiff.schedule.nests.elements import Elements, Rules, is_elementwise
from symdiff.schedule.nests.extents import TOO_MANY_STEPS, flattened
from symdiff.schedule.nests.fusion import fused
from symdiff.schedule.nests.known import KNOWN
from symdiff.schedule.nests.linalg import FACTORED, OF_MATRICES
from symdiff.schedule.nests.moves import FILLED, MOVED, scattered
from symdiff.schedule.nests.nest import Buffer, Nests
from symdiff.schedule.nests.recomputed import recomputed
from symdiff.schedule.nests.reductions import ADDED_IN_ANY_ORDER, AGAIN, REDUCED
from symdiff.schedule.nests.rows import BY_ROWS, goes_by_rows
from symdiff.schedule.nests.short import written_out
from symdiff.schedule.nests.whole import ZERO, plus, whole
from symdiff.schedule.program import (
    APPEND,
    COUNT,
    EMPTY,
    ROWS,
    STACKED,
    Block,
    Break,
    Check,
    Expr,
    For,
    If,
    Let,
    Number,
    Op,
    Program,
    Ref,
    Return,
    Statement,
    Together,
    Update,
    While,
    at,
    is_read,
    parts,
    statements,
)
from symdiff.schedule.style import Style
from symdiff.schedule.writes import InPlace

RULES = Rules(
    moved=MOVED,
    reduced=REDUCED,
    contracted={**AGAIN, **SEARCHED, **OF_MATRICES},
    filled={**FILLED, **ALONG, **FACTORED, **BY_ROWS},
    known=KNOWN,
    is_whole=goes_by_rows,
)
# for targets that add products in the order that suits the processor
OF_ANY_ORDER = RULES._replace(contracted={**RULES.contracted, **ADDED_IN_ANY_ORDER})
_LONGEST = 16  # names, numbers and operations in an expression
_WRITES = ("put", "put_add")
# the operations that are no numbers of numbers, and have nests or statements
NESTED = frozenset(
    [
        *itertools.chain(*RULES[:-1]),
        *("scan", "scan_final", "scan_stacked", "check", "checked", EXTENT),
    ]
) - {"length", "reshape"}


def nested(
    graph: Graph,
    fresh: Callable[[str], str],
    parameters: Mapping[str, str],
    outputs: Sequence[str],
    rules: Rules = RULES,
) -> Nests:
    """The nests of a graph.

    Args:
        graph: the lines; every one is needed by an output.
        fresh: a name that is wished for, to one that nothing has.
        parameters: the name of each input.
        outputs: the name of the array of each result that is one.
        rules: how operations that are not elementwise are stated.

    Raises:
        UnsupportedError: for what has no nest, with its place.
    """
    program = scheduled(graph, _style(fresh), parameters)
    extents = {found_length(node) for node in every_node(graph.nodes) if node.op == EXTENT}
    lengths = names_of([graph[at].shape for at in graph.inputs])
    made = Elements(fresh, rules, lengths, extents)
    with made.checked():
        _require_lengths(made, graph)
    return _Nesting(made, parameters.values()).nests(program, outputs)


def _require_lengths(made: Elements, graph: Graph) -> None:
    """State that no axis has a negative length, of those that are known before."""
    for length in dict.fromkeys(n for node in every_node(graph.nodes) for n in node.shape):
        if isinstance(length, Dim) and made.lengths >= length.names and not _is_length(length):
            made.require(length, "ValueError", f"{length} must not be negative")


def _is_length(n: Dim) -> bool:
    """Whether a length is at least 0 where the named ones are at least 1.

    Loops do nothing where it is not, as for `x[1:]` of an array without elements.
    """
    return n.least is not None and n.least >= 0


def _style(fresh: Callable[[str], str]) -> Style:
    """What a schedule must know of nests: a draft is how many names and operations there are."""
    return Style(
        fresh=fresh,
        name=lambda name, shape: 1,
        number=lambda number: 1,
        drafter=lambda op: lambda drafts, params, shape: 1 + sum(drafts),
        let=lambda name, draft: (draft, 1),
        width=lambda draft: draft,
        is_missing=lambda op: False,
        is_itself=lambda op: op in ("stop", "checked"),
        repeats=is_elementwise,
        in_place=InPlace(lambda op: op in (*_WRITES, APPEND)),
        widest=_LONGEST,
        indent=0,
        keeps_names=True,
        decides=True,
        longest=50,
    )


class _Nesting:
    """One run over a program."""

    def __init__(self, made: Elements, parameters: Iterable[str]) -> None:
        self.made = made
        self.parameters = set(parameters)
        self._arrays: dict[tuple[str, Shape], Ref] = {}
        self._rows: dict[str, Op] = {}
        self._written: set[str] = set()

    def nests(self, program: Program, outputs: Sequence[str]) -> Nests:
        """All of it."""
        results = program.results
        written = [
            Buffer(name, result.shape, result.dtype)
            for name, result in zip(outputs, results, strict=True)
            if result.shape
        ]
        self._claim(results, outputs)
        self._written = {s.name for s in statements(program.body) if isinstance(s, Update)}
        self.block(program.body[:-1])
        made = self.made
        with made.checked():
            numbers = self._returned(results, outputs)
        made.state(Return(numbers))
        known = tuple(made.known.values())
        block = fused(written_out(tuple(made.block)))
        fixed = [buffer for buffer in made.buffers if buffer.name in made.sizes]
        others = [buffer for buffer in made.buffers if buffer.name not in made.sizes]
        block, others = recomputed(block, others, made.fresh)
        block, others = contracted(block, others, made.fresh)
        found = Nests(block, tuple(written), (*fixed, *others), known, made.most_steps)
        return flattened(found, made.sizes)

    def _claim(self, results: Sequence[Expr], outputs: Sequence[str]) -> None:
        """Let what is returned be written where it is returned."""
        for name, result in zip(outputs, results, strict=True):
            if isinstance(result, Ref) and result.shape and result.name not in self.parameters:
                key = (result.name, result.shape)
                self._arrays.setdefault(key, Ref(name, result.shape, result.dtype))

    def _returned(self, results: Sequence[Expr], outputs: Sequence[str]) -> tuple[Expr, ...]:
        """Write the results that are arrays; the others."""
        numbers: list[Expr] = []
        for name, result in zip(outputs, results, strict=True):
            value = self.renamed(result)
            if not value.shape:
                numbers.append(self.made.number(value))
                continue
            array = Ref(name, value.shape, value.dtype)
            if value != array:
                self.made.fill(array, value)
        return tuple(numbers)

    # --- arrays ----------------------------------------------------------------------------------

    def renamed(self, expr: Expr) -> Expr:
        """With arrays under the names of their memory."""
        if isinstance(expr, Ref) and expr.name in self._rows:
            return self._rows[expr.name]
        if isinstance(expr, Ref):
            return self._arrays.get((expr.name, expr.shape), expr) if expr.shape else expr
        if isinstance(expr, Number):
            return expr
        return expr._replace(args=tuple(map(self.renamed, expr.args)))

    def array(self, name: str, value: Expr) -> Ref:
        """The memory of a name."""
        key = (name, value.shape)
        if key not in self._arrays:
            is_first = all(name != other for other, _ in self._arrays)
            own = name if is_first else self.made.fresh(name)
            self._arrays[key] = self.made.memory(own, value.shape, value.dtype)
        return self._arrays[key]

    def assign(self, name: str, value: Expr) -> None:
        """Give a name a value."""
        value = self.renamed(value)
        if isinstance(value, Op) and value.name in (ROWS, COUNT, STACKED):
            self.history(name, value)
            return
        if not value.shape:
            number = self.made.number(value)
            if name in self.made.extents:
                self.made.is_extent(name, number)
            self.made.let(name, number)
            return
        if name in self._written and isinstance(value, Op) and value.name == "index":
            places = [self.made.ready(place, is_once=False) for place in value.args[1:]]
            self._rows[name] = value._replace(args=(value.args[0], *places))
            return
        array = self.array(name, value)
        if isinstance(value, Op) and value.name == EMPTY:
            return
        if value == array:
            return
        if not is_read(array.name, value) or _is_in_place(value, array):
            self.made.fill(array, value)
        else:
            self.made.fill(array, self.made.materialised(value))

    def history(self, name: str, value: Op) -> None:
        """What a loop stores that a test ends: at first, in the end, and how much there is."""
        made = self.made
        if value.name == COUNT:
            made.steps(value.args[0].shape[0])  # it has its number
        elif value.name == ROWS:
            begun = Let(made.steps(value.shape[0]).name, ZERO, made.span)
            self.array(name, value)
            if begun not in made.block[-1:]:
                made.state(begun)
        elif value.args[0] != self.array(name, value):
            made.fill(self.array(name, value), value)

    def together(self, lets: Sequence[Let]) -> None:
        """All values before all names."""
        values: list[Expr] = []
        for let in lets:
            value = self.renamed(let.value)
            if value.shape:
                kept = self.made.buffer(let.name, value.shape, value.dtype)
                self.made.fill(kept, value)
                values.append(kept)
            else:
                number = self.made.number(value)
                values.append(self.made.let(self.made.fresh(let.name), number))
        for let, value in zip(lets, values, strict=True):
            if value.shape:
                self.made.fill(self.array(let.name, value), value)
            else:
                self.made.let(let.name, value)

    # --- statements ------------------------------------------------------------------------------

    def block(self, block: Block) -> None:
        """All statements of a block."""
        for statement in block:
            self.made.span = statement.span or self.made.span
            try:
                with self.made.checked():
                    self.statement(statement)
            except UnsupportedError as error:
                error.span = error.span or self.made.span
                raise

    def statement(self, statement: Statement) -> None:
        """One of them."""
        made = self.made
        match statement:
            case Let(name, value):
                self.assign(name, value)
            case Together(lets):
                self.together(lets)
            case Update():
                self.update(statement)
            case For(body=body):
                made.counts(statement)
                made.state(replace(statement, body=self.inner(body)))
            case While():
                self.repeat(statement)
            case If(condition, then, otherwise):
                asked = made.number(self.renamed(condition))
                made.state(If(asked, self.inner(then), self.inner(otherwise), made.span))
            case Break(unless):
                made.state(Break(made.number(self.renamed(unless)), made.span))
            case Check(condition, error, message):
                asked = made.number(self.renamed(condition))
                made.state(Check(asked, error, message, (), made.span))
            case Return():
                raise AssertionError("a block returns")  # by construction

    def inner(self, block: Block) -> Block:
        """The statements of a block in another one."""
        with self.made.way() as found:
            self.block(block)
        return tuple(found)

    def repeat(self, loop: While) -> None:
        """A condition that takes statements is asked in the loop."""
        made = self.made
        with made.inside() as before:
            condition = made.number(self.renamed(loop.condition))
        with made.way() as found:
            counted = self._counted(loop)
            self.block(loop.body)
            found += counted
        body = tuple(found)
        if before:
            body = (*before, Break(condition, loop.span), *body)
            condition = Number(1.0, (), BOOL)
        made.state(While(condition, body, loop.span))

    def _counted(self, loop: While) -> list[Statement]:
        """Check that there is memory for a step that stores something; the count of it."""
        stored = [s.value.shape[0] for s in loop.body if isinstance(s, Update) and _appends(s)]
        if not stored:
            return []
        made, (error, said) = self.made, TOO_MANY_STEPS
        steps = made.steps(stored[0], left=1)
        asked = Op("greater_equal", (steps, whole(named(made.most_steps))), (), (), BOOL)
        made.state(Check(asked, error, (said,), (), loop.span))
        return [Let(steps.name, plus(steps, 1), loop.span)]

    def update(self, statement: Update) -> None:
        """A write into an array."""
        value = self.renamed(statement.value)
        assert isinstance(value, Op)  # as it was
        if value.name == APPEND:
            value = self._at_step(value)
        if value.name not in _WRITES:
            self.assign(statement.name, statement.value)
            return
        target = self._rows.get(statement.name) or self.array(statement.name, statement.value)
        if isinstance(target, Ref):
            target = target._replace(shape=value.shape)
        array = _whole(target)
        others = value.args[1:]
        if is_read(array.name, *others):
            kept = [self.made.kept(x) if is_read(array.name, x) else x for x in others]
            value = value._replace(args=(value.args[0], *kept))
        scattered(self.made, value, array, target)

    def _at_step(self, appended: Op) -> Op:
        """A row as what is written at the place that the count of steps says."""
        rows, row = appended.args
        shape = (named(self.made.most_steps), *rows.shape[1:])
        array = Ref(self.array(_whole(rows).name, appended).name, shape, rows.dtype)
        place = Ref(str(appended.shape[0]), (), INT)
        return Op("put", (array, row, place), at(array), shape, rows.dtype)


def _appends(statement: Update) -> bool:
    """Whether a statement adds a row to a list."""
    return statement.value.name == APPEND


def _whole(target: Expr) -> Ref:
    """The array that a part is of."""
    while isinstance(target, Op):
        target = target.args[0]
    assert isinstance(target, Ref)  # in memory
    return target


def _is_in_place(value: Expr, array: Ref) -> bool:
    """Whether each element is computed of those at its place alone."""
    for part in parts(value):
        if not isinstance(part, Op):
            continue
        if not is_elementwise(part.name) and is_read(array.name, part):
            return False
    return True

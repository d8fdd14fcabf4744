"""Loops: storage, what is carried under which name, the body, what is carried on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.nested import every_node, found_length
from symdiff.graph.node import BOOL, CONSTANT, EXTENT, FLOAT, INPUT, INT, Node
from symdiff.graph.shape import SCALAR, Dim
from symdiff.ops.indexing import index, put
from symdiff.ops.loops import Layout
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.checks import kept_by_steps
from symdiff.schedule.conditions import as_decision
from symdiff.schedule.counters import counting
from symdiff.schedule.plan import Plan
from symdiff.schedule.program import (
    APPEND,
    COPY,
    COUNT,
    EMPTY,
    NUMBER,
    Break,
    Expr,
    For,
    Let,
    Number,
    Op,
    Ref,
    Statement,
    Together,
    Update,
    While,
    element,
    is_read,
    statements,
)
from symdiff.schedule.setting import Around
from symdiff.schedule.stores import Stores, is_part
from symdiff.schedule.style import Style
from symdiff.schedule.updates import takes
from symdiff.schedule.writes import made_in_steps, reads_first

_COUNTERS = "ijk"


def result_of_loop(plan: Plan, position: int, node: Node) -> None:
    """Read one result of a loop under its name."""
    loop, which = node.args[0], node.params[0]
    if which not in plan.parts[loop]:  # no step has changed it
        start = plan.graph.nodes[loop].args[Layout.of(plan.graph.nodes[loop].params).first_carry :]
        for known in (plan.lines.exprs, plan.lines.drafts):
            known[position] = known[start[which]]
        return
    plan.lines.call(position, plan.parts[loop][which])
    if which in plan.owned[loop]:
        plan.own.add(position)


def state_loop(plan: Plan, position: int, node: Node) -> None:
    """State a loop, with the arguments that it reads under names."""
    _Loop(plan, position, node).state()


def state_extent(plan: Plan, position: int, node: Node) -> None:
    """Give a named dimension its number: a counter has its name already."""
    (number,), name = node.args, found_length(node)
    expr = plan.lines.whole(number)
    if not _is_name(expr, name):
        plan.statements.append(Let(name, expr, plan.span_of(position)))
    plan.lines.call(position, Ref(name, SCALAR, INT))


class _Slices(NamedTuple):
    """What stands for the slices of a step, and what names those that are read more than once."""

    exprs: dict[str, Expr]
    lets: list[Statement]


class _Loop:
    """One loop, between the plan around it and that of its body."""

    def __init__(self, plan: Plan, position: int, node: Node) -> None:
        self.plan, self.position, self.node = plan, position, node
        layout, in_place = Layout.of(node.params), plan.style.in_place
        self.layout = replace(layout, graph=reads_first(layout.graph, in_place))
        self.owned = in_place.owned(self.layout)
        self.span = plan.span_of(position)
        self.fresh = plan.style.fresh
        self.names = self.layout.graph.input_names
        self.counting = counting(self.layout, plan.graph.nodes, node.args)
        self.kept = kept_by_steps(self.layout, [plan.graph[at] for at in node.args])

    def state(self) -> None:
        """The statements of the loop, behind those of the plan."""
        plan, layout = self.plan, self.layout
        given = self._given()
        counter = self._counter() if layout.test is None else ""
        taken = self._taken()
        carried = self._carried(given, taken)
        stores = Stores(plan, self.position, layout)
        first = layout.first_carry
        starts = map(_some, given[first : layout.first_slice])
        for n, (ref, start) in enumerate(zip(carried, starts, strict=True)):
            if n in self.owned - taken:
                start = Op(COPY, (start,), (), start.shape, start.dtype)
            if n not in self.kept and not _is_name(start, ref.name):
                plan.statements.append(Let(ref.name, start, self.span))
        stores.state()
        body = self._body(given, counter, carried, stores)
        if layout.test is None:
            numbers, length, direction = self.counting.numbers, layout.length, layout.direction
            step = For(counter, length, direction, tuple(body), *numbers, self.span)
            plan.statements.append(step)
        else:
            self._state_while(layout.test, self._exprs(given, carried), body, stores)
        stores.close()
        ends = {n: ref for n, ref in enumerate(carried) if n not in self.kept}
        plan.parts[self.position] = ends | stores.refs
        plan.owned[self.position] = self.owned | self._made()

    # --- loops that a test ends ------------------------------------------------------------------

    def _state_while(
        self, test: Graph, exprs: list[Expr], body: list[Statement], stores: Stores
    ) -> None:
        """The loop, and the number of its steps where that is read."""
        plan, span = self.plan, self.span
        names = dict(zip(test.input_names, exprs, strict=True))
        asked = Plan(test, names, plan.setting, Around(plan.around.depth + 1, span=span))
        condition = as_decision(*asked.run())
        if asked.statements:
            body = [*asked.statements, Break(condition, span), *body]
            condition = Number(1.0, SCALAR, BOOL)
        steps = Ref(str(self.layout.length), SCALAR, INT)
        if not stores.refs and stores.is_length_read:
            one = Number(1.0, SCALAR, INT)
            plan.statements.append(Let(steps.name, Number(0.0, SCALAR, INT), span))
            body = [*body, Update(steps.name, Op("add", (steps, one), (), SCALAR, INT), span)]
        plan.statements.append(While(condition, tuple(body), span))
        for rows in list(stores.refs.values())[:1]:
            count = Op(COUNT, (rows,), (), SCALAR, INT)
            plan.statements.append(Let(steps.name, count, span))

    # --- what a loop takes -----------------------------------------------------------------------

    def _given(self) -> list[Expr | None]:
        """What each argument is; `None` for the slices of a counter."""
        layout, given = self.layout, list[Expr | None]()
        for number, argument in enumerate(self.node.args):
            line = self.plan.graph.nodes[argument]
            if number in self.counting.slices:
                given.append(None)
            elif number >= layout.first_slice and (view := self._view(argument)):
                given.append(view)
            elif layout.is_carry(number):
                given.append(_start(self.plan.lines.whole(argument), line, self.plan.style))
            else:
                wish = self.names[number].rstrip("_")
                is_slice = number >= layout.first_slice
                given.append(self._under_name(argument, f"{wish}s" if is_slice else wish))
        return given

    def _view(self, position: int) -> Op | None:
        """An argument that is a slice of the first axis of an array with a name."""
        expr = self.plan.lines.exprs[position]
        if not isinstance(expr, Op) or expr.name != index.name or len(expr.args) > 1:
            return None
        first = expr.params[0][0]
        is_slice = first[0] == "slice" and first[3] in (1, -1)
        return expr if is_slice and isinstance(expr.args[0], Ref) else None

    def _under_name(self, position: int, wish: str) -> Expr:
        """An argument, with a statement of its own where it is more than a name."""
        plan = self.plan
        expr = plan.lines.whole(position)
        if _is_as_short_as_a_name(expr):
            return expr
        name = self.fresh(plan.graph.name_of(position, wish))
        ref = plan.state(name, expr, position)
        if not isinstance(expr, Number):
            plan.lines.call(position, ref)
        return ref

    def _counter(self) -> str:
        """The name that loops of this depth count with, or that of a dimension that counts."""
        inputs = {self.layout.graph.inputs[number] for number in self.counting.slices}
        lines = [line for line in self.layout.graph if line.op == EXTENT]
        own = [found_length(line) for line in lines if line.args[0] in inputs]
        counters, depth = self.plan.setting.counters, self.plan.around.depth
        if own:
            counters.setdefault(depth, own[0])
            return own[0]
        letter = _COUNTERS[min(depth, len(_COUNTERS) - 1)]
        taken = {*map(found_length, every_node(self.layout.graph.nodes))}
        if counters.get(depth) in taken:  # a dimension in this loop, another one's counter
            return self.fresh(letter)
        if depth not in counters:
            counters[depth] = self.fresh(letter)
        return counters[depth]

    def _taken(self) -> set[int]:
        """The carried arrays that steps write into and that start in memory that can be taken."""
        args = self.node.args[self.layout.first_carry :]
        return {n for n in sorted(self.owned) if takes(self.plan, args[n], self.position)}

    def _made(self) -> set[int]:
        """The carried arrays that are the loop's own at its end, though no step writes into them.

        Rows of lists may be the same arrays, and what is carried at first may be another's.
        """
        layout, in_place = self.layout, self.plan.style.in_place
        if layout.test is not None or not in_place(put.name):
            return set()
        has_steps = isinstance(layout.length, int) and layout.length > 0
        starts = [self.plan.graph[at] for at in self.node.args[layout.first_carry :]]
        made = made_in_steps(layout, in_place)
        return {n for n in made if has_steps or starts[n].op == CONSTANT}

    def _carried(self, given: Sequence[Expr | None], taken: set[int]) -> list[Ref]:
        """The name of each carried value: its own, or that of what another loop has carried."""
        layout, args, found = self.layout, self.node.args, []
        for number in range(layout.first_carry, layout.first_slice):
            start = given[number]
            if number - layout.first_carry in self.kept:
                found.append(Ref("", SCALAR, BOOL))
                continue
            goes_on = number - layout.first_carry in taken or self._goes_on(args[number])
            if goes_on and isinstance(start, Ref) and _are_alike(start.name, self.names[number]):
                found.append(start)
            else:
                line = layout.graph[layout.graph.inputs[number]]
                found.append(Ref(self.fresh(self.names[number]), line.shape, line.dtype))
        return found

    def _goes_on(self, position: int) -> bool:
        """Whether the loop can carry on under a name: nothing else reads what has it so far."""
        plan = self.plan
        node, expr = plan.graph.nodes[position], plan.lines.exprs[position]
        if plan.uses[position] > 1:
            return False
        if node.op == INPUT:
            return isinstance(expr, Ref) and expr.name in plan.around.settled
        is_made_here = bool(node.args) and any(
            isinstance(made, Let) and made.name == getattr(expr, "name", None)
            for made in reversed(plan.statements)
        )
        return is_made_here or (is_part(node) and not OPERATIONS[node.op].is_own)

    # --- a step ----------------------------------------------------------------------------------

    def _body(
        self,
        given: Sequence[Expr | None],
        counter: str,
        carried: Sequence[Ref],
        stores: Stores,
    ) -> list[Statement]:
        layout, graph = self.layout, self.layout.graph
        place = self.counting.place(counter)
        slices = self._slices(given, counter)
        exprs = slices.exprs
        exprs.update(zip(self.names, self._exprs(given, carried), strict=False))
        early = [
            n for n in stores.refs if graph[graph.outputs[n]].op == INPUT
        ]  # what a step starts with
        late = [n for n in stores.refs if n not in early]
        inside = slices.lets
        rows = {n: row for n in late if (row := stores.row_of(n, place)) is not None}
        rows_at = {layout.carries + late.index(n): row for n, row in rows.items()}
        planned = graph.select([*range(layout.carries), *late])
        body, results = self._planned(planned, exprs, carried, rows_at)
        stored = partial(stores.stored, is_changed=_changes_arrays(body))
        inside += [stored(n, place, exprs[graph[graph.outputs[n]].params[0]]) for n in early]
        inside += body
        pairs = zip(late, results[layout.carries :], strict=True)
        inside += [stored(n, place, result) for n, result in pairs if n not in rows]
        inside += self._carried_on(carried, results[: layout.carries])
        return inside

    def _exprs(self, given: Sequence[Expr | None], carried: Sequence[Ref]) -> list[Expr]:
        """What stands for the constants and for what is carried, in a step."""
        starts = given[self.layout.first_carry :]
        kept = [starts[n] if n in self.kept else ref for n, ref in enumerate(carried)]
        return [*map(_some, given[: self.layout.constants]), *map(_some, kept)]

    def _planned(
        self,
        graph: Graph,
        exprs: dict[str, Expr],
        carried: Sequence[Ref],
        rows: Mapping[int, Op],
    ) -> tuple[list[Statement], list[Expr]]:
        """The statements and the results of the body."""
        layout, plan = self.layout, self.plan
        carries = range(layout.carries)
        settled = tuple([carried[n].name for n in carries])
        starts = [plan.graph.nodes[argument] for argument in self.node.args[layout.first_carry :]]
        made = made_in_steps(layout, plan.style.in_place)
        own = frozenset(
            carried[n].name
            for n in carries
            if n in self.owned or (n in made and starts[n].op == CONSTANT)
        )
        around = Around(plan.around.depth + 1, settled, own, rows, self.span)
        inner = Plan(graph, exprs, plan.setting, around)
        results = inner.run()
        return inner.statements, results

    def _slices(self, given: Sequence[Expr | None], counter: str) -> _Slices:
        graph, uses = self.layout.graph, self.layout.graph.uses()
        slices = _Slices({}, [])
        for number in range(self.layout.first_slice, len(graph.inputs)):
            name, array = self.names[number], given[number]
            if array is None:
                slices.exprs[name] = Ref(counter, SCALAR, INT)
                continue
            expr: Expr = self._element(array, counter)
            if uses[graph.inputs[number]] > 1:
                local = Ref(self.fresh(name.rstrip("_") or name), expr.shape, expr.dtype)
                slices.lets.append(Let(local.name, expr, self.span))
                expr = local
            slices.exprs[name] = expr
        return slices

    def _element(self, array: Expr, counter: str) -> Expr:
        """What a step reads of an array, or of a slice of one."""
        if isinstance(array, Ref):
            return element(array, self.counting.place(counter))
        assert isinstance(array, Op)  # see `_view`
        (whole,), ((_, start, _, step), *others) = array.args, array.params[0]
        place = self.counting.place(counter, start, step)
        pattern = (("array", 0), *others)
        return Op(index.name, (whole, place), (pattern,), array.shape[1:], array.dtype)

    def _carried_on(self, names: Sequence[Ref], values: Sequence[Expr]) -> Iterator[Statement]:
        """What is carried on, one after another where no later value reads what was changed."""
        pairs = [
            pair for n, pair in enumerate(zip(names, values, strict=True)) if n not in self.kept
        ]
        pending = {ref.name: value for ref, value in pairs if not _is_name(value, ref.name)}
        while pending:
            free = next((name for name in pending if not _is_read_by_others(name, pending)), None)
            if free is None:
                lets = [Let(name, value, self.span) for name, value in pending.items()]
                yield Together(tuple(lets), self.span)
                return
            yield Let(free, pending.pop(free), self.span)


def _changes_arrays(body: Sequence[Statement]) -> bool:
    """Whether statements write into arrays other than the stores of loops among them."""
    changed, stores = set[str](), set[str]()
    for statement in statements(body):
        match statement:
            case Update(name, Op(operation)) if operation != APPEND:
                changed.add(name)
            case Let(name, Op(operation)) if operation == EMPTY:
                stores.add(name)
    return not changed <= stores


def _are_alike(name: str, other: str) -> bool:
    """Whether two names differ in a number at the end alone."""
    return name.rstrip("_0123456789") == other.rstrip("_0123456789")


def _start(expr: Expr, line: Node, style: Style) -> Expr:
    """What is carried at first."""
    is_number = line.op == CONSTANT and not line.shape and line.dtype == FLOAT
    is_own = is_number and not style.is_itself(NUMBER)
    return Op(NUMBER, (expr,), (), SCALAR, FLOAT) if is_own else expr


def _is_as_short_as_a_name(expr: Expr) -> bool:
    if isinstance(expr, Number):
        return not expr.shape and 0.0 <= expr.value < float("inf")
    if isinstance(expr, Op):
        length = expr.params[0] if expr.name == "length" else None
        return isinstance(length, Dim) and length.is_name
    return True


def _is_name(expr: Expr, name: str) -> bool:
    return isinstance(expr, Ref) and expr.name == name


def _is_read_by_others(name: str, values: dict[str, Expr]) -> bool:
    return is_read(name, *[value for other, value in values.items() if other != name])


def _some(expr: Expr | None) -> Expr:
    assert expr is not None  # only slices are counters
    return expr

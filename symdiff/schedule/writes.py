"""Writes in place: what else holds the memory of a line, and what must be read before it changes.

An array that is written into may be read by other lines. Those that stand before the write have
been stated, or stand in expressions that are not evaluated yet; a view is the same memory. So
before a write what is pending gets a name, and a view that a later line reads is copied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, Node
from symdiff.ops.loops import Layout
from symdiff.ops.operation import Loop, Part
from symdiff.ops.registry import OPERATIONS
from symdiff.schedule.memory import is_fresh
from symdiff.schedule.program import CHOICE


class InPlace:
    """Whether an operation changes the memory of its first argument, in a target.

    What it knows of a loop is kept: the loops in that ask for it again and again.

    Args:
        changes: says so of an operation.
    """

    def __init__(self, changes: Callable[[str], bool]) -> None:
        self._changes = changes
        self._owned: dict[Layout, set[int]] = {}

    def __call__(self, op: str) -> bool:
        """Whether it does so of this one."""
        return self._changes(op)

    def owned(self, layout: Layout) -> set[int]:
        """The carried arrays that a step may write into: see `owned`."""
        found = self._owned.get(layout)
        if found is None:
            found = self._owned[layout] = owned(layout, self)
        return found


class Pending(NamedTuple):
    """What must be stated before a write.

    Attributes:
        reads: lines that read the memory in expressions that are not evaluated yet.
        views: lines that share it, and are needed as they are now.
    """

    reads: list[int]
    views: list[int]


class Readers:
    """Who reads the memory of the lines of a graph.

    Args:
        graph: the lines.
        source: by position, the line itself, or what it repeats silently.
        in_place: whether the target can change the first argument of an operation in place.
    """

    def __init__(self, graph: Graph, source: Sequence[int], in_place: InPlace) -> None:
        self.graph = graph
        self.source = source
        self.in_place = in_place
        self._outputs = set(graph.outputs)
        self._users: list[list[int]] = [[] for _ in graph.nodes]
        for position, node in enumerate(graph.nodes):
            for argument in dict.fromkeys(node.args):
                self._users[argument].append(position)
        for position in range(len(graph) - 1, -1, -1):
            if source[position] != position:
                self._users[source[position]] += self._users[position]

    def pending(self, base: int, write: int, is_stated: Callable[[int], bool]) -> Pending | None:
        """What must be stated before a line changes another one's memory.

        Args:
            base: the line whose memory it is.
            write: the line that changes it.
            is_stated: whether a line before that has a name, or is a number.

        Returns:
            `None` where the memory cannot be given away: something else goes on holding it.
        """
        if self._is_needed(base, write):
            return None
        found, seen = Pending([], []), {base}
        stack = [(base, True)]  # lines, and whether they share the memory
        while stack:
            at, is_shared = stack.pop()
            has_own_text = self.source[at] == at  # else what it repeats is, for its users too
            if at != base and has_own_text and self._is_needed(at, write):
                (found.views if is_shared else found.reads).append(at)
            for user in self._users[at]:
                if user == write and is_shared and not self.changes_alone(write, at, base):
                    return None
                if user >= write or user in seen:
                    continue
                seen.add(user)
                shared = self.sharing(user, at) if is_shared else []
                if any(line > write for line in shared):
                    return None
                stack += [(line, True) for line in shared]
                if user not in shared and not is_stated(user):
                    stack.append((user, False))
        return Pending(sorted(found.reads), sorted(found.views))

    def reading(self, base: int, write: int) -> list[int]:
        """The lines before a write that read the memory of a line which it changes."""
        found, stack = set[int](), [base]
        while stack:
            at = stack.pop()
            for user in self._users[at]:
                if user < write and user not in found:
                    found.add(user)
                    stack += self.sharing(user, at)
        return sorted(found)

    def users(self, position: int) -> Sequence[int]:
        """The lines that read a line, by itself or through what repeats it silently."""
        return self._users[position]

    def _is_needed(self, position: int, after: int) -> bool:
        is_read = any(user > after for user in self._users[position])
        return is_read or position in self._outputs

    def changes_alone(self, write: int, argument: int, base: int) -> bool:
        """Whether a line that changes memory does not hold it under another name too."""
        node = self.graph[write]
        is_loop = isinstance(OPERATIONS[node.op].derivative, Loop)
        return not is_loop or (argument == base and node.args.count(argument) == 1)

    def sharing(self, user: int, argument: int) -> list[int]:
        """The lines by which what a line makes of an argument may be the argument's memory."""
        node = self.graph[user]
        if node.op == CHOICE:
            return [user] if node.shape else []
        record = OPERATIONS[node.op]
        if isinstance(record.derivative, Loop):
            own = self.in_place.owned(Layout.of(node.params))
            parts = [(at, self.graph[at]) for at in self._users[user]]
            return [
                at
                for at, part in parts
                if part.shape and not OPERATIONS[part.op].is_own and part.params[0] not in own
            ]
        is_first = record.is_view and node.args[0] == argument
        return [user] if node.shape and (is_first or not record.is_own) else []


# --- loops ---------------------------------------------------------------------------------------


def reads_first(graph: Graph, in_place: InPlace) -> Graph:
    """The lines in an order in which what a write changes is read before it, where that can be."""
    users: dict[int, list[int]] = {}
    every = [changed_by(node, in_place) for node in graph.nodes]
    changed = {at for arguments in every for at in arguments}
    for position, node in enumerate(graph.nodes):
        for argument in set(node.args) & changed:
            users.setdefault(argument, []).append(position)
    order: dict[int, None] = {}
    for position in range(len(graph)):
        for argument in every[position]:
            for user in users[argument]:
                _bring_before(graph, user, order, every)
        order.setdefault(position)
    return _reordered(graph, list(order))


def _bring_before(
    graph: Graph, line: int, order: dict[int, None], every: Sequence[Sequence[int]]
) -> None:
    """Append a line, and what it needs, to those before a write, unless it needs a write."""
    needed, stack = set[int](), [line]
    while stack:
        at = stack.pop()
        if at in order or at in needed:
            continue
        if every[at]:
            return
        needed.add(at)
        stack.extend(graph[at].args)
    for at in sorted(needed):
        order.setdefault(at)


def _reordered(graph: Graph, order: Sequence[int]) -> Graph:
    if list(order) == list(range(len(graph))):
        return graph
    moved = {old: new for new, old in enumerate(order)}
    nodes = [graph[at]._replace(args=tuple([moved[a] for a in graph[at].args])) for at in order]
    return replace(
        graph,
        nodes=nodes,
        inputs=tuple([moved[at] for at in graph.inputs]),
        outputs=tuple([moved[at] for at in graph.outputs]),
        spans={moved[at]: span for at, span in graph.spans.items()},
        hints={moved[at]: name for at, name in graph.hints.items()},
        derived={moved[at]: name for at, name in graph.derived.items()},
    )


def owned(layout: Layout, in_place: InPlace) -> set[int]:
    """The carried arrays that a step may write into, once the loop has memory of its own for them.

    What comes out of a step is that memory again, each in one place, or was made in it. Those that
    no step writes into are left out.
    """
    graph = layout.graph
    inputs = graph.inputs[layout.first_carry : layout.first_slice]
    number = {at: n for n, at in enumerate(inputs)}
    roots = _roots(layout, in_place)
    found = {n for n, at in roots.items() if at in number or _is_made(graph, at)}
    while True:
        kept = {n for n in found if roots[n] not in number or number[roots[n]] in found}
        if kept == found:
            break
        found = kept
    wanted = {
        number[at] for node in graph.nodes for at in changed_by(node, in_place) if at in number
    }
    while True:
        more = wanted | {number[roots[n]] for n in wanted & found if roots[n] in number}
        if more == wanted:
            return wanted & found
        wanted = more


def made_in_steps(layout: Layout, in_place: InPlace) -> set[int]:
    """The carried arrays of which each step makes a new one, that nothing else carried shares."""
    graph = layout.graph
    return {n for n, at in _roots(layout, in_place).items() if _is_made(graph, at)}


def _roots(layout: Layout, in_place: InPlace) -> dict[int, int]:
    """By number of a carried array, the line whose whole memory it alone holds behind a step."""
    graph = layout.graph
    held = [_held(graph, at, in_place) for at in graph.outputs[: layout.carries]]
    shared = Counter(at for lines in held for at in lines)
    found = {n: at for n, lines in enumerate(held) for at in lines if lines == {at: True}}
    return {n: at for n, at in found.items() if shared[at] == 1 and graph[at].shape}


def _is_made(graph: Graph, position: int) -> bool:
    """Whether a line is memory that was made for it."""
    return graph[position].op == CONSTANT or is_fresh(graph, position)


def _held(graph: Graph, position: int, in_place: InPlace) -> dict[int, bool]:
    """The lines whose memory a line may hold, each with whether it is that whole array."""
    found: dict[int, bool] = {}
    stack = [(position, True)]
    while stack:
        at, is_whole = stack.pop()
        node = graph[at]
        record = OPERATIONS[node.op] if node.args else None
        if record is None:
            found[at] = is_whole
        elif isinstance(record.derivative, Part):
            start = _start_of(graph, node, in_place)
            if record.is_own or not node.shape:
                found[at] = is_whole
            elif start is not None:
                stack.append((start, is_whole))
            else:
                stack += [(line, False) for line in graph[node.args[0]].args]
        elif changed := changed_by(node, in_place):
            stack.append((changed[0], is_whole))
        elif record.is_view:
            stack.append((node.args[0], False))
        elif not record.is_own:
            stack += [(line, False) for line in node.args]
        else:
            found[at] = is_whole
    return found


def _start_of(graph: Graph, node: Node, in_place: InPlace) -> int | None:
    """Where a loop starts what it carries in memory of its own."""
    loop = graph[node.args[0]]
    layout, which = Layout.of(loop.params), int(node.params[0])
    is_own = which in in_place.owned(layout)
    return loop.args[layout.first_carry + which] if is_own else None


def changed_by(node: Node, in_place: InPlace) -> list[int]:
    """The arguments of a line whose memory it changes."""
    if not node.args or node.op == CHOICE:
        return []
    if in_place(node.op):
        return [node.args[0]]
    if isinstance(OPERATIONS[node.op].derivative, Loop):
        layout = Layout.of(node.params)
        return [node.args[layout.first_carry + n] for n in sorted(in_place.owned(layout))]
    return []

"""Contractions that differ in an exchange of axes only: one is the other, or its opposite.

What depends on pairs (distances, kernels, forces) is symmetric under the exchange of the two, and
differences are antisymmetric. Their cotangents are summed for the first of a pair and for the
second one: the two sums are the same but for a sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value, is_exact_integer
from symdiff.ops.contraction import parts
from symdiff.ops.registry import OPERATIONS
from symdiff.optimize.rebuild import Rebuilder, rebuild

EVEN, ODD = 1, -1
_SIGNED = frozenset(("multiply", "divide"))  # the sign of the result is that of the arguments'
_ALIKE = frozenset(("add", "subtract"))  # arguments that both change their sign change the result's


class Question(NamedTuple):
    """Whether a line stays the same, or changes its sign, when two of its axes are exchanged."""

    position: int
    first: int
    second: int


class Plan(NamedTuple):
    """The contraction that a line is, but for a sign, by its letters."""

    letters: str
    parity: int


def share_exchanged(graph: Graph) -> Graph:
    """Contract once what is symmetric in what it is contracted over. The value stays as written."""
    plans = _plans(graph)
    if not plans:
        return graph

    def replace(rebuilder: Rebuilder, node: Node, position: int) -> int | None:
        builder, (letters, parity) = rebuilder.builder, plans[position]
        line = builder.make(node.op, node.args, (letters,))
        return line if parity == EVEN else builder.make("negate", (line,))

    return rebuild(graph, replace, changed=plans)


def _plans(graph: Graph) -> dict[int, Plan]:
    """By the position of a contraction, another one of the same lines that it stands for."""
    by_args: dict[tuple[tuple[int, ...], str], list[int]] = {}
    for position in graph.by_op.get("contract", ()):
        node = graph[position]
        key = (node.args, node.params[0].partition("->")[0])
        by_args.setdefault(key, []).append(position)
    plans: dict[int, Plan] = {}
    written, parities = graph.written(), Parities(graph)
    for members in by_args.values():
        # the axes that stand first stay: a stack of matrices is multiplied as it is
        first, *others = sorted(members, key=lambda at: str(graph[at].params[0]))
        for position in others:
            parity = None if written[position] else _exchanged(parities, first, position)
            if parity is not None:
                plans[position] = Plan(graph[first].params[0], parity)
    return plans


def _exchanged(parities: Parities, one: int, other: int) -> int | None:
    """The sign between contractions of the same lines; `None` where they are different ones."""
    graph = parities.graph
    *arguments, kept = parts(graph[one].params[0])
    result = parts(graph[other].params[0])[2]
    changed = [(a, b) for a, b in zip(kept, result, strict=False) if a != b]
    if len(kept) != len(result) or len(changed) != 1:
        return None
    sign: int | None = EVEN
    for letters, argument in zip(arguments, graph[one].args, strict=True):
        places = [letters.find(letter) for letter in changed[0]]
        if min(places) < 0:
            return None
        found = parities.of(Question(argument, *sorted(places)))
        sign = None if found is None or sign is None else sign * found
    return sign


class Parities:
    """The lines of a graph under exchanges of axes; each question is answered once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[Question, int | None] = {}

    def of(self, asked: Question) -> int | None:
        """`EVEN`, `ODD`, or `None` where a line is neither, as far as its operations say."""
        pending = [asked]
        while pending:
            question = pending[-1]
            missing = [q for q in self._needs(question) if q not in self._known]
            if missing and question not in self._known:
                pending.extend(missing)
            else:
                pending.pop()
                self._known.setdefault(question, self._answer(question))
        return self._known[asked]

    def _needs(self, question: Question) -> Iterator[Question]:
        """What has to be known of a line's arguments."""
        position, first, second = question
        node = self.graph[position]
        if node.op in (INPUT, CONSTANT) or self._is_pair(question):
            return
        if OPERATIONS[node.op].is_elementwise:
            yield from (Question(argument, first, second) for argument in node.args)
        elif node.op == "broadcast":
            own = self._own(node)
            if own[first] != 1 and own[second] != 1:
                start = len(node.shape) - len(self.graph[node.args[0]].shape)
                yield Question(node.args[0], first - start, second - start)
        elif node.op == "reshape":
            before = [self._before(node, axis) for axis in (first, second)]
            axes = [axis for axis in before if axis is not None]
            if len(axes) == len(before):
                yield Question(node.args[0], *axes)
        elif node.op == "sum" and min(node.params[0]) > second:
            yield Question(node.args[0], first, second)

    def _answer(self, question: Question) -> int | None:
        """The parity of a line by those of its arguments."""
        position, first, second = question
        node = self.graph[position]
        if node.op == CONSTANT or _is_unit_matrix(node):
            return EVEN if node.shape[first] == node.shape[second] else None
        if node.op == INPUT:
            return None
        if self._is_pair(question):
            return ODD if node.op == "subtract" else EVEN
        if node.op == "broadcast":
            own = self._own(node)
            if own[first] == own[second] == 1:
                return EVEN if node.shape[first] == node.shape[second] else None
        found = [self._known[q] for q in self._needs(question)]
        if not found or None in found:
            return None
        return self._of_arguments(node, [sign for sign in found if sign is not None])

    def _of_arguments(self, node: Node, signs: list[int]) -> int | None:
        if node.op in _SIGNED:
            return signs[0] * signs[1]
        if node.op == "power" and signs[0] == ODD:
            exponent = self.graph[node.args[1]]
            number = constant_value(exponent) if exponent.op == CONSTANT else 0.5
            return None if not is_exact_integer(number) else ODD if number % 2.0 else EVEN
        is_kept = not OPERATIONS[node.op].is_elementwise or node.op in ("negate", *_ALIKE)
        if is_kept and len(set(signs)) == 1:
            return signs[0]
        return EVEN if node.op == "absolute" or ODD not in signs else None

    def _own(self, node: Node) -> tuple[object, ...]:
        """The shape that a broadcast repeats, with a 1 for each axis that is new."""
        small = self.graph[node.args[0]].shape
        return (*[1] * (len(node.shape) - len(small)), *small)

    def _before(self, node: Node, axis: int) -> int | None:
        """An axis before a reshape that puts in axes of length 1, or takes them away."""
        old = [at for at, length in enumerate(self.graph[node.args[0]].shape) if length != 1]
        new = [at for at, length in enumerate(node.shape) if length != 1]
        same = [self.graph[node.args[0]].shape[at] for at in old] == [node.shape[at] for at in new]
        return old[new.index(axis)] if same and axis in new else None

    def _is_pair(self, question: Question) -> bool:
        """Whether the arguments are the same array, repeated along one axis and along the other."""
        position, first, second = question
        node = self.graph[position]
        if len(node.args) != 2 or node.op not in ("add", "subtract", "multiply", "maximum"):
            return False
        one, other = (self._repeated(argument) for argument in node.args)
        if one is None or other is None or one[0] != other[0]:
            return False
        exchanged = {first: second, second: first}
        return tuple(exchanged.get(axis, axis) for axis in one[1]) == other[1]

    def _repeated(self, position: int) -> tuple[int, tuple[int, ...]] | None:
        """What a line repeats, without axes of length 1, and the axes that it has of the line."""
        node = self.graph[position]
        if node.op != "broadcast":
            return None
        axes = tuple(at for at, length in enumerate(self._own(node)) if length != 1)
        (source,) = node.args
        line = self.graph[source]
        if line.op == "reshape":
            before = self.graph[line.args[0]].shape
            if [n for n in before if n != 1] == [n for n in line.shape if n != 1]:
                source = line.args[0]
        return source, axes


def _is_unit_matrix(node: Node) -> bool:
    """Whether a line is `np.eye` of one length or two."""
    if node.op == "made":
        name, args, keywords, _ = node.params
        return name == "eye" and len(args) <= 2 and keywords == ()
    return node.op == "unit_matrix"

"""Prints a graph as statements: single uses are inlined, the rest is named. One loop."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symdiff.emit.target import ATOM, Target
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT, Node, constant_value
from symdiff.ops.operation import Spelling

LINE_WIDTH = 84  # of an expression; with its name and indent it stays below 100
_RIGHT_ASSOCIATIVE = 14  # the precedence of **


@dataclass(frozen=True, slots=True)
class Printed:
    """A graph as text.

    Attributes:
        lines: statements `name = expression`, in order.
        results: an expression for each output.
        calls: operations and special numbers that are called by a name, each with that name.
    """

    lines: list[str]
    results: list[str]
    calls: dict[str, str]


class Names:
    """Hands out names that are not taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._counters: dict[str, int] = {}

    def fresh(self, wish: str) -> str:
        """The name itself, or with the first number that is free."""
        name = wish
        while name in self._taken:
            count = self._counters.get(wish, 1) + 1
            self._counters[wish] = count
            name = f"{wish}{count}" if len(wish) == 1 else f"{wish}_{count}"
        self._taken.add(name)
        return name


def print_graph(
    graph: Graph, target: Target, parameters: Mapping[str, str], names: Names
) -> Printed:
    """The statements and results of a graph.

    Args:
        graph: what to print; every line is needed by an output.
        target: how operations are written.
        parameters: the text that stands for each input.
        names: where names of intermediate values come from.
    """
    return _Printing(graph, target, parameters, names).run()


def print_inlined(
    graph: Graph, target: Target, parameters: Mapping[str, str], longest: int
) -> list[str]:
    """An expression for each output without named values; empty where it would be too long."""
    printing = _Printing(graph, target, parameters, Names(parameters.values()))
    texts = printing.texts
    for position, node in enumerate(graph.nodes):
        if any(not texts[argument] for argument in node.args):
            continue
        printing.print_line(position, node)
        if len(texts[position]) > longest:
            texts[position] = ""
    return [texts[output] for output in graph.outputs]


class _Printing:
    """The state of one run over the list: the text and the precedence of every line so far."""

    def __init__(
        self, graph: Graph, target: Target, parameters: Mapping[str, str], names: Names
    ) -> None:
        self.graph = graph
        self.target = target
        self.parameters = parameters
        self.names = names
        self.texts: list[str] = [""] * len(graph)
        self.precedences = bytearray([ATOM]) * len(graph)
        # a value with nothing better to its name is v, v2, ..., in another letter where v is taken
        self.letter = next((x for x in "vuwqp" if x not in parameters.values()), "v")
        self.lines: list[str] = []
        self.calls: dict[str, str] = {}
        self.spellings: dict[str, Spelling] = {}

    def run(self) -> Printed:
        uses = self.graph.uses()
        for position, node in enumerate(self.graph.nodes):
            self.print_line(position, node)
            if node.args:
                self._shorten(position, node)
                if uses[position] > 1:
                    self._name(position)
        results = [self.texts[output] for output in self.graph.outputs]
        return Printed(self.lines, results, self.calls)

    def print_line(self, position: int, node: Node) -> None:
        """Find the text and the precedence of one line."""
        if node.op == INPUT:
            self.texts[position] = self.parameters[node.params[0]]
        elif node.op == CONSTANT:
            self._constant(position, constant_value(node))
        else:
            spelling = self.spellings.get(node.op)
            if spelling is None:
                spelling = self.spellings[node.op] = self.target.spell(node.op)
            self.texts[position] = self._text(spelling, node)
            self.precedences[position] = spelling.precedence or ATOM

    def _constant(self, position: int, value: float) -> None:
        special = self.target.special_numbers.get(value)
        if special is not None:
            self.texts[position] = special
        elif math.isfinite(value):
            self.texts[position], self.precedences[position] = self.target.constant(value)
        else:
            name = self._called("nan" if math.isnan(value) else "inf")
            negative = value < 0.0
            self.texts[position] = f"-{name}" if negative else name
            self.precedences[position] = 13 if negative else ATOM

    def _shorten(self, position: int, node: Node) -> None:
        """Name the longest arguments until the line fits."""
        while len(self.texts[position]) > LINE_WIDTH:
            longest = max(node.args, key=lambda argument: len(self.texts[argument]))
            if self._has_name(longest):
                return
            self._name(longest)
            self.print_line(position, node)

    def _text(self, spelling: Spelling, node: Node) -> str:
        texts, precedences = self.texts, self.precedences
        own = spelling.precedence
        if spelling.form == "infix":
            left, right = node.args
            a, b = texts[left], texts[right]
            comparison = own == 7
            if precedences[left] < own or (
                precedences[left] == own and (comparison or own == _RIGHT_ASSOCIATIVE)
            ):
                a = f"({a})"
            if precedences[right] <= own and not (
                own == _RIGHT_ASSOCIATIVE and precedences[right] == own
            ):
                b = f"({b})"
            sign = spelling.text
            return f"{a}{sign}{b}" if own >= self.target.tight else f"{a} {sign} {b}"
        if spelling.form == "prefix":
            (argument,) = node.args
            inner = texts[argument]
            return (
                f"{spelling.text}({inner})"
                if precedences[argument] < own
                else spelling.text + inner
            )
        arguments = [repr(param) for param in node.params]
        arguments += [texts[argument] for argument in node.args]
        return f"{self._called(node.op)}({', '.join(arguments)})"

    def _called(self, op: str) -> str:
        name = self.calls.get(op)
        if name is None:
            spelling = self.spellings.get(op)
            wish = (
                op if spelling is None or spelling.text[0] == "_" else spelling.text.split(".")[-1]
            )
            name = self.calls[op] = self.names.fresh(wish)
        return name

    def _name(self, position: int) -> None:
        """Give a line a statement of its own."""
        if self._has_name(position):
            return
        name = self.names.fresh(self._wish(position))
        self.lines.append(f"{name} = {self.texts[position]}")
        self.texts[position] = name
        self.precedences[position] = ATOM

    def _has_name(self, position: int) -> bool:
        """Whether naming the line would not make it shorter: it is a name or a number."""
        node = self.graph.nodes[position]
        return not node.args or self.texts[position].isidentifier()

    def _wish(self, position: int) -> str:
        """A name that says what the line is, where that is short."""
        hint = self.graph.hints.get(position)
        if hint is not None:
            return hint
        node = self.graph.nodes[position]
        arguments = [self.texts[argument] for argument in node.args]
        if len(arguments) == 1 and arguments[0].isidentifier() and len(arguments[0]) <= 8:
            return f"minus_{arguments[0]}" if node.op == "negate" else f"{node.op}_{arguments[0]}"
        if node.op == "multiply" and arguments[0] == arguments[1] and arguments[0].isidentifier():
            return f"{arguments[0]}_squared"
        return self.letter

"""Prints a graph as statements: single uses are inlined, the rest is named. One loop."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symdiff.emit.layout import INDENT
from symdiff.emit.loops import mentions, print_loop
from symdiff.emit.spell.base import ATOM, Operand, Spelling
from symdiff.emit.target import Target, safe_name
from symdiff.emit.views import bare_lines, is_fresh
from symdiff.errors import Span
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, CONSTANT, FLOAT, INPUT, INT, Node, constant_value
from symdiff.graph.shape import text as shape_text
from symdiff.ops.loops import Layout
from symdiff.ops.operation import Loop
from symdiff.ops.registry import OPERATIONS

LINE_WIDTH = 84  # of an expression; with its name and indent it stays below 100
_RIGHT_ASSOCIATIVE = 14  # the precedence of **
_KINDS = {FLOAT: "", INT: ", int", BOOL: ", bool"}  # as an argument after a shape


@dataclass(frozen=True, slots=True)
class Printed:
    """A graph as text.

    Attributes:
        lines: statements `name = expression`, in order.
        results: an expression for each output.
        calls: operations and special numbers that are called by a name, each with that name.
        spans: for each statement, the place in the source that it comes from.
    """

    lines: list[str]
    results: list[str]
    calls: dict[str, str]
    spans: list[Span | None]


class Names:
    """Hands out names that are not taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._counters: dict[str, int] = {}

    def fresh(self, wish: str) -> str:
        """The name itself, with the first number that is free, or another sign after a keyword."""
        name = wish = safe_name(wish)
        while name in self._taken:
            count = self._counters.get(wish, 1) + 1
            self._counters[wish] = count
            name = f"{wish}{count}" if len(wish) == 1 else f"{wish}_{count}"
        self._taken.add(name)
        return name


def print_graph(
    graph: Graph,
    target: Target,
    parameters: Mapping[str, str],
    names: Names,
    constants: Mapping[Node, str] | None = None,
) -> Printed:
    """The statements and results of a graph.

    Args:
        graph: what to print; every line is needed by an output.
        target: how operations are written.
        parameters: the text that stands for each input.
        names: where names of intermediate values come from.
        constants: lines that are defined elsewhere, with the names that they have there.
    """
    return _Printing(graph, target, parameters, names, constants or {}).run()


def print_inlined(
    graph: Graph, target: Target, parameters: Mapping[str, str], longest: int
) -> list[str]:
    """An expression for each output without named values; empty where it would be too long."""
    printing = _Printing(graph, target, parameters, Names(parameters.values()), {})
    texts = printing.texts
    if any([node.shape for node in graph.nodes]):
        printing.bare = bare_lines(graph)
    for position, node in enumerate(graph.nodes):
        if printing.bare[position] != position:
            texts[position] = texts[printing.bare[position]]
            continue
        if any(not texts[argument] for argument in node.args) or printing.is_missing(node):
            continue
        printing.print_line(position, node)
        if len(texts[position]) > longest:
            texts[position] = ""
    return [printing.whole(at).text if texts[at] else "" for at in graph.outputs]


class _Printing:
    """The state of one run over the list: the text and the precedence of every line so far."""

    def __init__(
        self,
        graph: Graph,
        target: Target,
        parameters: Mapping[str, str],
        names: Names,
        constants: Mapping[Node, str],
    ) -> None:
        self.graph = graph
        self.constants = constants
        self.target = target
        self.parameters = parameters
        self.names = names
        self.texts: list[str] = [""] * len(graph)
        self.precedences = bytearray([ATOM]) * len(graph)
        # a value with nothing better to its name is v, v2, ..., in another letter where v is taken
        self.letter = next((x for x in "vuwqp" if x not in parameters.values()), "v")
        self.lines: list[str] = []
        self.line_spans: list[Span | None] = []
        self.width = LINE_WIDTH
        self.settled: Mapping[int, str] = {}  # lines whose names are given
        self.own: frozenset[str] = frozenset()  # names of arrays that nothing else holds
        self.depth = 0
        self.uses: list[int] = []
        self.carried: frozenset[str] = frozenset()  # names that the loop around carries
        self.counters: dict[int, str] = {}  # by depth, the name that a loop counts with
        self.parts: dict[int, dict[int, str]] = {}  # by the line of a loop, its parts' names
        self.calls: dict[str, str] = {}
        self.spellings: dict[str, Spelling] = {}
        self.bare: list[int] = list(range(len(graph)))  # a line, or what it repeats silently

    def run(self) -> Printed:
        uses = self.uses = self.graph.uses()
        if any([node.shape for node in self.graph.nodes]):
            self.bare = bare_lines(self.graph)
            for position in range(len(uses) - 1, -1, -1):
                if self.bare[position] != position:
                    uses[self.bare[position]] += uses[position] - 1
        for position, node in enumerate(self.graph.nodes):
            if self.bare[position] != position:
                continue
            if not self._update(position, node, uses):
                self.print_line(position, node)
            if node.args and not _is_loop(node):
                self._shorten(position, node)
                if position in self.settled:
                    self._settle(position, self.settled[position])
                if uses[position] > 1 or self._keeps_name(position) or self._is_early(position):
                    self._name(position)
        results = [self.whole(output).text for output in self.graph.outputs]
        return Printed(self.lines, results, self.calls, self.line_spans)

    def _keeps_name(self, position: int) -> bool:
        """Whether the user gave the line a name, and reads it again in the printed text."""
        is_kept = self.target.keeps_names and position not in self.graph.outputs
        return is_kept and position in self.graph.hints

    def _is_early(self, position: int) -> bool:
        """Whether the line is a number and the value of a gradient: what it needs can go then."""
        graph = self.graph
        if not self.target.keeps_names or graph.nodes[position].shape or self.depth:
            return False
        return position in graph.outputs[: graph.primal] and position < max(graph.outputs)

    def _loop(self, position: int, node: Node) -> None:
        """State a loop, with the arguments that it reads under names."""
        layout = Layout.of(node.params)
        given: list[str | None] = []
        for number, argument in enumerate(node.args):
            is_carried = layout.first_carry <= number < layout.first_slice
            line = self.graph.nodes[argument]
            if number >= layout.first_slice and line.op == "arange":
                given.append(None)
            elif is_carried:
                given.append(self._start(argument, line))
            else:
                wish = layout.graph.input_names[number].rstrip("_")
                self._name_whole(argument, f"{wish}s" if number >= layout.first_slice else wish)
                given.append(self.texts[argument])
        wanted = {
            line.params[0]
            for line in self.graph.nodes
            if line.args == (position,) and self._spelling(line.op).form == "part"
        }
        counter = self.counters.get(self.depth)
        if counter is None:
            counter = self.counters[self.depth] = self.names.fresh("ijk"[min(self.depth, 2)])
        owners = [self.graph.nodes[at] for at in node.args[layout.first_carry :]]
        is_own = [line.op == CONSTANT and bool(line.shape) for line in owners[: layout.carries]]

        def body(graph: Graph, texts: Mapping[str, str], settled: Mapping[int, str]) -> Printed:
            inputs = graph.input_names[layout.first_carry :]
            own = frozenset(
                texts[name] for name, is_own in zip(inputs, is_own, strict=False) if is_own
            )
            return self._body(graph, texts, settled, own)

        starts = node.args[layout.first_carry : layout.first_slice]
        kept = [self._goes_on(argument) for argument in starts]
        found = print_loop(layout, given, kept, wanted, counter, self.names, body)
        self.parts[position] = found.parts
        for statement, span in found.statements:
            self.lines.append(statement)
            self.line_spans.append(span or self.graph.spans.get(position))

    def _goes_on(self, position: int) -> bool:
        """Whether a loop can carry on under the name of what another one has carried."""
        node, text = self.graph.nodes[position], self.texts[position]
        if self.uses[position] > 1:
            return False
        if node.op == INPUT:
            return text in self.carried
        spelling = self._spelling(node.op) if node.op != CONSTANT else None
        is_part = spelling is not None and spelling.form == "part"
        return is_part and not OPERATIONS[node.op].is_own

    def _start(self, position: int, line: Node) -> str:
        """What is carried at first: a number as NumPy's, which divides by zero as arrays do."""
        text = self.whole(position).text
        is_number = line.op == CONSTANT and not line.shape and line.dtype == FLOAT
        return f"np.float64({text})" if is_number else text

    def _name_whole(self, position: int, wish: str) -> None:
        """Give an argument of a loop a statement of its own where it is more than a name."""
        text = self.whole(position).text
        is_number = not self.graph.nodes[position].shape and text[0].isdigit()
        if text.isidentifier() or is_number:
            return
        name = self.names.fresh(self.graph.name_of(position, wish))
        self._state(f"{name} = {text}", position)
        self.texts[position], self.precedences[position] = name, ATOM

    def _body(
        self,
        graph: Graph,
        parameters: Mapping[str, str],
        settled: Mapping[int, str],
        own: frozenset[str],
    ) -> Printed:
        inner = _Printing(graph, self.target, parameters, self.names, self.constants)
        inner.letter, inner.width, inner.settled = self.letter, self.width - len(INDENT), settled
        inner.own, inner.depth, inner.counters = own, self.depth + 1, self.counters
        inner.carried = frozenset(settled.values())
        printed = inner.run()
        self.calls |= printed.calls
        return printed

    def _settle(self, position: int, name: str) -> None:
        """Give a line a name that a loop carries on, unless a line after it reads the old value."""
        graph = self.graph
        if self.texts[position] == name:  # an inner loop has carried it on
            return
        later = set(graph.outputs) - {position}
        for node in graph.nodes[position + 1 :]:
            later.update(node.args)
        later |= {self.bare[line] for line in later}
        if any(mentions(self.texts[line], name) for line in later if line < position):
            return
        added = self._added(position, name)
        text = self.texts[position]
        self._state(f"{name} += {added}" if added else f"{name} = {text}", position)
        self.texts[position], self.precedences[position] = name, ATOM

    def _added(self, position: int, name: str) -> str:
        """What the line adds to an array of this name, where that can be done in place."""
        node = self.graph.nodes[position]
        if name not in self.own or node.op != "add":
            return ""
        for into, other in (node.args, node.args[::-1]):
            is_read_once = sum(line.args.count(into) for line in self.graph.nodes) == 1
            if self.texts[into] == name and is_read_once and into not in self.graph.outputs:
                return self.texts[self.bare[other]]
        return ""

    def _update(self, position: int, node: Node, uses: list[int]) -> bool:
        """Write into an array that nothing else needs, if that is what the line does."""
        if node.op in (INPUT, CONSTANT):
            return False
        update = self._spelling(node.op).update
        if update is None:
            return False
        base = node.args[0]
        before = self.graph.nodes[base]
        if before.op != CONSTANT and (uses[base] > 1 or not is_fresh(self.graph, base)):
            return False
        name = self.texts[base]
        if before.op == CONSTANT or not name.isidentifier():
            name = self.names.fresh(self._wish(position))
            self._state(f"{name} = {self.whole(base).text}", position)
        new, *places = node.args[1:]
        operands = [
            Operand(name, ATOM, before.shape),
            self._assigned(new),
            *map(self.whole, places),
        ]
        self._state(update(operands, *node.params), position)
        self.texts[position] = name
        return True

    def _assigned(self, position: int) -> Operand:
        """A line that is written into an array: a number need not be repeated for that."""
        node = self.graph.nodes[position]
        text = self.texts[position]
        if node.op == "broadcast" and not text.isidentifier():
            (number,) = node.args
            if not self.graph.nodes[number].shape:
                position, text = number, self.texts[number]
        return Operand(text, self.precedences[position], self.graph.nodes[position].shape)

    def _state(self, statement: str, position: int) -> None:
        self.lines.append(statement)
        self.line_spans.append(self.graph.spans.get(position))

    def whole(self, position: int) -> Operand:
        """A line as an operand that has its full shape."""
        node = self.graph.nodes[position]
        if node.op == CONSTANT and node.shape:
            return Operand(self._full(position, node), ATOM, node.shape)
        return Operand(self.texts[position], self.precedences[position], node.shape)

    def _full(self, position: int, node: Node) -> str:
        """A constant's line as an array."""
        np = self.target.library
        kind = _KINDS[node.dtype] if np else ""
        shape = str(node.shape[0]) if len(node.shape) == 1 else shape_text(node.shape)
        plain = {0.0: "zeros", 1.0: "ones"}.get(constant_value(node))
        if plain and self.texts[position][0] != "-":
            return f"{np}{plain}({shape}{kind})"
        return f"{np}full({shape}, {self.texts[position]}{kind})"

    def is_missing(self, node: Node) -> bool:
        """Whether the target has no expression for a line."""
        is_leaf = node.op in (INPUT, CONSTANT)
        return not is_leaf and self._spelling(node.op).form in ("missing", "loop", "part")

    def _spelling(self, op: str) -> Spelling:
        spelling = self.spellings.get(op)
        if spelling is None:
            spelling = self.spellings[op] = self.target.spell(op)
        return spelling

    def print_line(self, position: int, node: Node) -> None:
        """Find the text and the precedence of one line."""
        if node.op == INPUT:
            self.texts[position] = self.parameters[node.params[0]]
        elif node in self.constants:
            self.texts[position] = self.constants[node]
        elif node.op == CONSTANT and node.dtype == INT:
            self.texts[position] = str(int(constant_value(node)))
            self.precedences[position] = 13 if constant_value(node) < 0.0 else ATOM
        elif node.op == CONSTANT and node.dtype == BOOL:
            self.texts[position] = str(constant_value(node) != 0.0)
        elif node.op == CONSTANT:
            self._constant(position, constant_value(node))
        else:
            spelling = self._spelling(node.op)
            if spelling.form == "loop":
                self._loop(position, node)
                return
            if spelling.form == "part":
                self.texts[position] = self.parts[node.args[0]][node.params[0]]
                return
            if spelling.write is not None:
                operands = list(map(self.whole, node.args))
                found = spelling.write(operands, *node.params)
                self.texts[position], self.precedences[position] = found
                if spelling.source:
                    self.calls.setdefault(node.op, spelling.text)
                return
            self.texts[position] = self._text(spelling, node)
            self.precedences[position] = spelling.precedence or ATOM
            if node.shape and all([self.graph.nodes[at].op == CONSTANT for at in node.args]):
                shape = shape_text(node.shape)  # of numbers alone it would be a number
                np = self.target.library
                self.texts[position] = f"{np}full({shape}, {self.texts[position]})"
                self.precedences[position] = ATOM

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
        while len(self.texts[position]) > self.width:
            args = [self.bare[argument] for argument in node.args]
            longest = max(args, key=lambda argument: len(self.texts[argument]), default=position)
            if self._has_name(longest):
                return
            self._name(longest)
            self.print_line(position, node)

    def _text(self, spelling: Spelling, node: Node) -> str:
        own = spelling.precedence
        args = [self.bare[argument] for argument in node.args]
        texts, precedences = self.texts, self.precedences
        if spelling.form == "infix":
            left, right = args
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
            (argument,) = args
            inner = texts[argument]
            return (
                f"{spelling.text}({inner})"
                if precedences[argument] < own
                else spelling.text + inner
            )
        arguments = [repr(param) for param in node.params]
        if OPERATIONS[node.op].is_elementwise:
            arguments += [texts[argument] for argument in args]
        else:  # a number does not do for an array that is full of it
            arguments += [self.whole(argument).text for argument in node.args]
        return f"{self._called(node.op)}({', '.join(arguments)})"

    def _called(self, op: str) -> str:
        name = self.calls.get(op)
        if name is None and not self.target.by_name:
            name = self.calls[op] = self._spelling(op).text
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
        self._state(f"{name} = {self.texts[position]}", position)
        self.texts[position] = name
        self.precedences[position] = ATOM

    def _has_name(self, position: int) -> bool:
        """Whether naming the line would not make it shorter: it is a name or a number."""
        node = self.graph.nodes[position]
        text = self.texts[position]
        return text.isidentifier() or (not node.args and not text.endswith(")"))

    def _wish(self, position: int) -> str:
        """A name that says what the line is, where that is short."""
        known = self.graph.name_of(position, "")
        if known:
            return known
        if self._is_early(position):
            name = self.graph.output_names[self.graph.outputs.index(position)]
            return safe_name(name) if name.isidentifier() else self.letter
        node = self.graph.nodes[position]
        arguments = [self.texts[self.bare[argument]] for argument in node.args]
        first, text = next(iter(arguments), ""), self.texts[position]
        if first.isidentifier() and text.startswith(f"{first}["):
            return _name_of_part(first, text)
        if len(arguments) == 1 and arguments[0].isidentifier() and len(arguments[0]) <= 8:
            return f"minus_{arguments[0]}" if node.op == "negate" else f"{node.op}_{arguments[0]}"
        if node.op == "multiply" and arguments[0] == arguments[1] and arguments[0].isidentifier():
            return f"{arguments[0]}_squared"
        return self.letter


def _name_of_part(name: str, text: str) -> str:
    """For a part of an array: `x_0` of `x[0]`, `x_part` of `x[1:]`."""
    places = re.fullmatch(r"\[(\d+(?:, \d+)*)\]", text.removeprefix(name))
    return f"{name}_part" if places is None else "_".join([name, *places[1].split(", ")])


def _is_loop(node: Node) -> bool:
    if node.op in (INPUT, CONSTANT):
        return False
    return isinstance(OPERATIONS[node.op].derivative, Loop)

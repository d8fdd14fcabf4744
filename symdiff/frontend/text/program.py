"""Programs: statements that assign names, declare inputs and return outputs.

A plain formula is the program of one statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.errors import LimitError
from symdiff.frontend.loops import PLAIN, Loops, Told, refuse_unkept
from symdiff.frontend.text import mistakes
from symdiff.frontend.text.arguments import number, position
from symdiff.frontend.text.blocks import has_statements
from symdiff.frontend.text.options import LIMITS, Declared, Limits, declared
from symdiff.frontend.text.parser import Parser
from symdiff.frontend.text.reading import TUPLE, Advice, Item, error_at
from symdiff.frontend.text.scope import declare, output_names
from symdiff.frontend.text.tokens import ENDS, Token
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.builder import Builder
from symdiff.ops.rules import EXACT

GivenShapes = Mapping[str, Sequence[int | str]]

_EMPTY = Advice("the formula is empty", "write for example x**2 + y**3")
_NO_OUTPUT = Advice("the program declares inputs and has no output", "end it with an expression")
_NOTHING = Advice("this is an empty tuple, and a function returns something")
_NOT_LAST = Advice(
    "only the last statement can be an expression without a name, or a return",
    "write name = expression; put brackets around an expression that goes over several lines",
)


def parse(
    text: str,
    *,
    shapes: GivenShapes | None = None,
    limits: Limits = LIMITS,
    loops: Loops = PLAIN,
    told: list[Told] | None = None,
) -> Graph:
    """Read a formula or a program into a graph.

    Args:
        text: in the grammar of formulas. It is not evaluated by any means.
        shapes: by name of an input, its kind and the lengths of its axes, as declarations do.
        limits: how large it may be.
        loops: what is asked of its loops.
        told: takes what became of its loops.

    Returns:
        The graph of the values, the inputs in the order of their first appearance. Its outputs
        bear the names that the text gives them, else `f`, or `f1`, `f2`, ...

    Raises:
        ParseError: at the first mistake.
        ShapeError: where shapes do not fit together.
        UnsupportedError: at what the grammar has and this release has not.
        LimitError: where the text is larger than a limit.
    """
    if len(text) > limits.length:
        raise LimitError(
            f"the text has {len(text):,} characters, more than {limits.length:,}",
            suggestion="raise the limit with --max-length",
        )
    given = {name: declared(name, shape) for name, shape in (shapes or {}).items()}
    if has_statements(text):
        from symdiff.frontend.text.running import carried_out

        graph, found = carried_out(text, given, limits, loops)
    else:
        graph, found = _Program(text, given, limits).graph(), ()
    refuse_unkept(loops, found)
    if told is not None:
        told += found
    return graph


class _Program:
    """The statements of a text, one after the other.

    Attributes:
        outputs: the operands of the last statement; none before it has come.
        names: what they are called, where the text says so.
    """

    def __init__(self, text: str, given: Mapping[str, Declared], limits: Limits) -> None:
        self.text = text
        self.builder = Builder(EXACT, limit=limits.nodes)
        self.parser = Parser(text, self.builder, limits)
        self.parser.scope.give(given)
        self.outputs: tuple[Item, ...] = ()
        self.names: list[str | None] = []
        self._is_final = False

    def graph(self) -> Graph:
        parser = self.parser
        while self._skip_ends():
            if self._is_final:
                raise error_at(parser, self.outputs[0].span, _NOT_LAST)
            if parser.token.kind == "target":
                self._assign(parser.token)
            elif parser.token.kind == "declared":
                declare(parser, parser.scope, self._declaration())
            else:
                self._return()
        if not self.outputs:
            advice = _NO_OUTPUT if parser.scope.inputs else _EMPTY
            raise advice.error(advice.message, text=self.text, suggestion=advice.suggestion)
        positions = [number(parser, item) for item in self.outputs]
        parser.scope.check_given()
        inputs = list(parser.scope.inputs.values())
        names = output_names(self.names, parser.scope.inputs)
        graph = self.builder.graph(inputs, positions, names, primal=len(positions))
        if any(node.shape for node in graph.nodes):  # the numbers of shapes and indices
            graph = pruned(graph)
        return graph

    def _skip_ends(self) -> bool:
        """Go to the next statement; return whether there is one."""
        token = self.parser.token
        while token.kind in (";", "newline"):
            token = self.parser.advance()
        return token.kind != "end"

    def _declaration(self) -> list[Token]:
        """The words of a declaration; it may go over several lines between its brackets."""
        words: list[Token] = []
        depth, token = 0, self.parser.token
        while token.kind not in ENDS or (depth > 0 and token.kind == "newline"):
            depth += (token.kind == "[") - (token.kind == "]")
            if token.kind != "newline":
                words.append(token)
            token = self.parser.advance()
        return words

    def _assign(self, target: Token) -> None:
        """`name = expression`."""
        parser = self.parser
        parser.advance()  # to the '='
        parser.advance()
        item = parser.expression()
        at = position(parser, item)
        name = parser.scope.assign(target.text, target.span, at)
        if self.builder.nodes[at].op not in (INPUT, CONSTANT):
            self.builder.hints.setdefault(at, name)
        self.outputs, self.names = (item._replace(at=at),), [name]

    def _return(self) -> None:
        """The last statement: an expression, or `return` and one."""
        parser = self.parser
        if parser.token.kind == "return":
            parser.advance()
        item = parser.expression()
        self._is_final = True
        self.outputs = item.parts if item.at == TUPLE else (item,)
        if not self.outputs:
            raise error_at(parser, item.span, _NOTHING)
        self.names = [self._name_of(part) for part in self.outputs]
        for part in self.outputs:
            if part.at == TUPLE:
                raise mistakes.no_number(parser, part)

    def _name_of(self, item: Item) -> str | None:
        """The name of an output that is an assigned name and no more."""
        word = self.text[item.start : item.end]
        if not word.isidentifier():
            return None
        name = self.parser.scope.normal(word, item.span)
        return name if name in self.parser.scope.assigned else None

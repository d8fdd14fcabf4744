"""Programs: statements that assign names, declare inputs and return outputs.

A plain formula is the program of one statement.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import LimitError, Span, UnsupportedError
from symdiff.frontend import apply, mistakes
from symdiff.frontend.advice import Advice, error_at
from symdiff.frontend.limits import LIMITS, Limits
from symdiff.frontend.missing import NO_LAMBDA
from symdiff.frontend.reading import Item
from symdiff.frontend.text import Parser
from symdiff.frontend.tokens import ENDS, Token
from symdiff.graph.graph import Graph
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.builder import Builder
from symdiff.ops.identities import EXACT

_EMPTY = Advice("the formula is empty", "write for example x**2 + y**3")
_NO_OUTPUT = Advice("the program declares inputs and has no output", "end it with an expression")
_NOT_LAST = Advice(
    "only the last statement can be an expression without a name, or a return",
    "write name = expression; put brackets around an expression that goes over several lines",
)
_DECLARED_OTHER = Advice("a declaration gives a type, 'float' for a number", "write x: float")
_DECLARED_ARRAY = Advice(
    f"{mistakes.ARRAYS}: the declaration has a shape",
    "declare a number as x: float",
    UnsupportedError,
)


def parse(text: str, *, limits: Limits = LIMITS) -> Graph:
    """Read a formula or a program into a graph.

    Args:
        text: in the grammar of formulas. It is not evaluated by any means.
        limits: how large it may be.

    Returns:
        The graph of the values: scalars, the inputs in the order of their first appearance. Its
        outputs bear the names that the text gives them, else `f`, or `f1`, `f2`, ...

    Raises:
        ParseError: at the first mistake.
        UnsupportedError: at what the grammar has and this release has not.
        LimitError: where the text is larger than a limit.
    """
    if len(text) > limits.length:
        raise LimitError(
            f"the text has {len(text):,} characters, more than {limits.length:,}",
            suggestion="raise the limit with --max-length",
        )
    return _Program(text, limits).graph()


class _Program:
    """The statements of a text, one after the other.

    Attributes:
        outputs: the operands of the last statement; none before it has come.
        names: what they are called, where the text says so.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.builder = Builder(EXACT, limit=limits.nodes)
        self.parser = Parser(text, self.builder, limits)
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
                self._declare(parser.token)
            else:
                self._return()
        if not self.outputs:
            advice = _NO_OUTPUT if parser.scope.inputs else _EMPTY
            raise advice.error(advice.message, text=self.text, suggestion=advice.suggestion)
        positions = [apply.number(parser, item) for item in self.outputs]
        inputs = list(parser.scope.inputs.values())
        names = _output_names(self.names, set(parser.scope.inputs))
        return self.builder.graph(inputs, positions, names, primal=len(positions))

    def _skip_ends(self) -> bool:
        """Go to the next statement; return whether there is one."""
        token = self.parser.token
        while token.kind in (";", "newline"):
            token = self.parser.advance()
        return token.kind != "end"

    def _assign(self, target: Token) -> None:
        """`name = expression`."""
        parser = self.parser
        parser.advance()  # to the '='
        parser.advance()
        item = parser.expression()
        if item.parts:
            raise mistakes.misplaced_tuple(parser, item)
        name = parser.scope.assign(target.text, target.span, item.at)
        if self.builder.nodes[item.at].op not in (INPUT, CONSTANT):
            self.builder.hints.setdefault(item.at, name)
        self.outputs, self.names = (item,), [name]

    def _declare(self, name: Token) -> None:
        """`x: float` or `x: []`."""
        parser = self.parser
        colon = parser.advance()
        words = []
        while parser.advance().kind not in ENDS:
            words.append(parser.token)
        texts = [word.text for word in words]
        if texts in (["float"], ["[", "]"]):
            parser.scope.declare(name.text, name.span)
        elif texts[:1] == ["["] and texts[-1] == "]":
            span = Span(name.start, words[-1].span.end)
            raise error_at(parser, span, _DECLARED_ARRAY)
        elif name.text == "lambda":
            raise error_at(parser, name.span, NO_LAMBDA)
        else:
            raise error_at(parser, words[0].span if words else colon.span, _DECLARED_OTHER)

    def _return(self) -> None:
        """The last statement: an expression, or `return` and one."""
        parser = self.parser
        if parser.token.kind == "return":
            parser.advance()
        item = parser.expression()
        self._is_final = True
        self.outputs = item.parts or (item,)
        self.names = [self._name_of(part) for part in self.outputs]
        for part in self.outputs:
            if part.parts:
                raise mistakes.misplaced_tuple(parser, part)

    def _name_of(self, item: Item) -> str | None:
        """The name of an output that is an assigned name and no more."""
        word = self.text[item.start : item.end]
        if not word.isidentifier():
            return None
        name = self.parser.scope.normal(word, item.span)
        return name if name in self.parser.scope.assigned else None


def _output_names(names: Sequence[str | None], inputs: set[str]) -> list[str]:
    """A name for each output, all different and different from the inputs'."""
    taken = inputs | {name for name in names if name is not None}
    result: list[str] = []
    for number, name in enumerate(names, start=1):
        if name is None or name in result:
            name = "f" if len(names) == 1 else f"f{number}"
            if name in taken:
                name += "_value"
            while name in taken:
                name += "_"
            taken.add(name)
        result.append(name)
    return result

"""What the parser knows halfway: the stacks, and the words around the place where it stands.

The parser moves on in it, `apply` carries out its operators, `mistakes` explains where it stops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from symdiff.errors import ParseError, Span, SymdiffError
from symdiff.frontend.text.functions import Callee
from symdiff.frontend.text.options import Limits
from symdiff.frontend.text.tokens import Token, tokens
from symdiff.graph.node import INPUT
from symdiff.graph.shape import Dim
from symdiff.ops.builder import Builder

# In the place of a position: what an operand is that is no line. Only tuples and lists have parts,
# and slices, whose parts are their bounds.
TUPLE, LIST, STRING, NONE, ELLIPSIS, SLICE, OPEN_SLICE, KEYWORD = range(-1, -9, -1)

# Python's precedences; larger binds tighter
BRACKET, IF, ELSE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER = range(11)


class Item(NamedTuple):
    """An operand that has been read: a line of the graph, or what stands for one in a call.

    Attributes:
        at: the position of the line; `TUPLE` and the like for what is no line.
        start, end: its place in the text, brackets included.
        parts: the operands of a tuple or a list, the bounds of a slice.
        depth: how deep tuples and lists are nested in it.
    """

    at: int
    start: int
    end: int
    parts: tuple[Item, ...] = ()
    depth: int = 0

    @property
    def span(self) -> Span:
        """The place in the text."""
        return Span(self.start, self.end)


class Pending(NamedTuple):
    """An operator that waits for its right operand, or a bracket that holds up all before it.

    Attributes:
        precedence: larger binds tighter; 0 for a bracket.
        token: the operator.
        apply: takes the operands off the stack and puts the result on it.
        earlier: in a chain of comparisons, the line that says whether those before hold.
    """

    precedence: int
    token: Token
    apply: Callable[[Reading, Pending], None]
    earlier: int | None = None


class Bracket(NamedTuple):
    """What an open bracket is for; one of the four below.

    Attributes:
        sign: the bracket itself.
        closer: the bracket that closes it.
        purpose: what stands between them.
    """

    sign: str
    closer: str
    purpose: str


GROUP = Bracket("(", ")", "an expression or a tuple")
CALL = Bracket("(", ")", "arguments")
LIST_OF = Bracket("[", "]", "a list")
INDEX = Bracket("[", "]", "an index")


class Frame(NamedTuple):
    """An open bracket.

    Attributes:
        opener: the bracket, or the name of the function that is called.
        base: how many operands there were before it.
        bracket: what it is for.
        callee: what is called, if it is a call.
    """

    opener: Token
    base: int
    bracket: Bracket = GROUP
    callee: Callee | None = None


class Reading:
    """The state of the parser.

    Attributes:
        text: the source.
        builder: takes the lines.
        limits: how large the text may be.
        token: the word that is being looked at.
        previous: the one before.
        values: the operands that wait for an operator.
        pending: the operators and brackets that wait for an operand or a closing bracket.
        frames: the open brackets; the lowest stands for the statement itself.
        lengths: by position of a line, the length of an axis that it holds.
        key: the index that was read last.
        is_place: whether an expression is a place that is stored at, so that its last index is not
            taken.
    """

    def __init__(self, text: str, builder: Builder, limits: Limits, first: Token) -> None:
        self.text = text
        self.builder = builder
        self.limits = limits
        self.token = first
        self.previous = first
        self.values: list[Item] = []
        self.pending: list[Pending] = []
        self.frames: list[Frame] = []
        self.lengths: dict[int, Dim] = {}
        self.key: Any = None
        self.is_place = False

    def place(self, key: Any) -> Any:
        """An index as it is used where the parser stands."""
        return key


# --- errors ------------------------------------------------------------------------------------

LONGEST_QUOTE = 40


class Advice(NamedTuple):
    """A mistake that needs no look around: the sentence, and what to do."""

    message: str
    suggestion: str | None = None
    error: type[SymdiffError] = ParseError


def error_at(r: Reading, span: Span, advice: Advice) -> SymdiffError:
    """The error that gives the advice at a place."""
    return advice.error(advice.message, text=r.text, span=span, suggestion=advice.suggestion)


def quote(text: str, start: int, end: int, otherwise: str) -> str:
    """A stretch of the text, or a stand-in for one that is too long to read."""
    stretch = text[start:end]
    return stretch if len(stretch) <= LONGEST_QUOTE and stretch.isprintable() else otherwise


def primary(text: str, start: int) -> str:
    """The operand that starts here: a word, a bracket or a call; `2x` comes as `2*x`."""
    depth = 0
    parts: list[Token] = []
    window = text[start : start + 2 * LONGEST_QUOTE]
    for token in tokens(window):
        if token.kind in ("end", "newline", "stray"):
            break
        product = parts and not depth and parts[-1].kind == "number" and token.kind == "name"
        if parts and not depth and not product and not (token.kind == "(" and len(parts) == 1):
            break
        depth += (token.kind == "(") - (token.kind == ")")
        parts.append(token)
        if token.kind not in ("number", "call", "target") and not depth:
            break
    if depth or not parts:
        return "(...)"
    if len(parts) == 2 and parts[0].kind == "number":
        return f"{parts[0].text}*{parts[1].text}"
    return quote(window, 0, parts[-1].span.end, "(...)")


def declaration(r: Reading, item: Item) -> str | None:
    """The advice to declare an input that has no shape; `None` where it is none."""
    if item.at < 0:
        return None
    node = r.builder.nodes[item.at]
    if node.op != INPUT or node.shape:
        return None
    return f"declare its shape, for example {node.params[0]}: [3]"

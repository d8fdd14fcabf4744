"""The parser of formulas: operator precedence with explicit stacks, straight into a graph.

It knows two places: where an operand is wanted, and after one. At each, a table says what to do
with the next word; a word that is not in the table is a mistake (`symdiff.frontend.text.mistakes`).
Operators wait on a stack until one comes that does not bind tighter. Nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from symdiff.errors import LimitError, Span
from symdiff.frontend.text import calls, indices, mistakes, words
from symdiff.frontend.text import operators as apply
from symdiff.frontend.text.arguments import grouped
from symdiff.frontend.text.functions import find_callee
from symdiff.frontend.text.options import Limits
from symdiff.frontend.text.reading import (
    BRACKET,
    CALL,
    COMPARISON,
    ELLIPSIS,
    ELSE,
    GROUP,
    IF,
    INDEX,
    KEYWORD,
    LIST,
    LIST_OF,
    NONE,
    NOT,
    OR,
    SIGN,
    STRING,
    SUM,
    TUPLE,
    Bracket,
    Frame,
    Item,
    Pending,
    Reading,
)
from symdiff.frontend.text.scope import Scope
from symdiff.frontend.text.tokens import ENDS, Token, tokens
from symdiff.ops.builder import Builder


class Parser(Reading):
    """Reads expressions from a text, one after the other, into a builder.

    Args:
        text: the source.
        builder: takes the lines.
        limits: how large the text may be.

    Attributes:
        scope: the names that it met.
    """

    def __init__(self, text: str, builder: Builder, limits: Limits) -> None:
        self._tokens: Iterator[Token] = tokens(text)
        super().__init__(text, builder, limits, next(self._tokens))
        self.scope = Scope(text, builder, self.lengths)
        self._numbers: dict[str, int] = {}

    def advance(self) -> Token:
        """Go on to the next word and return it."""
        self.previous, self.token = self.token, next(self._tokens)
        return self.token

    def take(self, words: Iterable[Token], builder: Builder) -> None:
        """Go on with other words, the last one of which ends them.

        Args:
            words: of this text.
            builder: takes the lines from here on; of those of another one nothing is known in it.
        """
        self._tokens = iter(words)
        self.token = self.previous = next(self._tokens)
        if builder is not self.builder:
            self.builder = builder
            self.lengths.clear()
            self._numbers.clear()
            self.scope.turn_to(builder)

    def expression(self) -> Item:
        """Read an expression; stop before the word that ends its statement.

        Raises:
            SymdiffError: at the first mistake.
        """
        self.values.clear()
        self.pending[:] = [Pending(BRACKET, self.token, apply.nothing)]
        self.frames[:] = [Frame(self.token, 0)]
        try:
            self._read()
            apply.reduce(self, IF)
        except LimitError as error:
            raise error.at(self.text, self.builder.span) from None
        return self._grouped(self.values, Span(self.values[0].start, self.values[-1].end))

    def _read(self) -> None:
        """Push operands and operators until the statement ends."""
        wants_operand: bool | None = True
        while wants_operand is not None:
            token = self.token
            if token.kind == "newline" and len(self.frames) > 1:
                self.token = next(self._tokens)
                continue
            action = (_WHERE_OPERAND if wants_operand else _WHERE_OPERATOR).get(token.kind)
            if action is None:
                explain = mistakes.at_operand if wants_operand else mistakes.at_operator
                raise explain(self)
            wants_operand = action(self)
            if wants_operand is not None:
                self.previous, self.token = self.token, next(self._tokens)

    # --- operands: each action returns whether an operand is wanted next; None ends -------------

    def _on_number(self) -> bool:
        token = self.token
        at = self._numbers.get(token.text)
        if at is None:
            self.builder.span = token.span
            value = words.number_written(self, token)
            at = self._numbers[token.text] = self.builder.constant(value)
        self.values.append(Item(at, token.start, token.start + len(token.text)))
        return False

    def _on_name(self) -> bool:
        token = self.token
        text, start = token.text, token.start
        self.values.append(Item(self.scope.find(text, start), start, start + len(text)))
        return False

    def _on_sign(self) -> bool:
        self.pending.append(Pending(SIGN, self.token, apply.sign))
        return True

    def _on_not(self) -> bool:
        before = self.pending[-1]
        if before.precedence > NOT:
            raise mistakes.misplaced_not(self, before.token)
        self.pending.append(Pending(NOT, self.token, apply.negation))
        return True

    def _on_bracket(self) -> bool:
        self._open(Frame(self.token, len(self.values)))
        return True

    def _on_call(self) -> bool:
        token = self.token
        name = self.scope.normal(token.text, token.span)
        callee = find_callee(name)
        if callee is None or name in self.scope.assigned:
            is_value = self.scope.is_known(name)
            raise calls.unknown_function(self, name, is_value=is_value)
        self._open(Frame(token, len(self.values), CALL, callee))
        next(self._tokens)  # the bracket
        return True

    def _on_keyword(self) -> bool:
        """`name=` in a call: the operand after it is the argument of this name."""
        token = self.token
        if self.frames[-1].bracket is not CALL or self.previous.kind not in ("call", ","):
            raise mistakes.at_operand(self)
        self.values.append(Item(KEYWORD, token.start, token.start + len(token.text)))
        self.token = next(self._tokens)  # the sign
        return True

    def _on_list(self) -> bool:
        self._open(Frame(self.token, len(self.values), LIST_OF))
        return True

    def _on_string(self) -> bool:
        return self._on_special(STRING, CALL)

    def _on_none(self) -> bool:
        return self._on_special(NONE, CALL, INDEX)

    def _on_ellipsis(self) -> bool:
        return self._on_special(ELLIPSIS, INDEX)

    def _on_special(self, kind: int, *places: Bracket) -> bool:
        """An operand that is no number; it can stand in these brackets alone."""
        token = self.token
        if self.frames[-1].bracket not in places:
            raise mistakes.at_operand(self)
        self.values.append(Item(kind, token.start, token.start + len(token.text)))
        return False

    def _on_declared(self) -> bool:
        """A name before a colon: the bound of a slice."""
        if self.frames[-1].bracket is not INDEX:
            raise mistakes.at_operand(self)
        return self._on_name()

    def _on_early_colon(self) -> bool:
        """A colon in an index without a bound before it."""
        if not self._follows_in_index("[", ",", ":"):
            raise mistakes.at_operand(self)
        indices.unbounded(self)
        return True

    def _on_early_comma(self) -> bool:
        """A comma after a slice without a last bound."""
        if not self._follows_in_index(":"):
            raise mistakes.at_operand(self)
        indices.finish(self)
        return True

    def _is_argument(self) -> bool:
        """Whether the innermost bracket is opened as an argument of a call: `reshape(x, ())`."""
        return len(self.frames) > 1 and self.frames[-2].bracket is CALL

    def _follows_in_index(self, *words: str) -> bool:
        """Whether one of these words stands before, in an index."""
        return self.frames[-1].bracket is INDEX and self.previous.kind in words

    def _on_early_close(self) -> bool:
        """A closing bracket where an operand could stand: `f(x,)`, `f()`, `x[1:]`, `[]`."""
        frame = self.frames[-1]
        follows_comma = self.previous.kind == "," and len(self.values) > frame.base
        is_shape = frame.bracket is GROUP and self._is_argument()
        may_be_empty = is_shape or frame.bracket in (CALL, LIST_OF)
        is_empty = may_be_empty and self.previous is frame.opener
        if follows_comma or is_empty or self._follows_in_index(":"):
            return self._on_close()
        raise mistakes.at_operand(self)

    def _on_early_end(self) -> None:
        """The end of a statement after a comma: `x,` is a tuple of one."""
        if len(self.frames) > 1 or self.previous.kind != "," or not self.values:
            raise mistakes.at_operand(self)

    # --- after an operand ------------------------------------------------------------------------

    def _on_infix(self) -> bool:
        token = self.token
        infix = apply.INFIX[token.kind]
        apply.reduce(self, infix.reduces)
        self.pending.append(Pending(infix.precedence, token, infix.apply))
        return True

    def _on_comparison(self) -> bool:
        """A comparison; in a chain the middle operand stays for the next one."""
        apply.reduce(self, SUM)
        earlier = None
        if self.pending[-1].precedence == COMPARISON:
            middle = self.values[-1]
            before = self.pending.pop()
            before.apply(self, before)
            earlier = self.values.pop().at
            self.values.append(middle)
        self.pending.append(Pending(COMPARISON, self.token, apply.comparison, earlier))
        return True

    def _on_if(self) -> bool:
        apply.reduce(self, OR)
        if self.pending[-1].precedence == IF:
            raise mistakes.nested_choice(self)
        self.pending.append(Pending(IF, self.token, apply.unfinished_choice))
        return True

    def _on_else(self) -> bool:
        apply.reduce(self, ELSE)
        if self.pending[-1].precedence != IF:
            raise mistakes.choice_without_if(self)
        self.pending[-1] = Pending(ELSE, self.token, apply.choice)
        return True

    def _on_attribute(self) -> bool:
        """`x.T`; all other attributes are refused."""
        found = _TRANSPOSED.match(self.text, self.token.start)
        if found is None:
            raise mistakes.at_operator(self)
        self.token = next(self._tokens)  # the T
        self.values.append(apply.transpose(self, self.values.pop(), found.end()))
        return False

    def _on_index(self) -> bool:
        self._open(Frame(self.token, len(self.values), INDEX))
        return True

    def _on_colon(self) -> bool:
        """A colon after a bound of a slice."""
        if self.frames[-1].bracket is not INDEX:
            raise mistakes.at_operator(self)
        apply.reduce(self, IF)
        indices.bounded(self)
        return True

    def _on_comma(self) -> bool:
        apply.reduce(self, IF)
        if self.frames[-1].bracket is INDEX:
            indices.finish(self)
        return True

    def _on_close(self) -> bool:
        apply.reduce(self, IF)
        frame = self.frames[-1]
        if len(self.frames) == 1 or frame.bracket.closer != self.token.kind:
            raise mistakes.unopened(self)
        if frame.bracket is INDEX and self.previous.kind != ",":
            indices.finish(self)
        self.frames.pop()
        self.pending.pop()
        items = self.values[frame.base :]
        del self.values[frame.base :]
        span = Span(frame.opener.start, self.token.start + 1)
        if frame.bracket is GROUP:  # the commonest
            self.values.append(self._grouped(items, span))
        else:
            self.values.append(_COMPLETE[frame.bracket](self, frame, items, span))
        return False

    def _on_end(self) -> None:
        if len(self.frames) > 1:
            apply.reduce(self, IF)
            raise mistakes.unclosed(self)

    # --- brackets --------------------------------------------------------------------------------

    def _open(self, frame: Frame) -> None:
        if len(self.frames) > self.limits.depth:
            raise LimitError(
                f"the brackets are nested more than {self.limits.depth:,} deep",
                text=self.text,
                span=frame.opener.span,
                suggestion="raise the limit with --max-depth",
            )
        self.frames.append(frame)
        self.pending.append(Pending(BRACKET, frame.opener, apply.nothing))

    def _grouped(self, items: list[Item], span: Span) -> Item:
        """What stands between two brackets, or alone in a statement."""
        if len(items) == 1 and self.previous.kind != ",":
            item = items[0]
            return Item(item.at, span.start, span.end, item.parts, item.depth)
        return grouped(self, TUPLE, tuple(items), span)

    def _list(self, _frame: Frame, items: list[Item], span: Span) -> Item:
        return grouped(self, LIST, tuple(items), span)

    def _called(self, frame: Frame, items: list[Item], span: Span) -> Item:
        assert frame.callee is not None  # the frame of a call
        return calls.call(self, frame.callee, items, span)

    def _indexed(self, _frame: Frame, items: list[Item], span: Span) -> Item:
        return indices.take(self, self.values.pop(), items, span)


# A method for each word: returns whether an operand is wanted next, `None` at the end
_Action = Callable[[Parser], bool | None]

_WHERE_OPERAND: Mapping[str, _Action] = {
    "number": Parser._on_number,
    "name": Parser._on_name,
    "call": Parser._on_call,
    "(": Parser._on_bracket,
    "-": Parser._on_sign,
    "+": Parser._on_sign,
    "not": Parser._on_not,
    ")": Parser._on_early_close,
    "]": Parser._on_early_close,
    "[": Parser._on_list,
    "target": Parser._on_keyword,
    "declared": Parser._on_declared,
    "string": Parser._on_string,
    "None": Parser._on_none,
    "...": Parser._on_ellipsis,
    ":": Parser._on_early_colon,
    ",": Parser._on_early_comma,
    **dict.fromkeys(ENDS, Parser._on_early_end),
}

_WHERE_OPERATOR: Mapping[str, _Action] = {
    **dict.fromkeys(apply.INFIX, Parser._on_infix),
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), Parser._on_comparison),
    "if": Parser._on_if,
    "else": Parser._on_else,
    ",": Parser._on_comma,
    ")": Parser._on_close,
    "]": Parser._on_close,
    "[": Parser._on_index,
    ":": Parser._on_colon,
    ".": Parser._on_attribute,
    **dict.fromkeys(ENDS, Parser._on_end),
}

# What the operands between two brackets are, by what the brackets are for; see `_grouped` too
_COMPLETE: Mapping[Bracket, Callable[[Parser, Frame, list[Item], Span], Item]] = {
    CALL: Parser._called,
    LIST_OF: Parser._list,
    INDEX: Parser._indexed,
}

_TRANSPOSED = re.compile(r"\.[ \t]*T(?!\w)(?![ \t]*\()")

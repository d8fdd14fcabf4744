"""The parser of statements: from tokens to the blocks that indentation makes of them.

It splits lines at the words between expressions and reads no expression itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

from symdiff.errors import LimitError, ParseError, Span
from symdiff.frontend.text.options import KINDS
from symdiff.frontend.text.statements import Piece, Statement, Target
from symdiff.frontend.text.tokens import (
    ENDS,
    OPENING,
    Line,
    Token,
    Words,
    closing,
    ended_by,
    lines_of,
    outside,
    split,
    tokens,
)

MOST_LEVELS = 100  # of blocks inside of each other; Python's

_UPDATES = frozenset(("+=", "-=", "*=", "/=", "//=", "%=", "**=", "@="))
_COMPOUND = frozenset(("if", "elif", "else", "for", "while"))
_CHECKS = frozenset(("raise", "assert"))
_AFTER_WORD = frozenset(("name", "call", "number", "declared", "string", "not"))
_IN_TARGETS = frozenset(("name", "target", ",", "(", ")"))
# What only a program has, at the start of a statement. A match elsewhere does no harm.
_STATEMENT = re.compile(
    r"""(?: ^ | ; ) [ \t]* (?:
          (?: if|elif|else|for|while|assert|raise|pass|break|continue ) (?!\w)
        | \w+ [ \t]* (?: [-+*/%@] | // | \*\* ) = (?!=)
        | \w+ [ \t]* \[ [^\n;]* \] [ \t]* [-+*/%@]*+ = (?!=)
        | \(? \w+ [ \t]* , [\w \t,()]* = (?!=) )""",
    re.MULTILINE | re.VERBOSE,
)
_FIELD = re.compile(
    r"(?P<text> (?: [^{}] | \{\{ | \}\} )+ )"
    r"| \{ (?P<value> [^{}!:]* ) (?: ! (?P<conversion> [rsa] ) )? (?: : (?P<spec> [^{}]* ) )? \}"
    r"| [{}]",
    re.VERBOSE,
)


def has_statements(text: str) -> bool:
    """Whether a text may be more than assignments and expressions; a name alone is an input."""
    return _STATEMENT.search(text) is not None and not text.strip().isidentifier()


def statements(text: str) -> list[Statement]:
    """The statements of a program.

    Raises:
        ParseError: where they are not put together as Python has it.
    """
    return _Blocks(text).program()


class _Blocks:
    """The lines of a text, one after the other.

    Attributes:
        at: the number of the next line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = list(lines_of(text))
        self.at = 0

    def program(self) -> list[Statement]:
        found: list[Statement] = []
        if self.lines:
            found = self.block(self.lines[0].indent, level=0, is_in_loop=False)
        return found

    def refuse(self, span: Span, message: str, suggestion: str | None = None) -> NoReturn:
        raise ParseError(message, text=self.text, span=span, suggestion=suggestion)

    # --- blocks ------------------------------------------------------------------------------

    def block(self, indent: str, *, level: int, is_in_loop: bool) -> list[Statement]:
        """The statements that stand so far to the right."""
        if level > MOST_LEVELS:
            span = self.lines[self.at].words[0].span
            message = f"blocks are nested more than {MOST_LEVELS} deep"
            raise LimitError(message, text=self.text, span=span)
        found: list[Statement] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.indent != indent:
                if self._is_deeper(line, indent):
                    advice = "indent a line only below one that ends with ':'"
                    self.refuse(line.words[0].span, "the line is indented too far", advice)
                break
            self.at += 1
            found += self._line(line, level, is_in_loop=is_in_loop)
        if level == 0 and self.at < len(self.lines):
            self._refuse_indent(self.lines[self.at])
        return found

    def _is_deeper(self, line: Line, indent: str) -> bool:
        """Whether a line stands further to the right."""
        if line.indent.startswith(indent):
            return len(line.indent) > len(indent)
        if not indent.startswith(line.indent):
            self.refuse(
                Span(line.words[0].start - len(line.indent), line.words[0].start),
                "the line is indented by other blanks than those around it",
                "indent by spaces alone",
            )
        return False

    def _refuse_indent(self, line: Line) -> NoReturn:
        advice = "let it begin below the first word of an earlier line"
        self.refuse(line.words[0].span, "the line is indented like none before it", advice)

    def _line(self, line: Line, level: int, *, is_in_loop: bool) -> Sequence[Statement]:
        first = line.words[0]
        if _is_compound(line.words):
            if first.text in ("elif", "else"):
                advice = "write it below the block of an 'if', as far to the left as that"
                self.refuse(first.span, f"'{first.text}' has no 'if'", advice)
            return [self._compound(line, level, is_in_loop=is_in_loop)]
        return [
            self._simple(words, is_in_loop=is_in_loop)
            for words in split(line.words, ";")
            if len(words) > 1
        ]

    def _compound(self, line: Line, level: int, *, is_in_loop: bool) -> Statement:
        """An `if`, `for` or `while` with its blocks."""
        first = line.words[0]
        is_loop = first.text != "if"
        header, body = self._header(line, level, is_in_loop=is_loop or is_in_loop)
        clauses = [(first, header, body)]
        other: list[Statement] = []
        while self.at < len(self.lines) and self.lines[self.at].indent == line.indent:
            further = self.lines[self.at]
            word = further.words[0]
            if not _is_compound(further.words) or word.text not in ("elif", "else"):
                break
            if word.text == "elif" and is_loop:
                self.refuse(word.span, f"'elif' has no 'if': it follows a '{first.text}'")
            self.at += 1
            header, body = self._header(further, level, is_in_loop=is_in_loop)
            if word.text == "else":
                if len(header) > 1:
                    self.refuse(header[0].span, "':' is missing after 'else'", "write else:")
                other = body
                break
            clauses.append((word, header, body))
        if first.text == "for":
            return self._for(first, clauses[0][1], clauses[0][2], other)
        for word, header, body in reversed(clauses):
            kind = "while" if first.text == "while" else "if"
            made = Statement(kind, word, (header,), body=tuple(body), other=tuple(other))
            other = [made]
        return made

    def _header(self, line: Line, level: int, *, is_in_loop: bool) -> tuple[Words, list[Statement]]:
        """What stands between a statement's first word and its colon, and its block."""
        words = line.words
        first = words[0]
        colon = next((at for at, word in outside(words) if word.kind == ":"), None)
        if colon is None:
            self._check_brackets(words)
            end = words[-2].span.end
            shown = f"{first.text}:" if first.text == "else" else f"{first.text} ...:"
            place = Span(end - 1, end)
            self.refuse(place, f"':' is missing at the end of the '{first.text}'", f"write {shown}")
        header = (*words[1:colon], ended_by(words[colon]))
        if len(header) > 1 and header[-2].kind == "declared":
            header = (*header[:-2], header[-2]._replace(kind="name"), header[-1])
        if len(header) == 1 and first.text != "else":
            what = "what it goes through" if first.text == "for" else "a condition"
            self.refuse(words[colon].span, f"{what} is missing after '{first.text}'")
        rest = words[colon + 1 :]
        if len(rest) > 1:
            if _is_compound(rest):
                advice = "begin a new line, further to the right"
                span = rest[0].span
                self.refuse(span, f"'{rest[0].text}' cannot stand behind a colon", advice)
            late = [word for at, word in outside(rest) if _is_else(rest[at:])]
            if late:
                advice = "begin a new line with it"
                self.refuse(late[0].span, "'else' cannot stand behind a block", advice)
            simple = [part for part in split(rest, ";") if len(part) > 1]
            return header, [self._simple(part, is_in_loop=is_in_loop) for part in simple]
        return header, self._inner_block(line, words[colon], level, is_in_loop=is_in_loop)

    def _check_brackets(self, words: Words) -> None:
        """Refuse a bracket that is never closed, so that the lines below belong to it."""
        for at, word in enumerate(words):
            if word.kind in OPENING and closing(words, at) < 0:
                self.refuse(word.span, f"'{word.kind}' is never closed")

    def _inner_block(
        self, line: Line, colon: Token, level: int, *, is_in_loop: bool
    ) -> list[Statement]:
        further = self.lines[self.at] if self.at < len(self.lines) else None
        if further is None or not self._is_deeper(further, line.indent):
            span = colon.span if further is None else further.words[0].span
            self.refuse(
                span,
                f"the block of the '{line.words[0].text}' is missing",
                "indent its lines by four spaces; write pass where nothing is to be done",
            )
        return self.block(further.indent, level=level + 1, is_in_loop=is_in_loop)

    def _for(
        self, first: Token, header: Words, body: Sequence[Statement], other: Sequence[Statement]
    ) -> Statement:
        """`for i in range(n)`."""
        place = next((at for at, word in outside(header) if word.kind == "in"), None)
        if place is None or place == 0 or place == len(header) - 2:
            self.refuse(
                first.span, "'for' needs a name and what it goes through",
                "write for i in range(n):",
            )  # fmt: skip
        target = self._target((*header[:place], ended_by(header[place])))
        source = header[place + 1 :]
        return Statement("for", first, (source,), target, tuple(body), tuple(other))

    # --- simple statements -------------------------------------------------------------------

    def _simple(self, words: Words, *, is_in_loop: bool) -> Statement:
        first = words[0]
        if _is_compound(words):
            advice = "begin a new line with it"
            self.refuse(first.span, f"'{first.text}' cannot stand behind a ';'", advice)
        if first.kind == "declared":
            ender = Token("end", "", words[-1].start)
            return Statement("declare", first, ((*words[:-1], ender),))
        if first.kind == "return":
            return Statement("return", first, (words[1:],))
        if first.text in ("break", "continue") and len(words) == 2:
            if not is_in_loop:
                self.refuse(first.span, f"'{first.text}' stands in no loop")
            return Statement(first.text, first)
        if first.text == "pass" and len(words) == 2:
            return Statement("pass", first)
        if first.text in _CHECKS and (words[1].kind in _AFTER_WORD or first.kind == "call"):
            return self._raise(words) if first.text == "raise" else self._assert(words)
        return self._assignment(words)

    def _assignment(self, words: Words) -> Statement:
        """`a = v`, `a, b = v`, `a[i] = v`, each with an operator too, or an expression."""
        first = words[0]
        signs = (at for at, w in outside(words) if w.kind == "=" or w.kind in _UPDATES)
        at = next(signs, None)
        if at is None:
            return Statement("result", first, (words,))
        word, left, value = words[at], words[:at], words[at + 1 :]
        is_element = len(left) > 3 and first.kind == "name" and left[1].kind == "["
        is_element = is_element and closing(left, 1) == at - 1
        if not is_element and any(w.kind not in _IN_TARGETS for w in left):
            return Statement("result", first, (words,))  # the parser of expressions explains it
        if not left:
            return Statement("result", first, (words,))
        if len(value) == 1:
            self.refuse(word.span, f"an expression is missing after '{word.text}'")
        ender = Token("end", "", left[-1].span.end)
        if word.kind != "=":
            if not is_element and len(left) > 1:
                self.refuse(word.span, f"'{word.text}' takes one name before it")
            value = _joined(left, word, value)
        if is_element:
            return Statement("store", first, (value, (*left, ender)))
        kind = "assign" if word.kind == "=" else "update"
        return Statement(kind, first, (value,), self._target((*left, ender)))

    def _target(self, words: Words) -> Target:
        """A name, or names with commas between."""
        if len(words) == 2:
            if words[0].kind not in ("name", "target"):
                self.refuse(words[0].span, "only a name can be bound here")
            return Target(words[0])
        if words[0].kind in OPENING and closing(words, 0) == len(words) - 2:
            return self._target((*words[1:-2], words[-1]))
        parts = [part for part in split(words, ",") if len(part) > 1]
        if not parts or len(parts[0]) == len(words):
            place = words[0] if not parts else words[1]
            self.refuse(place.span, "only names with commas between them can be bound")
        targets = [self._target(part) for part in parts]
        return Target(targets[0].first, tuple(targets))

    # --- checks ------------------------------------------------------------------------------

    def _assert(self, words: Words) -> Statement:
        """`assert test, "message"`, as an `if` whose other way raises."""
        test, *more = split(words[1:], ",")
        if len(test) == 1 or len(more) > 1:
            self.refuse(words[0].span, "'assert' needs a condition", 'write assert x > 0, "why"')
        message = None if not more else self._message(more[0])
        error = Token("name", "AssertionError", words[0].start)
        fails = Statement("raise", error, _values(message), message=message)
        return Statement("if", words[0], (test,), other=(fails,))

    def _raise(self, words: Words) -> Statement:
        """`raise ValueError("message")`."""
        advice = 'write raise ValueError("why")'
        error = words[1]
        if error.kind not in ("name", "call"):
            self.refuse(words[0].span, "'raise' needs an error", advice)
        message = None
        if error.kind == "call":
            if closing(words, 2) != len(words) - 2:
                self.refuse(error.span, "'raise' takes an error alone", advice)
            given = (*words[3:-2], words[-1])
            message = None if len(given) == 1 else self._message(given)
        elif len(words) > 3:
            self.refuse(words[2].span, "'raise' takes an error alone", advice)
        return Statement("raise", error, _values(message), message=message)

    def _message(self, words: Words) -> tuple[str | Piece, ...]:
        """The texts and values of the strings of a message."""
        pieces: list[str | Piece] = []
        for word in words[:-1]:
            if word.kind != "string":
                self.refuse(word.span, "the message of an error is one text", 'write "..."')
            pieces += self._pieces(word)
        return tuple(pieces)

    def _pieces(self, string: Token) -> Iterator[str | Piece]:
        prefix, body = re.match(r"(\w*)(?s:(.*))", string.text).groups()  # type: ignore[union-attr]
        if prefix.lower() not in ("", "f") or "\\" in body:
            advice = "write plain text between plain quotes"
            self.refuse(string.span, "a message has no backslashes, and no prefix but f", advice)
        if not prefix:
            yield body[1:-1]
            return
        start = string.start + len(prefix) + 1
        for match in _FIELD.finditer(body[1:-1]):
            if match["text"]:
                yield match["text"].replace("{{", "{").replace("}}", "}")
                continue
            place = start + match.start()
            value = match["value"]
            if value is None or not value.strip():
                self.refuse(Span(place, place + 1), "a brace stands alone in the message")
            inner = [token for token in tokens(value) if token.kind not in ENDS]
            shifted = [token._replace(start=token.start + place + 1) for token in inner]
            ender = Token("end", "", place + 1 + len(value))
            yield Piece((*shifted, ender), match["conversion"] or "", match["spec"] or "")


def _values(message: Sequence[str | Piece] | None) -> tuple[Words, ...]:
    return tuple(piece.value for piece in message or () if isinstance(piece, Piece))


def _joined(left: Words, operator: Token, value: Words) -> Words:
    """`a + (value)` for `a += value`."""
    name = left[0]._replace(kind="name")
    sign = operator.text[:-1]
    opened = Token("(", "(", value[0].start)
    closed = Token(")", ")", value[-2].span.end - 1)
    middle = Token(sign, sign, operator.start)
    return (name, *left[1:], middle, opened, *value[:-1], closed, value[-1])


def _is_compound(words: Words) -> bool:
    """Whether a statement is one with a block, and not of an input of such a name."""
    first = words[0]
    if first.kind == "declared":
        is_type = words[2].kind == "[" or words[2].text in KINDS
        return first.text in _COMPOUND and not is_type
    if first.text not in _COMPOUND or first.kind not in ("name", "call", "if", "else"):
        return False
    if first.kind in ("if", "else") or words[1].kind in _AFTER_WORD:
        return True
    return any(word.kind == ":" for _, word in outside(words))


def _is_else(words: Words) -> bool:
    """Whether an `else` with a colon stands first."""
    return words[0].kind == "else" and words[1].kind == ":"

"""A word too few: an operand, an operator or a bracket that should stand between two words."""

from __future__ import annotations

import keyword
import re

from symdiff.errors import Span, SymdiffError
from symdiff.frontend.text.advice import LONGEST_QUOTE, Advice, error_at, primary, quote
from symdiff.frontend.text.callees import is_function
from symdiff.frontend.text.reading import BRACKET, Reading
from symdiff.frontend.text.tokens import ENDS

_BOTH_READINGS = frozenset(("/", "//", "%", "**", "^"))

NO_LAMBDA = Advice(
    "functions without a name ('lambda x: ...') are not part of the grammar",
    "write the formula alone",
)


def missing_operand(r: Reading) -> SymdiffError:
    """An operand should stand before this word."""
    token, previous = r.token, r.previous
    starts = previous is token or previous.kind in ENDS
    closes = token.kind in (")", "]")
    if closes and (len(r.frames) == 1 or r.frames[-1].bracket.closer != token.kind):
        return unopened(r)
    if token.kind in ENDS and previous.kind in ("(", "call", "[", ":"):
        return unclosed(r)
    if closes and previous.kind in ("(", "["):
        return empty_brackets(r)
    if token.kind == "=" and starts:
        return error_at(r, token.span, Advice("a name is missing before '='"))
    if closes or token.kind in ENDS:
        suggestion = None
        if token.kind == "newline":
            suggestion = "put brackets around an expression that goes over several lines"
        advice = Advice(f"an expression is missing after '{previous.text}'", suggestion)
        return error_at(r, previous.span, advice)
    if starts or previous.kind in ("(", "call", ",", "=", "["):
        return error_at(r, token.span, Advice(f"an expression is missing before '{token.text}'"))
    suggestion = "write ** for a power" if token.kind == previous.kind == "*" else None
    message = f"an expression is missing between '{previous.text}' and '{token.text}'"
    return error_at(r, token.span, Advice(message, suggestion))


def missing_operator(r: Reading) -> SymdiffError:
    """Two operands stand side by side."""
    text, token, left = r.text, r.token, r.values[-1]
    word = text[left.start : left.end]
    if len(r.frames) > 1 and "\n" in text[left.end : token.start]:
        return unclosed(r)
    statement = _statement(r, word)
    if statement is not None:
        return statement
    right = primary(text, token.start)
    span = Span(left.start, token.start + len(token.text))
    if "\n" in text[span.start : span.end] or span.end - span.start > LONGEST_QUOTE:
        span = token.span
    if token.kind == "number" and left.end == token.start and r.previous.kind == "number":
        return error_at(r, span, Advice(f"'{word}{token.text}' is not a number"))
    if token.kind in ("None", "not"):
        return error_at(r, token.span, Advice(f"an operator is missing before '{token.text}'"))
    advice = _call_without_brackets(r, word, right)
    if advice is None:
        shown = quote(text, left.start, left.end, "(...)")
        advice = Advice(
            f"a multiplication sign is missing between '{shown}' and '{right}'",
            _product(r, shown, right),
        )
    return error_at(r, span, advice)


def _statement(r: Reading, left: str) -> SymdiffError | None:
    """The error where the words look like one of Python's statements."""
    token, before = r.token, r.values[-1].span
    if left == "lambda":
        return error_at(r, before, NO_LAMBDA)
    if token.text == "for":
        advice = Advice("comprehensions and loops are not part of the grammar")
        return error_at(r, token.span, advice)
    if token.text == "not" and re.match(r"not\s+in\b", r.text[token.start : token.start + 99]):
        advice = Advice("'not in' is not part of the grammar", "compare with != and join by 'and'")
        return error_at(r, token.span, advice)
    if keyword.iskeyword(left) and left not in ("True", "False", "None"):
        return error_at(r, before, Advice(f"'{left}' statements are not part of the grammar"))
    return None


def _call_without_brackets(r: Reading, word: str, right: str) -> Advice | None:
    """Advice for `sin x` and `sin^2(x)`."""
    if is_function(word) and r.token.kind != "(":
        argument = right[1:-1] if right.startswith("(") else right
        return Advice(f"the brackets of '{word}' are missing", f"write {word}({argument})")
    signs = [entry for entry in r.pending[-2:] if entry.token.kind in ("**", "^")]
    if not signs or len(r.values) < 2:
        return None
    name = r.text[r.values[-2].start : r.values[-2].end]
    if not is_function(name):
        return None
    exponent = r.text[signs[-1].token.span.end : r.values[-1].end].strip()
    argument = right if right.startswith("(") else f"({right})"
    suggestion = f"write {name}{argument}**{exponent}"
    if exponent == "-1" and is_function(f"arc{name}"):
        suggestion = f"write arc{name}{argument}, or 1/{name}{argument}"
    return Advice(f"the power of '{name}' stands before its argument", suggestion)


def _product(r: Reading, left: str, right: str) -> str:
    """`write 2*x`; both readings where the sign before makes a difference."""
    before = r.pending[-1]
    sign = before.token.text
    if before.precedence != BRACKET and sign in _BOTH_READINGS and len(r.values) > 1:
        first = quote(r.text, r.values[-2].start, r.values[-2].end, "(...)")
        return f"write {first}{sign}{left}*{right} or {first}{sign}({left}*{right})"
    return f"write {left}*{right}"


# --- brackets ----------------------------------------------------------------------------------


def unclosed(r: Reading) -> SymdiffError:
    """The statement ends inside of a bracket."""
    opener, _, bracket, callee = r.frames[-1]
    what = f"'{bracket.sign}'" if callee is None else f"the bracket of '{opener.text}('"
    advice = Advice(f"{what} is never closed", f"write {bracket.closer} at its end")
    return error_at(r, opener.span, advice)


def unopened(r: Reading) -> SymdiffError:
    """A closing bracket stands alone, or closes one of the other kind."""
    sign, bracket = r.token.kind, r.frames[-1].bracket
    advice = Advice(f"'{sign}' has no opening bracket")
    if len(r.frames) > 1:
        advice = Advice(f"'{bracket.sign}' is closed by '{sign}'", f"write {bracket.closer}")
    return error_at(r, r.token.span, advice)


def empty_brackets(r: Reading) -> SymdiffError:
    """Nothing stands between two brackets."""
    span = Span(r.previous.start, r.token.start + 1)
    return error_at(r, span, Advice("nothing stands between the brackets"))

"""What is wrong where the parser cannot go on: the reader's sentence, the place, what to write.

The parser calls `at_operand` where it wants an operand and finds another word, and `at_operator`
where it has one and finds no operator. Most mistakes are a row of a table; those whose advice
quotes the text are a function each.
"""

from __future__ import annotations

import keyword
import re

from symdiff.errors import Span, SymdiffError
from symdiff.frontend.text import words
from symdiff.frontend.text.functions import is_function
from symdiff.frontend.text.reading import (
    BRACKET,
    CALL,
    ELLIPSIS,
    KEYWORD,
    LIST,
    LONGEST_QUOTE,
    NONE,
    OPEN_SLICE,
    SLICE,
    STRING,
    TUPLE,
    Advice,
    Item,
    Reading,
    error_at,
    primary,
    quote,
)
from symdiff.frontend.text.tokens import ENDS, Token

_OPERANDS = frozenset(("number", "name", "call", "target", "declared", "(", "None", "not"))
_PREFIXES = frozenset(("np", "numpy", "math", "sp", "sympy", "scipy", "special", "jnp", "torch"))
_DOTTED = re.compile(r"\.\s*(\w+(?:\s*\.\s*\w+)*)")


_UPDATE = Advice("an assignment with an operator stands alone, after a name", "write x += 1")
_SHIFT = Advice("shifts of bits are not part of the grammar", "write x*2**n or x//2**n")
_AND = Advice("conditions are joined by words", "write 'and'")
_OR = Advice("conditions are joined by words", "write 'or'")
_NOT = Advice("conditions are negated by a word", "write 'not'")
_PLACE_OF_COLON = Advice(
    "':' can stand only in a declaration and in an index", "write x: float, or x[1:3]"
)

# Wherever these stand
_NEVER = {
    "===": Advice("'===' is not an operator", "write =="),
    "!==": Advice("'!==' is not an operator", "write !="),
    "=>": Advice("'=>' is not an operator", "write >="),
    "=<": Advice("'=<' is not an operator", "write <="),
    "<>": Advice("'<>' is not an operator", "write !="),
    "&&": _AND,
    "&": _AND,
    "||": _OR,
    "|": _OR,
    "~": _NOT,
    "!": _NOT,
    "<<": _SHIFT,
    ">>": _SHIFT,
    "->": Advice("'->' is not an operator", "write > or -"),
    ":=": Advice(
        "an assignment cannot stand inside of an expression",
        "write it as a statement of its own: name = expression",
    ),
    "?": Advice("'?' is not an operator", "write a if condition else b"),
    "$": Advice("the sign '$' is not part of the grammar"),
    "{": Advice("dictionaries and sets are not part of the grammar", "group with ( and )"),
    "}": Advice("'}' has no opening bracket"),
    ":": _PLACE_OF_COLON,
    "string": Advice("a string cannot stand in a formula"),
    "return": Advice("'return' can stand only at the start of a statement"),
    "...": Advice("'...' can stand only in an index", "write for example x[..., 0]"),
    "None": Advice("None is not a number", "write nan for a missing value"),
    **{sign + "=": _UPDATE for sign in ("+", "-", "*", "/", "//", "%", "**", "@", "^", "&", "|")},
}
_AT_OPERATOR = {
    "!": Advice("'!' is not an operator", "write gamma(n + 1) for the factorial n!"),
    "is": Advice("'is' is not part of the grammar", "write =="),
    "in": Advice("'in' is not part of the grammar", "compare with == and join by 'or'"),
    "=": Advice("only a name can stand before '='", "write == for a comparison"),
}
_ELEMENT = Advice(
    "only an element of an array that has a name can be given a value",
    "name the array first: a = ...; a[0] = 1",
)
_AT_OPERAND = {
    "|": Advice("bars are not brackets", "write abs(x)"),
    "||": Advice("bars are not brackets", "write abs(x), or hypot(x, y) for a length"),
}


def at_operand(r: Reading) -> SymdiffError:
    """An operand is wanted and another word stands there."""
    token, previous = r.token, r.previous
    kind = token.kind
    if kind in ("stray", "target", "declared"):
        return _AT_OPERAND_QUOTED[kind](r)
    is_call = r.frames[-1].bracket is CALL
    if kind in ("*", "**") and is_call and previous.kind in ("(", "call", ","):
        return error_at(
            r, token.span, Advice(f"unpacking with '{kind}' is not part of the grammar")
        )
    advice = _AT_OPERAND.get(kind) or _NEVER.get(kind)
    return error_at(r, token.span, advice) if advice else missing_operand(r)


def at_operator(r: Reading) -> SymdiffError:
    """An operator is wanted and another word stands there."""
    token = r.token
    if token.kind in _OPERANDS:
        return missing_operator(r)
    if token.kind in ENDS:
        return unclosed(r)
    quoted = _AT_OPERATOR_QUOTED.get(token.kind)
    if quoted is not None:
        return quoted(r)
    if token.kind == "}" and len(r.frames) > 1:
        bracket = r.frames[-1].bracket
        advice = Advice(f"'{bracket.sign}' is closed by '}}'", f"write {bracket.closer}")
        return error_at(r, token.span, advice)
    found = _AT_OPERATOR.get(token.kind) or _NEVER.get(token.kind)
    if token.kind == "=" and r.previous.kind == "]":
        found = _ELEMENT
    return error_at(r, token.span, found or Advice(f"'{token.text}' cannot stand here"))


# --- what is no number, choices ----------------------------------------------------------------


def no_number(r: Reading, item: Item) -> SymdiffError:
    """A tuple, a string or the like where a number is wanted."""
    kind, suggestion = _KINDS[item.at]
    if item.at == TUPLE and r.text[item.end - 1] == ")" and r.text[item.start] != "(":
        suggestion = "take a part of it by an index, such as [0]"  # of what a function returns
    quoted = quote(r.text, item.start, item.end, _LONG[item.at])
    message = f"a number is wanted and '{quoted}' is {kind}"
    return error_at(r, item.span, Advice(message, suggestion))


def unfinished_choice(r: Reading, word: Token) -> SymdiffError:
    """An 'if' without 'else'."""
    return error_at(r, word.span, Advice("'if' has no 'else'", "write a if condition else b"))


def nested_choice(r: Reading) -> SymdiffError:
    """A choice as the condition of another."""
    advice = Advice("a choice inside of a condition needs brackets", "write (a if c else b)")
    return error_at(r, r.token.span, advice)


def choice_without_if(r: Reading) -> SymdiffError:
    """An 'else' without 'if'."""
    return error_at(r, r.token.span, Advice("'else' has no 'if'", "write a if condition else b"))


def misplaced_not(r: Reading, before: Token) -> SymdiffError:
    """`a + not b`, which Python refuses too."""
    advice = Advice(f"'not' cannot follow '{before.text}'", "put brackets around it: (not x)")
    return error_at(r, r.token.span, advice)


# --- attributes --------------------------------------------------------------------------------


def _attribute(r: Reading) -> SymdiffError:
    """An attribute other than `.T`."""
    left = r.values[-1]
    owner = r.text[left.start : left.end]
    found = _DOTTED.match(r.text, r.token.start)
    if found is None:
        return error_at(r, r.token.span, Advice("'.' cannot stand here"))
    span = Span(left.start if owner.isidentifier() else r.token.start, found.end())
    is_call = r.text[found.end() : found.end() + 2].lstrip().startswith("(")
    return refused_attribute(r, span, owner, found[1], is_call=is_call)


def refused_attribute(
    r: Reading, span: Span, owner: str, names: str, *, is_call: bool
) -> SymdiffError:
    """An attribute or a method; NumPy's function does the same.

    Args:
        r: the parser.
        span: the place.
        owner: what stands before the dot.
        names: what stands after it.
        is_call: whether it is called.
    """
    name = re.split(r"\W+", names)[-1]
    quoted = quote(r.text, span.start, span.end, "a.b")
    suggestion = None
    if re.split(r"\W+", owner)[0] in _PREFIXES:
        suggestion = f"drop the prefix: write {name}"
    elif is_function(name):
        shown = quote(owner, 0, len(owner), "...")
        suggestion = f"write {name}({shown}{', ...' if is_call else ''})"
        if is_call and re.match(r"\s*\(\s*\)", r.text[span.end : span.end + LONGEST_QUOTE]):
            suggestion = f"write {name}({shown})"
    what = "method" if is_call and suggestion and "prefix" not in suggestion else "attribute"
    advice = Advice(f"the {what} '{quoted}' is not part of the grammar", suggestion)
    return error_at(r, span, advice)


# --- '=' and ':' -------------------------------------------------------------------------------


def _target(r: Reading) -> SymdiffError:
    name = r.token.text
    if r.previous.kind == "=":
        return error_at(
            r, r.token.span, Advice("a statement assigns one name", "write y = x; z = x")
        )
    if len(r.frames) == 1 and r.previous.kind == ",":
        return error_at(
            r, r.token.span, Advice("a statement assigns one name", "write x = 1; y = 2")
        )
    place = r.text.index("=", r.token.start + len(name))
    return error_at(r, Span(place, place + 1), _AT_OPERATOR["="])


def _declared(r: Reading) -> SymdiffError:
    place = r.text.index(":", r.token.start)
    return error_at(r, Span(place, place + 1), _PLACE_OF_COLON)


# What an operand is that is no number, and what to do
_OUTERMOST = "tuples stand outermost, for several outputs, and as arguments of functions"
_KINDS = {
    TUPLE: ("a tuple", _OUTERMOST),
    LIST: ("a list", None),
    STRING: ("a string", None),
    NONE: ("None", "write nan for a missing value"),
    ELLIPSIS: ("an ellipsis", None),
    SLICE: ("a slice", None),
    OPEN_SLICE: ("a slice", None),
    KEYWORD: ("the name of an argument", None),
}
_LONG = {**dict.fromkeys(_KINDS, "..."), TUPLE: "(a, b)", LIST: "[a, b]"}

_AT_OPERAND_QUOTED = {"stray": words.stray, "target": _target, "declared": _declared}
_AT_OPERATOR_QUOTED = {"stray": words.stray, ".": _attribute}


# --- a word too few ----------------------------------------------------------------------------

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

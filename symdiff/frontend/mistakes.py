"""What is wrong where the parser cannot go on: the reader's sentence, the place, what to write.

The parser calls `at_operand` where it wants an operand and finds another word, and `at_operator`
where it has one and finds no operator. Most mistakes are a row of a table; those whose advice
quotes the text are a function each.
"""

from __future__ import annotations

import difflib
import re

from symdiff.errors import Span, SymdiffError, UnsupportedError
from symdiff.frontend import words
from symdiff.frontend.advice import Advice, error_at, primary, quote
from symdiff.frontend.functions import BY_NAME, FunctionRow
from symdiff.frontend.missing import missing_operand, missing_operator, unclosed
from symdiff.frontend.reading import Item, Reading
from symdiff.frontend.tokens import ENDS, Token

ARRAYS = "arrays are not supported yet"
_OPERANDS = frozenset(("number", "name", "call", "target", "declared", "(", "None", "not"))
_PREFIXES = frozenset(("np", "numpy", "math", "sp", "sympy", "scipy", "special", "jnp", "torch"))
_ARRAY_FUNCTIONS = frozenset(
    (
        "all", "amax", "amin", "any", "arange", "argmax", "argmin", "array", "concatenate",
        "cross", "cumprod", "cumsum", "det", "diag", "diff", "dot", "einsum", "eye", "full",
        "inner", "inv", "linspace", "logsumexp", "matmul", "mean", "median", "norm", "ones",
        "outer", "prod", "reshape", "softmax", "solve", "sort", "stack", "std", "sum",
        "tensordot", "trace", "transpose", "var", "zeros",
    )
)  # fmt: skip
_DOTTED = re.compile(r"\.\s*(\w+(?:\s*\.\s*\w+)*)")
_DEFINITION = re.compile(r"(\w+)\s*\([^()\n]*\)\s*=(?!=)")


_UPDATE = Advice("an assignment with an operator is not part of the grammar", "write x = x + 1")
_SHIFT = Advice("shifts of bits are not part of the grammar", "write x*2**n or x//2**n")
_AND = Advice("conditions are joined by words", "write 'and'")
_OR = Advice("conditions are joined by words", "write 'or'")
_NOT = Advice("conditions are negated by a word", "write 'not'")
_PLACE_OF_COLON = Advice("':' can stand only in a declaration", "write x: float")

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
    "]": Advice("']' has no opening bracket"),
    ":": _PLACE_OF_COLON,
    "string": Advice("a string cannot stand in a formula"),
    "return": Advice("'return' can stand only at the start of a statement"),
    "@": Advice(
        f"{ARRAYS}: '@' multiplies matrices", "write * for a product of numbers", UnsupportedError
    ),
    "None": Advice("None is not a number", "write nan for a missing value"),
    **{sign + "=": _UPDATE for sign in ("+", "-", "*", "/", "//", "%", "**", "@", "^", "&", "|")},
}
_AT_OPERATOR = {
    "!": Advice("'!' is not an operator", "write gamma(n + 1) for the factorial n!"),
    "is": Advice("'is' is not part of the grammar", "write =="),
    "in": Advice("'in' is not part of the grammar", "compare with == and join by 'or'"),
    "=": Advice("only a name can stand before '='", "write == for a comparison"),
}
_AT_OPERAND = {
    "|": Advice("bars are not brackets", "write abs(x)"),
    "||": Advice("bars are not brackets", "write abs(x), or hypot(x, y) for a length"),
    "[": Advice(f"{ARRAYS}: '[' starts a list", "group with ( and )", UnsupportedError),
}


def at_operand(r: Reading) -> SymdiffError:
    """An operand is wanted and another word stands there."""
    token, previous = r.token, r.previous
    kind = token.kind
    if kind in ("stray", "target", "declared"):
        return _AT_OPERAND_QUOTED[kind](r)
    if kind in ("*", "**") and r.frames[-1].function and previous.kind in ("(", "call", ","):
        return error_at(
            r, token.span, Advice(f"unpacking with '{kind}' is not part of the grammar")
        )
    if kind == "[" and _has_loop(r.text, token.start):
        return error_at(r, token.span, Advice("comprehensions are not part of the grammar"))
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
    if token.kind in ("]", "}") and len(r.frames) > 1:
        opener = r.frames[-1].opener.text
        return error_at(r, token.span, Advice(f"'{opener}' is closed by '{token.kind}'", "write )"))
    advice = _AT_OPERATOR.get(token.kind) or _NEVER.get(token.kind)
    return error_at(r, token.span, advice or Advice(f"'{token.text}' cannot stand here"))


# --- tuples, choices ---------------------------------------------------------------------------


def misplaced_tuple(r: Reading, item: Item) -> SymdiffError:
    """A tuple where a number is wanted."""
    advice = Advice(
        f"a number is wanted and '{quote(r.text, item.start, item.end, '(a, b)')}' is a tuple",
        "tuples stand outermost, for several outputs, and in Piecewise",
    )
    return error_at(r, item.span, advice)


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


# --- functions ---------------------------------------------------------------------------------


def unknown_function(r: Reading, name: str, *, is_value: bool) -> SymdiffError:
    """A call of what is no function."""
    token = r.token
    if _DEFINITION.match(r.text, token.start) and not r.values and len(r.frames) == 1:
        advice = Advice("functions cannot be defined here", f"write {name} = expression")
        return error_at(r, token.span, advice)
    if name in _ARRAY_FUNCTIONS:
        advice = Advice(f"{ARRAYS}: '{name}' works on arrays", None, UnsupportedError)
        return error_at(r, token.span, advice)
    near = None if is_value else _nearest(name)
    if near is not None:
        suggestion = f"did you mean '{near}'?"
    else:
        brackets = primary(r.text, r.text.index("(", token.start))
        suggestion = f"write {name}*{brackets} for a product"
    return error_at(r, token.span, Advice(f"unknown function '{name}'", suggestion))


def wrong_count(r: Reading, span: Span, row: FunctionRow, count: int) -> SymdiffError:
    """A call with too few or too many arguments."""
    least, most = row.least, row.most
    if most is None:
        wanted = f"at least {least}"
    elif least == most:
        wanted = str(least)
    else:
        wanted = f"{least} or {most}"
    plural = "" if wanted.endswith("1") else "s"
    name = r.text[span.start : r.text.index("(", span.start)].rstrip()
    message = f"'{name}' takes {wanted} argument{plural}, not {count}"
    return error_at(r, span, Advice(message, f"write {name}({row.arguments})"))


def no_pair(r: Reading, item: Item) -> SymdiffError:
    """An argument of Piecewise that is no pair."""
    advice = Advice(
        "Piecewise takes pairs of a value and a condition",
        "write Piecewise((a, condition), (b, True))",
    )
    return error_at(r, item.span, advice)


def _nearest(name: str) -> str | None:
    if name.lower() in BY_NAME:
        return name.lower()
    letters = sorted(name)
    for known in BY_NAME:
        if sorted(known) == letters:  # two letters exchanged, the commonest slip
            return known
    near = difflib.get_close_matches(name, list(BY_NAME), n=1, cutoff=0.7)
    return near[0] if near else None


# --- attributes --------------------------------------------------------------------------------


def _attribute(r: Reading) -> SymdiffError:
    left = r.values[-1]
    owner = r.text[left.start : left.end]
    found = _DOTTED.match(r.text, r.token.start)
    if found is None:
        return error_at(r, r.token.span, Advice("'.' cannot stand here"))
    name = re.split(r"\W+", found[1])[-1]
    suggestion = None
    if owner in _PREFIXES:
        suggestion = f"drop the prefix: write {name}"
    span = Span(left.start if owner.isidentifier() else r.token.start, found.end())
    quoted = quote(r.text, span.start, span.end, "a.b")
    advice = Advice(f"the attribute '{quoted}' is not part of the grammar", suggestion)
    if name == "T":
        advice = Advice(f"{ARRAYS}: '.T' transposes one", None, UnsupportedError)
    return error_at(r, span, advice)


# --- '=' and ':' -------------------------------------------------------------------------------


def _target(r: Reading) -> SymdiffError:
    name, frame = r.token.text, r.frames[-1]
    if frame.function is not None:
        advice = Advice(
            f"{ARRAYS}, and with them keyword arguments such as '{name}='",
            f"write {frame.function.signature}",
            UnsupportedError,
        )
        return error_at(r, r.token.span, advice)
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


def _index(r: Reading) -> SymdiffError:
    advice = Advice(f"{ARRAYS}: '[' takes an element of one", None, UnsupportedError)
    return error_at(r, r.token.span, advice)


def _has_loop(text: str, start: int) -> bool:
    """Whether a list is a comprehension."""
    stop = text.find("]", start)
    return re.search(r"\bfor\b", text[start : stop if stop >= 0 else len(text)]) is not None


_AT_OPERAND_QUOTED = {"stray": words.stray, "target": _target, "declared": _declared}
_AT_OPERATOR_QUOTED = {"stray": words.stray, ".": _attribute, "[": _index}

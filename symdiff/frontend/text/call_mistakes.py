"""What is wrong with a call: the function's name, how many arguments it has, or their names."""

from __future__ import annotations

import difflib
import re

from symdiff.errors import Span, SymdiffError
from symdiff.frontend.text.advice import Advice, error_at, primary
from symdiff.frontend.text.callees import Callee, nearest_function
from symdiff.frontend.text.mistakes import refused_attribute
from symdiff.frontend.text.reading import Item, Reading

_DEFINITION = re.compile(r"(\w+)\s*\([^()\n]*\)\s*=(?!=)")


def unknown_function(r: Reading, name: str, *, is_value: bool) -> SymdiffError:
    """A call of what is no function."""
    token = r.token
    if _DEFINITION.match(r.text, token.start) and not r.values and len(r.frames) == 1:
        advice = Advice("functions cannot be defined here", f"write {name} = expression")
        return error_at(r, token.span, advice)
    owner, dot, last = name.rpartition(".")
    if dot:
        return refused_attribute(r, token.span, owner, last, is_call=True)
    near = None if is_value else nearest_function(name)
    if near is not None:
        suggestion = f"did you mean '{near}'?"
    else:
        brackets = primary(r.text, r.text.index("(", token.start))
        suggestion = f"write {name}*{brackets} for a product"
    return error_at(r, token.span, Advice(f"unknown function '{name}'", suggestion))


def wrong_count(r: Reading, span: Span, callee: Callee, count: int) -> SymdiffError:
    """A call with too few or too many arguments."""
    least, most = _counts(callee, count)
    if most is None:
        wanted = f"at least {least}"
    elif least == most:
        wanted = str(least)
    else:
        wanted = f"{least} or {most}" if most == least + 1 else f"{least} to {most}"
    plural = "" if wanted.endswith("1") else "s"
    message = f"'{callee.name}' takes {wanted} argument{plural}, not {count}"
    return error_at(r, span, Advice(message, f"write {callee.signature}"))


def _counts(callee: Callee, count: int) -> tuple[int, int | None]:
    """How many arguments a function needs, and how many it takes; not so many."""
    found = callee.of_numbers
    if found is None or found.takes(count):
        found = callee.lowering or found
    assert found is not None  # a callee is one or the other
    return found.least, found.most


def unknown_keyword(r: Reading, callee: Callee, name: Item) -> SymdiffError:
    """An argument of a name that the function does not have."""
    word = r.text[name.start : name.end]
    known = [parameter.name for parameter in callee.parameters]
    near = difflib.get_close_matches(word, known, 1)
    suggestion = f"did you mean '{near[0]}='?" if near else f"write {callee.signature}"
    advice = Advice(f"'{callee.name}' has no argument '{word}'", suggestion)
    return error_at(r, name.span, advice)


def keyword_twice(r: Reading, name: Item) -> SymdiffError:
    """Two arguments of one name."""
    word = r.text[name.start : name.end]
    return error_at(r, name.span, Advice(f"the argument '{word}' stands twice"))


def value_after_keyword(r: Reading, item: Item) -> SymdiffError:
    """An argument without a name after one with a name."""
    advice = Advice(
        "an argument without a name follows one with a name", "move it before those with names"
    )
    return error_at(r, item.span, advice)


def no_type(r: Reading, item: Item) -> SymdiffError:
    """A dtype that is no string."""
    advice = Advice("a type of numbers is written as a string", 'write dtype="float64"')
    return error_at(r, item.span, advice)


def no_order(r: Reading, item: Item) -> SymdiffError:
    """An order that depends on inputs."""
    advice = Advice(
        "the order of a Bessel function must be a number, not a formula",
        "write for example besselj(0, x)",
    )
    return error_at(r, item.span, advice)


def no_pair(r: Reading, item: Item) -> SymdiffError:
    """An argument of Piecewise that is no pair."""
    advice = Advice(
        "Piecewise takes pairs of a value and a condition",
        "write Piecewise((a, condition), (b, True))",
    )
    return error_at(r, item.span, advice)

"""The line breaker: a long statement goes on several lines, inside of brackets, as ruff breaks it.

A newline in brackets never ends a statement, so what was Python stays Python. A statement is one
line until it comes here, whatever its length.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

WIDTH = 88
INDENT = "    "
_PROSE = WIDTH - 10  # with the indent, and the quotes on both sides
_QUOTES = '"""'
_TOKEN = re.compile(
    r"""(?P<string>"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comment>\#.*)|,|[ ]|[^"'()\[\]{}\#, ]+"""
)
_KEYWORDS = frozenset("assert def elif if raise return while".split())
_BEFORE_EQUALS = "+-*/@%&|^"
_LOOSEST_FIRST = (  # operators, which stand between spaces
    {"for"},
    {"if", "else"},
    {"or"},
    {"and"},
    {"in", "is", "<", ">", "<=", ">=", "==", "!="},
    {"|"},
    {"&"},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "@", "//", "%"},
)
_NUMBER = re.compile(r"-?\d+(\.\d*)?(e[-+]?\d+)?")
_ROW = re.compile(rf" *({_NUMBER.pattern},? ){{2,}}{_NUMBER.pattern},?")
_NAMED = re.compile(r"(\w+=(?!=)|\*\*?|\"[^\"]*\": )")  # what may stand before an item's value


def fitted(text: str) -> str:
    """A module whose statements are on as many lines as they need; docstrings stay as they are."""
    lines: list[str] = []
    is_prose = False
    for line in text.split("\n"):
        if len(line) <= WIDTH or is_prose or line.lstrip(" ").startswith(("#", _QUOTES)):
            lines.append(line)
        else:
            lines += broken(line)
        if _QUOTES in line:
            is_prose ^= line.count(_QUOTES) % 2 == 1
    return "\n".join(lines)


def broken(line: str) -> list[str]:
    """A statement, with its indent, on as many lines as it needs."""
    code = line.lstrip(" ")
    margin = line[: len(line) - len(code)]
    pieces = _pieces(code)
    comment = pieces.pop() if pieces[-1].startswith("#") else ""
    lines = _statement("".join(pieces).rstrip(" "), WIDTH - len(margin))
    if any(map(_ROW.fullmatch, lines)):  # numbers in rows are easier to read than in a column
        lines[-1] += "  # fmt: skip"
    if comment:
        lines[0] += f"  {comment}"
    return [margin + part for part in lines]


def prose(line: str, hanging: str = INDENT) -> list[str]:
    """A line of a docstring on as many lines as it needs, those after the first further in."""
    if len(line) <= _PROSE:
        return [line]
    return textwrap.wrap(
        line,
        _PROSE,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def tuple_text(items: Sequence[str]) -> str:
    """A tuple's text."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


# --- statements ----------------------------------------------------------------------------------


def _statement(code: str, room: int) -> list[str]:
    words = _split(_pieces(code), " ")
    returns = code.rfind(" -> ") if words[0] == "def" else -1
    if returns > 0:  # the parameters are broken, not the result
        head, tail = code[:returns], code[returns:]
        return _expression(head.removeprefix("def "), room, "def ", tail)
    if words[0] in _KEYWORDS:
        tail = ":" if code.endswith(":") else ""
        head = f"{words[0]} "
        return _expression(code[len(head) : len(code) - len(tail)], room, head, tail)
    if words[0] == "for" and code.endswith(":"):  # what it goes over is broken
        head = f"{code[: code.index(' in ')]} in "
        return _expression(code[len(head) : -1], room, head, ":")
    sign = next((word for word in words if word.strip(_BEFORE_EQUALS) == "="), "")
    if not sign:
        return _expression(code, room)
    at = words.index(sign)
    target, value = " ".join(words[:at]), " ".join(words[at + 1 :])
    lines = _expression(value, room, f"{target} {sign} ")
    if len(lines[0]) <= room:
        return lines
    *first, last = _expression(target, room, "", f" {sign} (")
    return [*first, *_expression(value, room, last[:-1])]


def _expression(text: str, room: int, head: str = "", tail: str = "") -> list[str]:
    """`head`, the expression, `tail`: on several lines in brackets around all or a part of it."""
    if len(head) + len(text) + len(tail) <= room:
        return [head + text + tail]
    found = _opened(text, room, head, tail)
    if found:
        return found
    inside = room - len(INDENT)
    if len(_parts(text)) == 1 and len(text) > inside:
        return [head + text + tail]
    items = _split(_pieces(text), ",")
    is_tuple = len(items) > 1 and not head.startswith("for ")
    lines = _each([x for x in items if x], inside) if is_tuple else _in_brackets(text, inside)
    return [f"{head}(", *_deeper(lines), f"){tail}"]


def _in_brackets(text: str, room: int, head: str = "", tail: str = "") -> list[str]:
    """The same where brackets stand around it already."""
    if len(head) + len(text) + len(tail) <= room:
        return [head + text + tail]
    items = _split(_pieces(text), ",")
    if len(items) > 1 and head != "for ":
        return _each([item for item in items if item], room)
    parts = _operands(text)
    if len(parts) == 1:
        return _opened(text, room, head, tail) or [head + text + tail]
    lines = []
    for number, (sign, operand) in enumerate(parts):
        end = tail if number == len(parts) - 1 else ""
        lines += _in_brackets(operand, room, sign if number else head, end)
    return lines


def _opened(text: str, room: int, head: str, tail: str) -> list[str]:
    """The text with one of its brackets opened, where at most one loose part stands before it."""
    pieces = _pieces(text)
    place = _place(pieces, room, head, tail)
    *first, last = _parts(text)
    if place is None or len(first) > 1:
        return []
    starts = len(first) == 1 and place == 0 and pieces[0][0] == "(" and "," not in pieces
    if first and last[-1] not in ")]}" and not starts:
        return []
    before, group, after = "".join(pieces[:place]), pieces[place], "".join(pieces[place + 1 :])
    is_in_last = len(before) >= len(text) - len(last)
    is_end = is_in_last and first and not after and "," not in pieces
    around = [last] if is_in_last else [*first, last]
    if not is_end and any(len(_operands(part)) > 1 for part in around):
        return []
    is_call = bool(before) and (before[-1].isalnum() or before[-1] in "_)]")
    if first and is_call and group[0] == "[":  # an index is not broken for an operator's sake
        return []
    inside = _inside(group, room - len(INDENT), is_call=is_call)
    return [f"{head}{before}{group[0]}", *_deeper(inside), f"{group[-1]}{after}{tail}"]


def _parts(text: str) -> list[str]:
    """What commas stand between, or else the loosest operators."""
    items = _split(_pieces(text), ",")
    return items if len(items) > 1 else [operand for _, operand in _operands(text)]


def _place(pieces: Sequence[str], room: int, head: str, tail: str) -> int | None:
    """The last brackets that can be opened so that what stands around them fits."""
    before = len(head) + sum(map(len, pieces))
    after = len(tail)
    for number in range(len(pieces) - 1, -1, -1):
        piece = pieces[number]
        before -= len(piece)
        is_filled = piece[0] in "([{" and len(piece) > 2
        if is_filled and before < room and after < room:
            return number
        after += len(piece)
    return None


def _inside(group: str, room: int, *, is_call: bool) -> list[str]:
    """What stands between two brackets: on one line in a call, else an item in each."""
    text = group[1:-1]
    items = _split(_pieces(text), ",")
    has_comma = len(items) > 1
    if not items[-1]:
        items.pop()
    is_plain = is_call or (group[0] == "(" and not has_comma)
    if is_plain and len(text) <= room:
        return [text]
    if not has_comma and (is_plain or _operands(text)[-1][0] == "for "):
        return _item(text, room, "")
    return _filled(items, room) if all(map(_NUMBER.fullmatch, items)) else _each(items, room)


def _each(items: Sequence[str], room: int) -> list[str]:
    """A line or more for each item, with its comma."""
    return [line for item in items for line in _item(item, room, ",")]


def _item(text: str, room: int, tail: str) -> list[str]:
    """An item in brackets, with the name or the key that may stand before it."""
    named = _NAMED.match(text)
    head = named[0] if named else ""
    return _in_brackets(text[len(head) :], room, head, tail)


def _filled(numbers: Sequence[str], room: int) -> list[str]:
    """As many numbers on a line as there is room for."""
    lines, current = [], ""
    for number in numbers:
        longer = f"{current} {number}," if current else f"{number},"
        if len(longer) > room and current:
            lines.append(current)
            longer = f"{number},"
        current = longer
    return [*lines, current]


# --- the parts of a text -------------------------------------------------------------------------


def _pieces(text: str) -> list[str]:
    """The outermost parts: brackets with what they hold, strings, commas, spaces, the rest."""
    pieces: list[str] = []
    depth = start = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind == "open":
            if depth == 0:
                start = found.start()
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth == 0:
                pieces.append(text[start : found.end()])
        elif depth == 0:
            pieces.append(found[0])
    return pieces


def _split(pieces: Sequence[str], mark: str) -> list[str]:
    """The texts between commas or spaces; the last is empty after a comma at the end.

    The commas of a comprehension stand between the names of its loop.
    """
    if mark == "," and "for" in pieces:
        return ["".join(pieces)]
    parts: list[list[str]] = [[]]
    for piece in pieces:
        if piece == mark:
            parts.append([])
        else:
            parts[-1].append(piece)
    return ["".join(part).strip(" ") for part in parts]


def _operands(text: str) -> list[tuple[str, str]]:
    """What the loosest operators stand between, each with the operator before it and a space."""
    words = _split(_pieces(text), " ")
    if len(words) > 1 and all(word[:1] in ("'", '"') for word in words):
        return [("", word) for word in words]  # strings in a row are one string
    between = set(words[1:])
    signs = next((signs for signs in _LOOSEST_FIRST if not signs.isdisjoint(between)), None)
    if signs is None:
        return [("", text)]
    parts: list[tuple[str, list[str]]] = [("", [])]
    for number, word in enumerate(words):
        if number and word in signs:
            parts.append((f"{word} ", []))
        else:
            parts[-1][1].append(word)
    return [(sign, " ".join(part)) for sign, part in parts]


def _deeper(lines: Sequence[str]) -> list[str]:
    return [INDENT + line for line in lines]

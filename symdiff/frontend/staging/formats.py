"""`"…".format(…)` and `"…" % (…)` as the `f"…"` that says the same."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Sequence

_PERCENT = re.compile(r"%([%sr])")  # numbers are formatted otherwise than by `format`


def as_f_string(node: ast.Call | ast.BinOp) -> ast.JoinedStr | None:
    """The text with its values, where it is in print and they are given one by one."""
    found = _of_call(node) if isinstance(node, ast.Call) else _of_operator(node)
    return None if found is None else ast.fix_missing_locations(ast.copy_location(found, node))


def _of_call(node: ast.Call) -> ast.JoinedStr | None:
    function = node.func
    if not (isinstance(function, ast.Attribute) and function.attr == str.format.__name__):
        return None
    text = _text(function.value)
    if text is None or node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        return None
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    pieces: list[ast.expr] = []
    for number, (before, name, spec, letter) in enumerate(parts):
        pieces += [ast.Constant(before)] * bool(before)
        if name is None:
            continue
        if name not in ("", str(number)) or "{" in (spec or "") or number >= len(node.args):
            return None  # each in its turn, as it is evaluated
        pieces.append(_field(node.args[number], letter or "", spec or ""))
    count = sum(name is not None for _, name, _, _ in parts)
    return ast.JoinedStr(pieces) if count == len(node.args) else None


def _of_operator(node: ast.BinOp) -> ast.JoinedStr | None:
    text = _text(node.left)
    if text is None or not isinstance(node.op, ast.Mod) or not isinstance(node.right, ast.Tuple):
        return None
    pieces = list(_percent_pieces(text, node.right.elts))
    count = sum(isinstance(piece, ast.FormattedValue) for piece in pieces)
    is_whole = None not in pieces and count == len(node.right.elts)
    return ast.JoinedStr(pieces) if is_whole else None  # type: ignore[arg-type]


def _percent_pieces(text: str, values: Sequence[ast.expr]) -> Iterator[ast.expr | None]:
    """The pieces; `None` for what is not known here."""
    at, number = 0, 0
    while at < len(text):
        end = text.find("%", at)
        if end != at:
            yield ast.Constant(text[at : end if end >= 0 else len(text)])
            at = end if end >= 0 else len(text)
            continue
        found = _PERCENT.match(text, at)
        if found is None or (found[1] != "%" and number >= len(values)):
            yield None
            return
        if found[1] == "%":
            yield ast.Constant("%")
        else:
            yield _field(values[number], found[1], "")
            number += 1
        at = found.end()


def _text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[attr-defined]


def _field(value: ast.expr, letter: str, spec: str) -> ast.FormattedValue:
    form = ast.JoinedStr([ast.Constant(spec)]) if spec else None
    return ast.FormattedValue(value, ord(letter) if letter else -1, form)

r"""MathML of symdiff's LaTeX, which browsers draw by themselves: no library and no font is needed.

What is read is what the spellings in `emit/spell/latex.py` write and no more, so that an operation
has one notation. A command that is not in the tables below is refused: a test says that none is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from symdiff.errors import UnsupportedError

LONGEST = 2_000  # characters of LaTeX: a longer formula is shown as text

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S|\s+", re.DOTALL)
_OPERATORS = {
    r"\cdot": "⋅",
    r"\odot": "⊙",
    r"\oslash": "⊘",
    r"\times": "×",
    r"\circ": "∘",
    r"\bmod": "mod",
    r"\neq": "≠",
    r"\leq": "≤",
    r"\geq": "≥",
    r"\wedge": "∧",
    r"\vee": "∨",
    r"\neg": "¬",
    r"\forall": "∀",
    r"\exists": "∃",
    r"\sum": "∑",
    r"\prod": "∏",
    r"\partial": "∂",
    r"\lfloor": "⌊",
    r"\rfloor": "⌋",
    r"\lceil": "⌈",
    r"\rceil": "⌉",
    r"\lVert": "‖",
    r"\rVert": "‖",
    r"\dots": "…",
    "-": "−",
    "'": "′",
}
_WORDS = frozenset(
    "max min det exp ln log sin cos tan arcsin arccos arctan sinh cosh tanh".split()
)  # names of functions, upright
_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "final sigma tau upsilon phi chi psi omega"
).split()  # in the order of Unicode, from U+03B1 on
_GREEK = {rf"\{word}": chr(0x3B1 + k) for k, word in enumerate(_SMALL)}
_GREEK |= {rf"\{word.capitalize()}": chr(0x391 + k) for k, word in enumerate(_SMALL)}
_GREEK[r"\infty"] = "∞"
_ACCENTS = {r"\dot": "˙", r"\bar": "¯", r"\hat": "^", r"\tilde": "~", r"\vec": "→"}
_UPRIGHT = (r"\mathrm", r"\operatorname", r"\mathbf")
_SPACES = {r"\quad": "1em", r"\,": "0.17em", r"\ ": "0.25em"}
_MANY = (r"\sum", r"\prod")  # what stands below them stands right below
_UNITS = {
    "cases": (("left", "left"), "{", ""),
    "bmatrix": (("center",), "[", "]"),
    "aligned": (("right", "left"), "", ""),
}  # by name, how cells are aligned, the last one from there on, and the fences


def mathml(tex: str, *, is_block: bool = False) -> str:
    """The element `<math>` of a formula.

    Args:
        tex: LaTeX as symdiff writes it.
        is_block: whether the formula stands alone, with large signs.

    Raises:
        UnsupportedError: for a command that symdiff does not write.
    """
    if len(tex) > LONGEST:
        return f"<code>{html.escape(tex)}</code>"
    display = ' displaystyle="true"' if is_block else ""
    return f"<math{display}>{_Reader(tex).row()}</math>"


class _Reader:
    """Reads LaTeX from left to right."""

    def __init__(self, tex: str) -> None:
        self._tokens = _TOKEN.findall(tex)
        self._at = 0

    def row(self) -> str:
        """What stands side by side, as one element."""
        parts = list(self._items())
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def _items(self) -> Iterator[str]:
        while (token := self._peek()) and token not in ("}", "&", r"\\", r"\right", r"\end"):
            yield self._with_scripts(token)

    def _peek(self) -> str:
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _with_scripts(self, token: str) -> str:
        """An atom, with what stands below and above it."""
        base = self._atom()
        scripts: dict[str, str] = {}
        while self._peek() in ("_", "^"):
            sign = self._next()
            scripts[sign] = self._atom()
        if not scripts:
            return base
        below, above = ("under", "over") if token in _MANY else ("sub", "sup")
        names = {"_": below, "^": above}
        tag = "m" + "".join([names[sign] for sign in "_^" if sign in scripts])
        return f"<{tag}>{base}{''.join([scripts[s] for s in '_^' if s in scripts])}</{tag}>"

    def _atom(self) -> str:
        token = self._next()
        read = self._commands().get(token)
        if read is not None:
            return read()
        if token in _UPRIGHT:
            style = ' style="font-weight:bold"' if token == r"\mathbf" else ""
            return f'<mi mathvariant="normal"{style}>{html.escape(self._raw())}</mi>'
        if token in _ACCENTS:
            return f'<mover accent="true">{self._group()}<mo>{_ACCENTS[token]}</mo></mover>'
        if token in _SPACES:
            return f'<mspace width="{_SPACES[token]}"/>'
        return _sign(token)

    def _commands(self) -> dict[str, Callable[[], str]]:
        return {
            "{": self._rest_of_group,
            r"\frac": lambda: f"<mfrac>{self._group()}{self._group()}</mfrac>",
            r"\sqrt": self._root,
            r"\text": lambda: f"<mtext>{_spaced(self._raw())}</mtext>",
            r"\left": self._fenced,
            r"\begin": self._environment,
        }

    def _group(self) -> str:
        self._next()  # {
        return self._rest_of_group()

    def _rest_of_group(self) -> str:
        inside = self.row()
        self._next()  # }
        return inside

    def _raw(self) -> str:
        """The letters in braces, as they are."""
        self._next()
        start = self._at
        while self._tokens[self._at] != "}":
            self._at += 1
        text = "".join(self._tokens[start : self._at])
        self._at += 1
        return text.replace("\\", "")

    def _root(self) -> str:
        if self._peek() != "[":
            return f"<msqrt>{self._group()}</msqrt>"
        self._next()
        degree = self._atom()
        self._next()  # ]
        return f"<mroot>{self._group()}{degree}</mroot>"

    def _fenced(self) -> str:
        left = _fence(self._next())
        inside = self.row()
        self._next()  # \right
        return f"<mrow>{left}{inside}{_fence(self._next())}</mrow>"

    def _environment(self) -> str:
        """Rows of cells, such as a matrix."""
        aligns, left, right = _UNITS[self._raw()]
        rows: list[list[str]] = [[]]
        while self._peek() != r"\end":
            align = aligns[min(len(rows[-1]), len(aligns) - 1)]
            rows[-1].append(f'<mtd style="text-align:{align}">{self.row()}</mtd>')
            if self._peek() in ("&", r"\\") and self._next() == r"\\":
                rows.append([])
        self._next()  # \end
        self._raw()
        lines = "".join([f"<mtr>{''.join(row)}</mtr>" for row in rows])
        return f"<mrow>{_fence(left)}<mtable>{lines}</mtable>{_fence(right)}</mrow>"


def _fence(token: str) -> str:
    if token in ("", "."):
        return ""
    return f'<mo fence="true" stretchy="true">{_OPERATORS.get(token, html.escape(token))}</mo>'


def _spaced(text: str) -> str:
    """A text whose spaces at its ends are kept."""
    return html.escape(text).replace(" ", "\N{NO-BREAK SPACE}")


def _sign(token: str) -> str:
    """A letter, a number, an operator or a name."""
    if token in _GREEK:
        return f"<mi>{_GREEK[token]}</mi>"
    if token in _OPERATORS:
        return f"<mo>{_OPERATORS[token]}</mo>"
    if token[1:] in _WORDS and token[0] == "\\":
        return f"<mi>{token[1:]}</mi>"
    if token[0] == "\\":
        if token[1:].isalpha():
            raise UnsupportedError(f"the command {token} of LaTeX has no MathML")
        token = token[1:]
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    tag = "mi" if token.isalpha() else "mo"
    return f"<{tag}>{html.escape(token)}</{tag}>"

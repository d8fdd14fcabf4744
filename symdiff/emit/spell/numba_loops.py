"""Functions of loops over arrays for Numba: those of C, in Python, so that LLVM makes vectors.

There is one text of each, in C (`c_loops`); here is how its statements read in Python. They are
declarations of constants and a `return`, of arithmetic, calls, and selections `condition ? a : b`.
"""

from __future__ import annotations

import re
import textwrap

from symdiff.emit.spell.base import Helper, defined
from symdiff.emit.spell.c_loops import IN_LOOPS, IN_PLACE, NAMES, OF_DOUBLES, called

_PROSE = 84  # of a comment, beside its indent
_DECLARED = re.compile(r"const (?:double|bool|uint64_t) (.*);")
_WORD = re.compile(r"\b(?:0x)?[0-9a-f]+U\b|&&|(?<![\w.])[A-Za-z_]\w*")
_WORDS = {
    "fabs": "math.fabs",
    "copysign": "math.copysign",
    "INFINITY": "math.inf",
    "NAN": "math.nan",
    "&&": "and",
}
_BITS = {
    "bits_of_real": "def _bits_of_real(x):\n    return np.float64(x).view(np.uint64)",
    "real_of_bits": "def _real_of_bits(bits):\n    return np.uint64(bits).view(np.float64)",
}


def _in_python(helper: Helper) -> Helper:
    """A function of C as one of Python."""
    needs = tuple([f"_{name}" for name in helper.needs])
    name = defined(helper.source)
    if name in _BITS:
        return Helper(_BITS[name])
    comment, _, code = helper.source.removeprefix("/* ").rpartition(" */\n")
    head, _, *lines, _ = code.removeprefix(f"{IN_PLACE} ").split("\n")
    parameters = head.partition("(")[2].replace("double ", "")
    body = [part for line in lines for part in _statements(line.strip())]
    said = textwrap.wrap(
        " ".join(comment.split()), _PROSE, initial_indent="# ", subsequent_indent="# "
    )
    text = "\n    ".join([f"def _{name}({parameters}:", *said, *body])
    return Helper(text, (*needs, *["math"] * ("math." in text)))


def _statements(line: str) -> list[str]:
    """A declaration of several names as a statement for each."""
    declared = _DECLARED.fullmatch(line)
    if declared is None:
        return [f"return {_expression(line.removeprefix('return ').removesuffix(';'))}"]
    pairs = [part.split(" = ", 1) for part in _split(declared[1], ", ")]
    return [f"{name} = {_expression(value)}" for name, value in pairs]


def _expression(text: str) -> str:
    """An expression with Python's selections, words and literals."""
    inner = re.sub(r"\(([^()]*\?[^()]*)\)", lambda found: f"({_selection(found[1])})", text)
    return _WORD.sub(_word, _selection(inner))


def _selection(text: str) -> str:
    """`a if condition else b` for `condition ? a : b`."""
    condition, *rest = _split(text, " ? ", 1)
    if not rest:
        return text
    then, otherwise = _split(rest[0], " : ", 1)
    return f"{then} if {condition} else {_selection(otherwise)}"


def _split(text: str, sign: str, most: int = -1) -> list[str]:
    """The parts of a text between signs that stand in no brackets."""
    found: list[str] = []
    start = depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(sign, at) and len(found) != most:
            found.append(text[start:at])
            start = at + len(sign)
    return [*found, text[start:]]


def _word(found: re.Match[str]) -> str:
    word = found[0]
    if word.endswith("U"):
        digits = word[:-1].upper().replace("X", "x")
        return f"np.uint64({digits})"
    return _WORDS.get(word, f"_{word}" if word.startswith(("real_", "bits_")) else word)


HELPERS = [_in_python(helper) for helper in OF_DOUBLES]
FUNCTIONS = {f"{op}{IN_LOOPS}": called(f"_{name}") for op, name in NAMES.items()}

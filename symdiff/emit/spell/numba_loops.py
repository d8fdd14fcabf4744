"""Functions of loops over arrays for Numba: those of C, in Python, so that LLVM makes vectors.

There is one text of each, in C (`c_loops`); here is how its statements read in Python. They are
declarations of constants and a `return`, of arithmetic, calls, and selections `condition ? a : b`.
"""

from __future__ import annotations

import re
import textwrap

from symdiff.emit.spell.base import Helper, defined
from symdiff.emit.spell.c_loops import IN_LOOPS, IN_PLACE, NAMES, OF_DOUBLES, OF_FLOATS, called

_PROSE = 84  # of a comment, beside its indent
_DECLARED = re.compile(r"const (double|bool|uint\d\d_t) (.*);")
_NUMBER = r"\b\d+\.\d*(?:e[+-]?\d+)?|\b\d+e[+-]?\d+"
_WORD = re.compile(rf"\b(?:0x)?[0-9a-f]+U\b|&&|{_NUMBER}|(?<![\w.])[A-Za-z_]\w*")
_WORDS = {
    "fabs": "math.fabs",
    "copysign": "math.copysign",
    "INFINITY": "math.inf",
    "NAN": "math.nan",
    "&&": "and",
}
_BITS = {
    "bits_of_real": "def _bits_of_real(x):\n    return np.float$(x).view(np.uint$)",
    "real_of_bits": "def _real_of_bits(bits):\n    return np.uint$(bits).view(np.float$)",
}


def _in_python(helper: Helper, bits: int) -> Helper:
    """A function of C as one of Python, of floats of so many bits."""
    needs = tuple([f"_{name}" for name in helper.needs])
    name = defined(helper.source)
    if name in _BITS:
        return Helper(_BITS[name].replace("$", str(bits)))
    comment, _, code = helper.source.removeprefix("/* ").rpartition(" */\n")
    head, _, *lines, _ = code.removeprefix(f"{IN_PLACE} ").split("\n")
    parameters = head.partition("(")[2].replace("double ", "")
    body = [part for line in lines for part in _statements(line.strip(), bits)]
    said = textwrap.wrap(
        " ".join(comment.split()), _PROSE, initial_indent="# ", subsequent_indent="# "
    )
    text = "\n    ".join([f"def _{name}({parameters}:", *said, *body])
    return Helper(text, (*needs, *["math"] * ("math." in text)))


def _statements(line: str, bits: int) -> list[str]:
    """A declaration of several names as a statement for each.

    Numba computes whole numbers of 32 bits in 64, so that they are cut off where they get a name.
    """

    def expression(text: str) -> str:
        inner = re.sub(r"\(([^()]*\?[^()]*)\)", lambda found: f"({_selection(found[1])})", text)
        return _WORD.sub(lambda found: _word(found[0], bits), _selection(inner))

    declared = _DECLARED.fullmatch(line)
    if declared is None:
        return [f"return {expression(line.removeprefix('return ').removesuffix(';'))}"]
    kind, names = declared.groups()
    pairs = [part.split(" = ", 1) for part in _split(names, ", ")]
    text = "{} = np.uint32({})" if kind == "uint32_t" else "{} = {}"
    return [text.format(name, expression(value)) for name, value in pairs]


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


def _word(word: str, bits: int) -> str:
    if word.endswith("U"):
        digits = word[:-1].upper().replace("X", "x")
        return f"np.uint{bits}({digits})"
    if word.startswith(("real_", "bits_")):
        return f"_{word}"
    is_number = word[0].isdigit() or word in ("INFINITY", "NAN")
    found = _WORDS.get(word, word)
    return f"np.float32({found})" if is_number and bits == 32 else found


HELPERS = [_in_python(helper, 64) for helper in OF_DOUBLES]
HELPERS32 = [_in_python(helper, 32) for helper in OF_FLOATS]
FUNCTIONS = {f"{op}{IN_LOOPS}": called(f"_{name}") for op, name in NAMES.items()}

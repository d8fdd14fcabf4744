"""Names in LaTeX: Greek letters as commands, numbers and words below, dots and bars above."""

from __future__ import annotations

import re
import unicodedata

from symdiff.graph.shape import Dimension, Shape

_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
_ABOVE = {"dot": r"\dot", "bar": r"\bar", "hat": r"\hat", "tilde": r"\tilde", "vec": r"\vec"}
_DERIVATIVE = re.compile(r"d(?P<above>.+)_d(?P<below>.+)")
_TRAILING = re.compile(r"([^\W\d_]+)(\d+)")


def tex_name(name: str) -> str:
    r"""A variable: `x_1` as `x_{1}`, `beta_max` as `\beta_{\mathrm{max}}`, `x_dot` as `\dot{x}`."""
    head, *rest = [part for part in name.split("_") if part] or ["_"]
    trailing = _TRAILING.fullmatch(head)
    if trailing:
        head, rest = trailing[1], [trailing[2], *rest]
    marks = [part for part in rest if part in _ABOVE]
    below = [_word(part) for part in rest if part not in _ABOVE]
    text = _word(head)
    if below:
        text = f"{text}_{{{', '.join(below)}}}"
    for mark in marks:
        text = f"{_ABOVE[mark]}{{{text}}}"
    return text


def tex_output(name: str) -> str:
    """The name of an output: `df_dx` is a partial derivative."""
    found = _DERIVATIVE.fullmatch(name)
    if not found:
        return tex_name(name)
    above, below = tex_name(found["above"]), tex_name(found["below"])
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def _word(word: str) -> str:
    """A letter or a number as it is, a Greek letter as its command, a word upright."""
    spelled = _spelled(word)
    if spelled in _GREEK:
        return f"\\{spelled}"
    if word == "_":
        return r"\_"
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}"


def _spelled(word: str) -> str:
    """The English name of a single Greek letter; a word without the sign after a keyword."""
    if len(word) != 1 or word.isascii():
        return word
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(word, ""))
    if not found:
        return word
    name = found[2].lower().replace("lamda", "lambda")
    return name if found[1] == "SMALL" else name.capitalize()


def tex_length(length: Dimension) -> str:
    """A length: a number, or a sum of products of names."""
    return str(length).replace("**", "^").replace("*", " ")


def tex_shape(shape: Shape) -> str:
    r"""`3 \times N`."""
    return r" \times ".join(map(tex_length, shape))

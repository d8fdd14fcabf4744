"""Names in LaTeX: Greek letters as commands, numbers and words below, dots and bars above."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from symdiff.graph.shape import Dimension, Shape

_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
_ABOVE = {"dot": r"\dot", "bar": r"\bar", "hat": r"\hat", "tilde": r"\tilde", "vec": r"\vec"}
_BY = re.compile(r"_d(?!ot(?:_|$))")  # before each input that a derivative is by
_DOT = "_dot"
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
    r"""The name of an output: `df_dx` is a partial derivative, `ddf_dx_dy` a second one.

    What is differentiated first stands next to the function, as in `\partial_y \partial_x f`.
    """
    for order in range(len(name) - len(name.lstrip("d")), 0, -1):
        above, *below = _BY.split(name[order:])
        if above and len(below) >= order:
            above = "_d".join([above, *below[: len(below) - order]])
            return _partial(tex_name(above), [tex_name(x) for x in below[-order:]])
    return tex_name(name)


def tex_tangent(name: str) -> str:
    """The name of an output along a tangent: `df_dx_dot` is what moves `df_dx`."""
    if name.endswith(_DOT) and _BY.search(name):
        return rf"\dot{{{tex_output(name.removesuffix(_DOT))}}}"
    return tex_output(name)


def _partial(above: str, below: list[str]) -> str:
    """A partial derivative, of any order, by names of which equal neighbours are a power."""
    groups = [(x, len(list(same))) for x, same in groupby(reversed(below))]
    by = " ".join(rf"\partial {x}" + (f"^{{{n}}}" if n > 1 else "") for x, n in groups)
    order = f"^{{{len(below)}}}" if len(below) > 1 else ""
    return rf"\frac{{\partial{order} {above}}}{{{by}}}"


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

r"""Words of an explanation that are mathematics: as plain text, and as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any  # values are numbers and NumPy's arrays

from symdiff.emit.spell.tex import tex_name, tex_shape

MOST_ELEMENTS = 8  # of an array that is shown whole


class Formula(str):
    """A formula in the grammar's words, which is written as LaTeX too.

    Attributes:
        tex: the LaTeX, made when it is read.
    """

    __slots__ = ("_write",)
    _write: Callable[[], str]

    def __new__(cls, text: str, write: Callable[[], str]) -> Formula:
        """A formula.

        Args:
            text: in the grammar's words.
            write: gives the LaTeX.
        """
        made = super().__new__(cls, text)
        made._write = write
        return made

    @property
    def tex(self) -> str:
        """The LaTeX."""
        return self._write()

    def behind(self, sign: str) -> Formula:
        """Behind a sign."""
        return Formula(f"{sign}{self}", lambda: f"{sign}{self.tex}")

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (str(self), self.tex)


def _again(text: str, tex: str) -> Formula:
    return Formula(text, lambda: tex)


def name(text: str) -> Formula:
    r"""A name: `x_bar` is `\bar{x}`."""
    return Formula(text, lambda: tex_name(text))


def partial(above: str, below: str) -> Formula:
    """The derivative of a line by another one."""
    return Formula(
        f"d{above}/d{below}",
        lambda: rf"\frac{{\partial {tex_name(above)}}}{{\partial {tex_name(below)}}}",
    )


def product(first: Formula, second: Formula) -> Formula:
    """Of two names, derivatives or numbers."""

    def write() -> str:
        right = second.tex
        if right.startswith("-"):
            right = rf"\left( {right} \right)"
        is_number = right[0].isdigit() or right.startswith(r"\left")
        return rf"{first.tex} \cdot {right}" if is_number else f"{first.tex} {right}"

    return Formula(f"{first}*{second}", write)


def equation(left: str, right: Formula) -> Formula:
    """A name and what it is."""
    return Formula(f"{left} = {right}", lambda: f"{tex_name(left)} = {right.tex}")


def shown(value: Any) -> Formula:
    """A number, a small array whole, or the shape of a large one and what it lies between."""
    import numpy as np

    array = np.asarray(value)
    if array.ndim == 0:
        return _number(array.item())
    if array.size <= MOST_ELEMENTS:
        return _nested(array)
    lengths = " x ".join(map(str, array.shape))
    if array.dtype == bool:
        true = int(array.sum())
        return Formula(
            f"{lengths}: true for {true}",
            lambda: rf"{tex_shape(array.shape)}:\ \text{{true for }} {true}",
        )
    if np.iscomplexobj(array):
        magnitudes = shown(np.abs(array))
        return Formula(
            f"magnitudes {magnitudes}", lambda: rf"\text{{magnitudes }} {magnitudes.tex}"
        )
    least, most = _number(array.min().item()), _number(array.max().item())
    return Formula(
        f"{lengths}: {least} ... {most}",
        lambda: rf"{tex_shape(array.shape)}:\ {least.tex} \dots {most.tex}",
    )


def _nested(array: Any) -> Formula:
    if array.ndim == 0:
        return _number(array.item())
    parts = [_nested(part) for part in array]
    return Formula(f"[{', '.join(parts)}]", lambda: _brackets(parts))


def _brackets(parts: Sequence[Formula]) -> str:
    return rf"\left[ {', '.join([part.tex for part in parts])} \right]"


def _number(value: Any) -> Formula:
    """A number as Python writes it, or six digits of a long one."""
    if isinstance(value, complex):
        real, imaginary = _number(value.real), _number(value.imag)
        sign = "" if imaginary.startswith("-") else "+"
        return Formula(
            f"{real}{sign}{imaginary}j",
            lambda: rf"{real.tex} {sign} {imaginary.tex} \mathrm{{i}}",
        )
    text = repr(value)
    if len(text) > MOST_ELEMENTS and isinstance(value, float):
        text = f"{value:.6g}"
    return Formula(text, lambda: tex_of_number(text))


def tex_of_number(text: str) -> str:
    """The text of a number, or of a truth, as LaTeX."""
    mantissa, found, exponent = text.partition("e")
    if found and exponent.lstrip("+-").isdigit():
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    signs = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}
    return signs.get(text, rf"\mathrm{{{text}}}" if text.isalpha() else text)

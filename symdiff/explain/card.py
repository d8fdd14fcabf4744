"""Card of a function: what a notebook shows of it."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Mapping, Sequence
from typing import Protocol

from symdiff.errors import SymdiffError
from symdiff.explain.mathml import mathml


class Shown(Protocol):
    """A function, as `symdiff.Function` is one."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Their names."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Their names."""

    @property
    def shapes(self) -> Mapping[str, Sequence[int | str]]:
        """Those of the inputs."""

    def _repr_latex_(self) -> str | None:
        """The outputs as LaTeX, where that is not long."""


def bundle(function: Shown) -> dict[str, str]:
    """What a notebook may choose from: text, LaTeX, and HTML whose formulas are MathML."""
    text, latex = repr(function), function._repr_latex_()
    found = {"text/plain": text, **({"text/latex": latex} if latex else {})}
    formula = ""
    with contextlib.suppress(SymdiffError):  # some LaTeX is not drawn
        formula = mathml((latex or "").removeprefix("$\\displaystyle ").removesuffix("$"))
    given = ", ".join([_declared(name, function.shapes.get(name, ())) for name in function.inputs])
    signature = f"({given}) → {', '.join(function.outputs)}"
    body = formula if latex and formula else f"<code>{html.escape(text)}</code>"
    found["text/html"] = f"<div>{body}<br/><small>{html.escape(signature)}</small></div>"
    return found


def _declared(name: str, shape: Sequence[int | str]) -> str:
    return f"{name}: [{', '.join(map(str, shape))}]" if shape else name

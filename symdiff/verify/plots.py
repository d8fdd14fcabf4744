"""Plots with Matplotlib: of errors over the step, and of methods side by side."""

from __future__ import annotations

import importlib.util
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any  # Matplotlib's classes have no types

from symdiff.errors import SymdiffError, UnsupportedError

if TYPE_CHECKING:
    from symdiff.verify.step_errors import StepErrors

SMALLEST = 1e-17  # errors below, and none at all, are drawn there
# told apart by colour-blind readers (M. Okabe and K. Ito, Color universal design, 2008)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_HEIGHT, _WIDTH = 4.0, 6.4  # inches


class Plot:
    """A picture, which notebooks show.

    Attributes:
        figure: Matplotlib's, to be changed further.
    """

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def write(self, path: str | Path) -> Path:
        """Write it to a file; the end of its name says the kind: .svg, .png, .pdf.

        Raises:
            SymdiffError: where the file cannot be written, or has no ending that says its kind.
        """
        try:
            self.figure.savefig(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SymdiffError(f"cannot write '{path}': {reason}") from None
        return Path(path)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=120)
        return buffer.getvalue()


def check_plots() -> None:
    """State that plots can be drawn.

    Raises:
        UnsupportedError: where Matplotlib is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise UnsupportedError(
            "a plot needs the package 'matplotlib', which is not installed",
            suggestion="pip install matplotlib; or leave the plot out",
        )


def empty_plot(columns: int = 1, *, width: float = _WIDTH) -> tuple[Plot, Sequence[Any]]:
    """A plot without lines, and its axes side by side.

    Raises:
        UnsupportedError: where Matplotlib is not installed.
    """
    check_plots()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, _HEIGHT), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for each in axes:
        each.set_prop_cycle(color=COLOURS)
        each.grid(visible=True, alpha=0.3)
    return Plot(figure), list(axes)


def plot_step_errors(found: StepErrors) -> Plot:
    """The error of each method over its step, and that of the emitted derivative as a line."""
    plot, (axes,) = empty_plot()
    for (method, errors), mark in zip(found.methods.items(), "os^", strict=False):
        drawn = [max(error, SMALLEST) for error in errors]
        axes.plot(found.steps, drawn, mark, linestyle="-", markersize=3, label=method)
    label = "emitted derivative"
    if not math.isnan(found.emitted):
        axes.axhline(max(found.emitted, SMALLEST), color="black", linestyle="--", label=label)
    axes.set(xscale="log", yscale="log", xlabel=f"step of {found.by}", ylabel="relative error")
    axes.legend(fontsize="small")
    return plot


def plot_comparison(
    names: Sequence[str], errors: Sequence[float], seconds: Sequence[float]
) -> Plot:
    """Of each method, the relative error and the time of a call, as bars; none for NaN."""
    plot, (left, right) = empty_plot(2, width=9.0)
    bars = [
        (left, "relative error", [max(error, SMALLEST) for error in errors]),
        (right, "microseconds of a call", [1e6 * time for time in seconds]),
    ]
    for axes, label, lengths in bars:
        for place, length in enumerate(lengths):
            if length == length:
                axes.barh(place, length, color=COLOURS[names[place] == "symdiff"])
            else:
                axes.text(0.02, place, "none", va="center", transform=axes.get_yaxis_transform())
        least = min([length for length in lengths if length > 0.0], default=1.0)
        axes.set(xscale="log", xlabel=label, yticks=range(len(names)), yticklabels=names)
        axes.set_xlim(left=10.0 ** math.floor(math.log10(least)))
        axes.xaxis.minorticks_off()
        axes.invert_yaxis()
    right.set_yticklabels([])
    return plot

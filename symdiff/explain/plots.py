"""Plots of a function: with its derivative over one number, with its gradient over two."""

from __future__ import annotations

from symdiff.explain.samples import Samples
from symdiff.explain.words import shown
from symdiff.verify.plots import Plot, empty_plot

LEVELS = 15  # of contours
ARROWS = 13  # along each axis
LONGEST = 48  # of a line that says what the other inputs are


def plot_samples(samples: Samples) -> Plot:
    """Draw a function over a range, or its contours and the arrows of its gradient.

    Raises:
        UnsupportedError: where Matplotlib is not installed.
    """
    return _curves(samples) if len(samples.names) == 1 else _contours(samples)


def _curves(samples: Samples) -> Plot:
    import numpy as np

    plot, (axes,) = empty_plot()
    (name,), (x,), (slope,) = samples.names, samples.axes, samples.slopes
    lines = ((samples.values, samples.output, "-"), (slope, f"d{samples.output}/d{name}", "--"))
    for y, label, style in lines:
        known = np.isfinite(samples.values) & np.isfinite(y)
        axes.plot(x, np.where(known, y, np.nan), style, label=label)
    axes.axhline(0.0, color="black", linewidth=0.5)
    axes.set(xlabel=name, title=_others(samples))
    axes.legend()
    return plot


def _contours(samples: Samples) -> Plot:
    import numpy as np

    plot, (axes,) = empty_plot()
    x, y = samples.axes
    values = np.ma.masked_invalid(samples.values).T
    filled = axes.contourf(x, y, values, levels=LEVELS, cmap="cividis")
    plot.figure.colorbar(filled, ax=axes, label=samples.output)
    every = np.linspace(0, len(x) - 1, ARROWS).round().astype(int)[1:-1]
    along, across = (slope[np.ix_(every, every)].T for slope in samples.slopes)
    length = np.hypot(along, across)
    known = np.isfinite(length) & (length > 0.0)
    # arrows show directions; their lengths only which of two is steeper, or a few would hide all
    scale = np.divide(np.sqrt(length), length, out=np.zeros_like(length), where=known)
    scale /= np.sqrt(length[known]).max(initial=1e-300)
    drawn = [np.where(known, part, 0.0) * scale for part in (along, across)]
    axes.quiver(
        x[every], y[every], *drawn, color="white", edgecolor="black", linewidth=0.5, pivot="mid"
    )
    axes.grid(visible=False)
    xlabel, ylabel = samples.names
    axes.set(xlabel=xlabel, ylabel=ylabel, title=_others(samples))
    return plot


def _others(samples: Samples) -> str:
    text = ", ".join([f"{name} = {shown(value)}" for name, value in samples.at.items()])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."

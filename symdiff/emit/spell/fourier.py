"""Fourier transforms as NumPy and SciPy write them."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.emit.spell.base import Operand, Spelling, Write, Written
from symdiff.graph.shape import Dimension, Shape
from symdiff.graph.shape import text as shape_text
from symdiff.ops.fourier import SWAPPED, fft, irfft

Lengths = tuple[Dimension, ...]
_OTHER_TYPE = {2: 3, 3: 2}


def transform(name: str) -> Write:
    """A transform over axes, without the arguments that go without saying."""

    def write(a: Sequence[Operand], lengths: Lengths, axes: tuple[int, ...], norm: str) -> Written:
        (x,) = a
        given = [x.text]
        is_usual = _usual_lengths(name, x.shape, axes) == lengths
        if len(axes) == 1:
            called = name
            given += [] if is_usual else [str(lengths[0])]
            given += [] if axes[0] == len(x.shape) - 1 else [f"axis={axes[0]}"]
        else:
            is_last_two = axes == (len(x.shape) - 2, len(x.shape) - 1)
            called = f"{name}2" if is_last_two else f"{name}n"
            given += [] if is_usual else [shape_text(lengths)]
            is_all = axes == tuple(range(len(x.shape)))
            given += [] if is_last_two or is_all else [f"axes={axes}"]
            if not is_usual and is_all and not is_last_two:
                given.append(f"axes={axes}")  # NumPy 2 wants them beside lengths
        given += [] if norm == "backward" else [f'norm="{norm}"']
        return Written(f"np.fft.{called}({', '.join(given)})")

    return write


def written_lengths(
    shapes: Sequence[Shape], lengths: Lengths, axes: tuple[int, ...], norm: str
) -> Lengths:
    """The dimensions that are written: none where the argument says them."""
    del norm
    return () if _usual_lengths(fft.name, shapes[0], axes) == lengths else lengths


def _usual_lengths(name: str, shape: Shape, axes: tuple[int, ...]) -> Lengths:
    """The lengths that a call without any has."""
    found = [shape[axis] for axis in axes]
    if name == irfft.name:
        found[-1] = 2 * (found[-1] - 1)
    return tuple(found)


def trigonometric(name: str) -> Spelling:
    """A transform of SciPy's: the inverse of the other type where it is scaled as such a one."""

    def write(
        a: Sequence[Operand],
        type: int,
        axis: int,
        norm: str,
        is_orthogonal: bool,  # noqa: FBT001
    ) -> Written:
        (x,) = a
        called, given = name, [x.text]
        if norm == "forward":
            called, type, norm = f"i{name}", _OTHER_TYPE.get(type, type), SWAPPED[norm]
        given += [] if type == 2 else [f"type={type}"]
        given += [] if axis == len(x.shape) - 1 else [f"axis={axis}"]
        given += [] if norm == "backward" else [f'norm="{norm}"']
        given += [] if is_orthogonal == (norm == "ortho") else [f"orthogonalize={is_orthogonal}"]
        return Written(f"scipy.fft.{called}({', '.join(given)})", needs=("scipy",))

    return Spelling("written", "", write=write, libraries=frozenset(["scipy"]))

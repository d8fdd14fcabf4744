"""NumPy's `pad`, in all modes that say what is put at the ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from symdiff.errors import ShapeError
from symdiff.frontend.lowering.base import (
    Array,
    Value,
    as_float,
    line,
    plain,
    refuse,
    whole_number,
)
from symdiff.frontend.lowering.creation import filled, linspace
from symdiff.frontend.lowering.index_plan import concrete
from symdiff.frontend.lowering.indexing import as_kind_of, read
from symdiff.frontend.lowering.joining import taken
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.frontend.lowering.shapes import flip
from symdiff.graph.node import FLOAT
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import put
from symdiff.ops.joining import concatenated
from symdiff.ops.reduction import broadcast_to, total

Ends = tuple[Handle | None, Handle | None]  # what is put before and after


class Job(NamedTuple):
    """One axis that is to be padded."""

    b: Builder
    x: Handle
    axis: int
    before: int
    after: int

    def part(self, index: Any) -> Handle:
        """The array with an index on this axis."""
        return read(self.b, self.x, (*[slice(None)] * self.axis, index))

    def repeated(self, x: Handle, count: int) -> Handle:
        """A part of length 1, repeated along the axis."""
        return broadcast_to(x, (*x.shape[: self.axis], count, *x.shape[self.axis + 1 :]))


Padder = Callable[[Job, Any], Ends]


@LOWERINGS.named("pad")
def pad(b: Builder, array: Array, pad_width: Any, mode: Any = "constant", **options: Any) -> Handle:
    """With more elements at the ends of its axes."""
    found = _MODES.get(mode) if isinstance(mode, str) else None
    if found is None:
        shown = f"mode '{mode}'" if isinstance(mode, str) else "a mode that is a function"
        refuse(f"np.pad with {shown} is not supported", f"the modes are {', '.join(_MODES)}")
    padder, option, default = found
    for name in options:
        if name != option:
            raise ShapeError(f"np.pad with mode '{mode}' takes no {name}")
    value = plain(options.get(option, default))
    widths = _widths(b, pad_width, array.ndim)
    if mode == "constant" and isinstance(value, (int, float)):
        return _in_the_middle(b, array, widths, value)
    for axis, (before, after) in enumerate(widths):
        if before or after:
            ends = padder(Job(b, array, axis, before, after), value)
            first, last = ends[0] if before else None, ends[1] if after else None
            parts = [part for part in (first, array, last) if part is not None]
            array = concatenated(parts, axis)
    return array


def _widths(b: Builder, pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """The numbers of elements before and after, by axis."""
    import numpy as np

    if isinstance(pad_width, dict):
        given = {axis % ndim: width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2).tolist() for axis in range(ndim)]
    array = concrete(b, pad_width)
    if array is None:
        refuse("how far np.pad goes must be known", "give the numbers of elements")
    if np.any(array < 0):
        raise ShapeError("a width of np.pad is negative")
    try:
        pairs = np.broadcast_to(array, (ndim, 2))
    except ValueError as error:
        raise ShapeError(f"the widths of np.pad do not fit to {ndim} axes") from error
    return [(int(before), int(after)) for before, after in pairs]


def _pair(job: Job, value: Value, ndim: int) -> list[Handle]:
    """What is given for the two ends of this axis: numbers that broadcast to `(ndim, 2)`."""
    every = broadcast_to(line(job.b, value), (ndim, 2))
    return [read(job.b, every, (job.axis, end)) for end in (0, 1)]


# --- the modes ---------------------------------------------------------------------------------


def _in_the_middle(b: Builder, x: Handle, widths: list[tuple[int, int]], value: float) -> Handle:
    """An array full of a number, with `x` written into it."""
    pairs = list(zip(x.shape, widths, strict=True))
    shape = tuple(n + before + after for n, (before, after) in pairs)
    number = float(value) if x.dtype == FLOAT else int(value)
    pattern = tuple(("slice", before, n, 1) for n, (before, _) in pairs)
    return put(filled(b, number, shape, x.dtype), x, params=(pattern,))


def _constant(job: Job, value: Any) -> Ends:
    first, last = _pair(job, value, job.x.ndim)
    shape = list(job.x.shape)
    found = []
    for number, count in ((first, job.before), (last, job.after)):
        shape[job.axis] = count
        found.append(broadcast_to(as_kind_of(job.x, number), tuple(shape)))
    return found[0], found[1]


def _edge(job: Job, _: None) -> Ends:
    first, last = job.part(slice(None, 1)), job.part(slice(-1, None))
    return job.repeated(first, job.before), job.repeated(last, job.after)


def _copied(mode: str) -> Padder:
    """Copies of elements, from where NumPy copies places."""

    def pad(job: Job, reflect_type: Any) -> Ends:
        import numpy as np

        length = whole_number(job.x.shape[job.axis], f"np.pad with mode '{mode}'")
        if not length:
            raise ShapeError(f"np.pad with mode '{mode}' cannot extend an empty axis")
        places: Any = np.pad(np.arange(length), (job.before, job.after), mode=mode)  # type: ignore[call-overload]
        first = taken(job.b, job.x, places[: job.before], job.axis)
        last = taken(job.b, job.x, places[job.before + length :], job.axis)
        if reflect_type == "odd":
            _refuse_far(job, length - (mode == "reflect"))
            edges = _edge(job, None)
            return 2.0 * edges[0] - first, 2.0 * edges[1] - last  # type: ignore[operator]
        return first, last

    return pad


def _refuse_far(job: Job, most: int) -> None:
    if max(job.before, job.after) > most:
        refuse(f"np.pad with reflect_type='odd' by more than {most} elements is not supported")


def _linear_ramp(job: Job, value: Any) -> Ends:
    _refuse_whole(job, "linear_ramp")
    first, last = map(as_float, _pair(job, value, job.x.ndim))
    found = []
    for end, place, count in ((first, 0, job.before), (last, -1, job.after)):
        edge = job.part(place)
        ramp = linspace(job.b, end, edge, count, endpoint=False, axis=job.axis) if count else edge
        found.append(ramp if place == 0 or not count else flip(ramp, job.axis))
    return found[0], found[1]


def _mean(job: Job, lengths: Any) -> Ends:
    _refuse_whole(job, "mean")
    length = job.x.shape[job.axis]
    found = []
    for end, count in ((0, job.before), (1, job.after)):
        number = length if lengths is None else _stat_length(job, lengths, end)
        part = job.x
        if number != length:
            part = job.part(slice(None, number) if end == 0 else slice(-number, None))
        summed = total(part, job.axis, keepdims=True)
        mean = summed / broadcast_to(as_float(line(job.b, number)), summed.shape)
        found.append(job.repeated(mean, count))
    return found[0], found[1]


def _statistic(mode: str) -> Padder:
    """The largest, the smallest or the middle element, by the name of NumPy's function."""

    def pad(job: Job, lengths: Any) -> Ends:
        _refuse_whole(job, mode)
        found = []
        for end, count in ((0, job.before), (1, job.after)):
            number = job.x.shape[job.axis] if lengths is None else _stat_length(job, lengths, end)
            part = job.part(slice(None, number) if end == 0 else slice(-number, None))
            one = LOWERINGS[mode](job.b, part, axis=job.axis, keepdims=True)
            found.append(job.repeated(one, count))
        return found[0], found[1]

    return pad


def _stat_length(job: Job, lengths: Any, end: int) -> int:
    """How many elements at an end the mean is of, at most all."""
    import numpy as np

    length = whole_number(job.x.shape[job.axis], "stat_length of np.pad")
    return min(length, int(np.broadcast_to(lengths, (job.x.ndim, 2))[job.axis][end]))


def _refuse_whole(job: Job, mode: str) -> None:
    if job.x.dtype != FLOAT:
        refuse(
            f"np.pad with mode '{mode}' rounds where the array holds whole numbers",
            "make the array with dtype=float",
        )


# by mode: what pads one axis, the keyword that belongs to it, and its default
_MODES: dict[str, tuple[Padder, str, Any]] = {
    "constant": (_constant, "constant_values", 0),
    "edge": (_edge, "", None),
    "reflect": (_copied("reflect"), "reflect_type", "even"),
    "symmetric": (_copied("symmetric"), "reflect_type", "even"),
    "wrap": (_copied("wrap"), "", None),
    "linear_ramp": (_linear_ramp, "end_values", 0),
    "mean": (_mean, "stat_length", None),
    "maximum": (_statistic("max"), "stat_length", None),
    "minimum": (_statistic("min"), "stat_length", None),
    "median": (_statistic("median"), "stat_length", None),
}

"""Kernels of NPBench (A. Ziogas and others, 2021): value and gradient of each.

They are written for this benchmark, at NPBench's size S, and end in the sum of what they compute.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np  # noqa: TID253  the kernels need it

import symdiff as sd
from benchmarks.measure import Times
from benchmarks.npbench import linear, others, stencils
from benchmarks.npbench.kernel import LOOP, STENCIL, Kernel
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds
from symdiff.errors import SymdiffError

KERNELS = (*linear.KERNELS, *stencils.KERNELS, *others.KERNELS)
_ROUNDS = 9
_LONGEST = 2.0  # seconds from the function to its first gradient
_MOST = {LOOP: 5.0, STENCIL: 4.0}  # times what NumPy takes for the value
_STEPS = (1e-6, 1e-7, 1e-8)  # of differences: the functions bend, and round
_REFUSED = (
    "Refused by name: contour_integral, mandelbrot and stockham_fft, which compute with complex "
    "numbers; crc16, which works on bits; azimint_hist, of whose histogram there is no derivative "
    "by the places."
)


class Measured(NamedTuple):
    """What is found of a kernel.

    Attributes:
        kernel: the kernel.
        making: seconds until the first gradient is there, its computation left out.
        value: seconds of the value by NumPy.
        ratio: of the gradient's time to that.
        error: of the slope along a direction, relative to differences.
        lines: of the module.
        refused: why there is no gradient, empty where there is one.
    """

    kernel: Kernel
    making: float = 0.0
    value: float = 0.0
    ratio: float = 0.0
    error: float = 0.0
    lines: int = 0
    refused: str = ""


def run(options: Options) -> Section:
    """A row for each kernel; two targets of each that is a loop or a stencil."""
    del options
    found = list(map(_measured, KERNELS))
    headings = ("kernel", "kind", "to the first gradient", "value", "gradient", "error", "lines")
    about = (
        "Value and gradient of NPBench's kernels at its size S, by emitted NumPy modules; the "
        "gradient in times of the value as the function computes it in NumPy. The error is that of "
        "the slope along a random direction against central differences."
    )
    rows = [_row(one) for one in found]
    table = Table("By kernel", headings, rows, tuple(_targets(found)), (_REFUSED,))
    return Section("NPBench", about, [table])


def _row(one: Measured) -> tuple[str, ...]:
    kernel = one.kernel
    if one.refused:
        return (kernel.name, kernel.kind, "refused", "", "", "", "")
    return (
        kernel.name,
        kernel.kind,
        seconds(one.making),
        seconds(one.value),
        f"{number(one.ratio)}x",
        f"{one.error:.0e}",
        f"{one.lines}",
    )


def _targets(found: Sequence[Measured]) -> Iterator[Target]:
    """What all kernels together are to reach."""
    made = [one for one in found if not one.refused]
    yield Target("Kernels without a gradient", 0, len(found) - len(made))
    late = sum(one.making > _LONGEST for one in made)
    yield Target(f"Kernels with their first gradient after {_LONGEST:.0f} s", 0, late, reason=_LATE)
    for kind, most in _MOST.items():
        ratios = [one.ratio for one in made if one.kernel.kind == kind]
        beyond = sum(ratio > most for ratio in ratios)
        yield Target(f"A {kind}'s gradient over its value, median", most, statistics.median(ratios))
        yield Target(f"A {kind}'s that take more than that", 0, beyond, reason=_SLOW)


_LATE = (
    "scattering_self_energies has eight loops, in the innermost a decision by two counters, and is "
    "unrolled."
)
_SLOW = (
    "Loops of short steps, between 3 and 5 on a free machine, are some way above where other work "
    "shares its memory."
)


def _measured(kernel: Kernel) -> Measured:
    arguments = kernel.arguments(np.random.default_rng(0))
    function = sd.value_and_grad(kernel.function, wrt=kernel.wrt)
    started = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, gradient = function(*arguments)
    except SymdiffError as error:
        return Measured(kernel, refused=error.message)
    making = time.process_time() - started
    calls = {"value": kernel.function, "gradient": function}
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, call in calls.items():
            found[name].append(_seconds(call, arguments))
    times = {name: Times(tuple(seconds)) for name, seconds in found.items()}
    slope = times["gradient"]
    error = _error(kernel, arguments, gradient if len(kernel.wrt) > 1 else (gradient,))
    making, lines = max(0.0, making - slope.median), function.emit().count("\n")
    value = times["value"]
    return Measured(kernel, making, value.median, slope.over(value), error, lines)


def _seconds(call: Callable[..., Any], arguments: Sequence[Any]) -> float:
    """The time that the processor took for a call."""
    started = time.process_time()
    call(*arguments)
    return time.process_time() - started


def _error(kernel: Kernel, arguments: tuple[Any, ...], gradient: tuple[Any, ...]) -> float:
    """How far the slope along a direction is from central differences, beside its terms' sum."""
    random, directions = np.random.default_rng(1), {}
    slope, size = 0.0, 0.0
    for name, part in zip(kernel.wrt, gradient, strict=True):
        at = kernel.names.index(name)
        directions[at] = random.normal(size=np.shape(arguments[at]))
        slope += float(np.sum(part * directions[at]))
        size += float(np.sum(np.abs(part * directions[at])))

    def moved(step: float) -> float:
        return float(
            kernel.function(
                *[
                    x + step * directions[n] if n in directions else x
                    for n, x in enumerate(arguments)
                ]
            )
        )

    differences = [(moved(step) - moved(-step)) / (2 * step) for step in _STEPS]
    return min(abs(slope - found) for found in differences) / size

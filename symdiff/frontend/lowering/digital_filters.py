"""SciPy's digital filters along an axis, under `scipy.signal.NAME`.

A recursive filter of known coefficients is the convolution with its response to an impulse; of
coefficients that are computed, a triangular system of equations.
"""

from __future__ import annotations

from typing import Any

from symdiff.frontend.lowering.base import Floats, constant, known, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.shape import normal_axis
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced

_PREFIX = "scipy.signal."
_PADDINGS = ("odd", "even", _CONSTANT := "constant")

named = LOWERINGS.named


def _first(b: Builder, x: Handle, axis: Any, name: str) -> tuple[Handle, int, int]:
    """An array with the axis that a filter runs along as the first, that axis, and its length."""
    if not x.ndim:
        refuse(f"{name} takes an array")
    at = normal_axis(axis, x.ndim)
    return of_numpy(b, "moveaxis", x, at, 0), at, whole_number(x.shape[at], name)


def _back(b: Builder, x: Handle, axis: int) -> Handle:
    return of_numpy(b, "moveaxis", x, 0, axis)


def _driven(b: Builder, weights: Handle, x: Handle) -> Handle:
    """The first elements of the convolution of weights with what runs along the first axis."""
    n = whole_number(x.shape[0], "a filter")
    if x.ndim == 1:
        return sliced(of_numpy(b, "convolve", x, weights), 0, 0, n)
    return of_numpy(b, "tensordot", _lower(b, weights, n), x, 1)


def _lower(b: Builder, weights: Handle, n: int) -> Handle:
    """The lower triangular matrix with equal diagonals that convolves n numbers with weights."""
    import numpy as np

    count = whole_number(weights.shape[0], "a filter")
    column = sliced(weights, 0, 0, min(count, n))
    if count < n:
        column = of_numpy(b, "concatenate", [column, np.zeros(n - count)])
    found: Handle = LOWERINGS["scipy.linalg.toeplitz"](b, column, np.zeros(n))
    return found


def _impulse(n: int) -> Any:
    import numpy as np

    impulse = np.zeros(max(n, 1))
    impulse[0] = 1.0
    return impulse


def _filtered(b: Builder, numerator: Handle, denominator: Handle, x: Handle) -> Handle:
    """A filter along the first axis, at rest before."""
    from scipy import signal

    n = whole_number(x.shape[0], "a filter")
    driven = _driven(b, numerator, x)
    below = known(denominator)
    if below is None:
        matrix = _lower(b, denominator, n)
        rows = of_numpy(b, "reshape", driven, (n, -1))
        return of_numpy(b, "reshape", of_numpy(b, "linalg.solve", matrix, rows), x.shape)
    response = signal.lfilter([1.0], below, _impulse(n))
    if not response[1:].any():
        return driven * float(response[0])
    return _driven(b, constant(b, response[:n]), driven)


def _continued(
    b: Builder, numerator: Handle, denominator: Handle, x: Handle, state: Handle
) -> tuple[Handle, Handle]:
    """A filter along the first axis that goes on from a state, and the state at its end."""
    import numpy as np
    from scipy import signal

    below, n = known(denominator), whole_number(x.shape[0], "lfilter")
    order = whole_number(state.shape[0], "lfilter")
    if below is None:
        refuse("lfilter with zi and a denominator that is differentiated is not supported")
    if order > n:
        refuse("lfilter with zi of a signal that is shorter than its state is not supported")
    below = np.atleast_1d(below)
    padded = np.zeros(order + 1)
    padded[: len(below)] = below
    kept = np.eye(order)
    silent = np.zeros((n, order))
    free, _ = signal.lfilter([padded[0]], padded, silent, axis=0, zi=kept)
    result = _filtered(b, numerator, denominator, x) + of_numpy(b, "tensordot", free, state, 1)
    count = whole_number(numerator.shape[0], "lfilter")
    above = of_numpy(b, "concatenate", [numerator, np.zeros(order + 1 - count)])
    above = above / float(padded[0])
    # element m of the state holds what the last inputs and outputs have left for later ones
    places = np.arange(order)[:, None] + np.arange(order) + 1
    is_within = places <= order
    places = np.where(is_within, places, 0)
    weights = of_numpy(b, "where", is_within, of_numpy(b, "take", above, places), 0.0)
    falls = np.where(is_within, padded[places] / padded[0], 0.0)
    inputs, outputs = (
        of_numpy(b, "flip", sliced(values, 0, n - order, order), 0) for values in (x, result)
    )
    left = of_numpy(b, "tensordot", weights, inputs, 1)
    return result, left - of_numpy(b, "tensordot", falls, outputs, 1)


@named(_PREFIX + "lfilter")
def lfilter(
    builder: Builder, /, b: Floats, a: Floats, x: Floats, axis: Any = -1, zi: Floats | None = None
) -> Any:
    """A digital filter along an axis; of a state it starts from too."""
    b, a = (of_numpy(builder, "atleast_1d", part) for part in (b, a))
    moved, at, _ = _first(builder, x, axis, "lfilter")
    if zi is None:
        return _back(builder, _filtered(builder, b, a, moved), at)
    state = of_numpy(builder, "moveaxis", zi, at, 0)
    result, state = _continued(builder, b, a, moved, state)
    return _back(builder, result, at), _back(builder, state, at)


def _sections(sos: Handle) -> Any:
    """The numbers of sections that are known, which SciPy may write into; `None` of others."""
    found = known(sos)
    return None if found is None else found.copy()


@named(_PREFIX + "sosfilt")
def sosfilt(b: Builder, sos: Floats, x: Floats, axis: Any = -1, zi: Floats | None = None) -> Any:
    """A digital filter of sections of the second order, one after the other."""
    from scipy import signal

    if sos.ndim != 2 or sos.shape[1] != 6:
        refuse("sosfilt takes sections of six numbers each")
    moved, at, n = _first(b, x, axis, "sosfilt")
    sections = _sections(sos)
    if zi is None and sections is not None:
        response = signal.sosfilt(sections, _impulse(n))
        return _back(b, _driven(b, constant(b, response[:n]), moved), at)
    states = []
    for number in range(whole_number(sos.shape[0], "sosfilt")):
        row = of_numpy(b, "take", sos, number, 0)
        above, below = sliced(row, 0, 0, 3), sliced(row, 0, 3, 3)
        if sections is not None:
            below = constant(b, sections[number, 3:])
        if zi is None:
            moved = _filtered(b, above, below, moved)
            continue
        state = of_numpy(b, "moveaxis", of_numpy(b, "take", zi, number, 0), at, 0)
        moved, state = _continued(b, above, below, moved, state)
        states.append(_back(b, state, at))
    result = _back(b, moved, at)
    return result if zi is None else (result, of_numpy(b, "stack", states, 0))


# --- filters forward and backward ----------------------------------------------------------------


def _extended(b: Builder, x: Handle, kind: Any, count: int) -> Handle:
    """What runs along the first axis, continued at both ends."""
    if count == 0 or kind is None:
        return x
    if kind not in _PADDINGS:
        refuse(f"padtype={kind!r} is not known", "odd, even, constant and None are")
    n = whole_number(x.shape[0], "a filter")
    if n <= count:
        refuse(f"a signal is longer than its padding of {count}", "give a smaller padlen")
    first, last = sliced(x, 0, 0, 1), sliced(x, 0, n - 1, 1)
    before = of_numpy(b, "flip", sliced(x, 0, 1, count), 0)
    after = of_numpy(b, "flip", sliced(x, 0, n - 1 - count, count), 0)
    if kind == "odd":
        before, after = 2.0 * first - before, 2.0 * last - after
    elif kind == _CONSTANT:
        before, after = first + 0.0 * before, last + 0.0 * after
    return of_numpy(b, "concatenate", [before, x, after], 0)


def _both_ways(b: Builder, x: Handle, response: Any, steady: Any) -> Handle:
    """A filter along the first axis and back, each way from the steady state of its first input.

    Args:
        b: takes the lines.
        x: what is filtered.
        response: n numbers to an impulse in, numbers out, at rest before.
        steady: the outputs of the steady state of a first input 1 that is followed by zeros.
    """
    for _ in range(2):
        first = sliced(x, 0, 0, 1)
        shape = (-1, *[1] * (x.ndim - 1))
        start = of_numpy(b, "reshape", constant(b, steady), shape)
        x = _driven(b, constant(b, response), x) + of_numpy(b, "multiply", start, first)
        x = of_numpy(b, "flip", x, 0)
    return x


def _forward_and_back(
    b: Builder, x: Handle, axis: Any, padding: tuple[Any, Any, int], run: Any
) -> Handle:
    """A filter both ways; `run` filters known inputs, the second time from the steady state."""
    import numpy as np

    kind, count, otherwise = padding
    moved, at, n = _first(b, x, axis, "filtfilt")
    edge = 0 if kind is None else otherwise if count is None else int(count)
    extended = _extended(b, moved, kind, edge)
    length = n + 2 * edge
    found = _both_ways(
        b,
        extended,
        run(_impulse(length), is_steady=False),
        run(np.zeros(length), is_steady=True),
    )
    return _back(b, sliced(found, 0, edge, n), at)


@named(_PREFIX + "filtfilt")
def filtfilt(
    builder: Builder,
    /,
    b: Floats,
    a: Floats,
    x: Floats,
    axis: Any = -1,
    padtype: Any = "odd",
    padlen: Any = None,
    method: Any = "pad",
    _irlen: Any = None,
) -> Handle:
    """A digital filter of known coefficients, forward and backward along an axis."""
    from scipy import signal

    above, below = known(b), known(a)
    if above is None or below is None:
        refuse("filtfilt of a filter that is differentiated is not supported", "use lfilter twice")
    if method != "pad":
        refuse(f"filtfilt with method={method!r} is not supported", "leave method out")
    state = signal.lfilter_zi(above, below)

    def run(inputs: Any, *, is_steady: bool) -> Any:
        if not is_steady:
            return signal.lfilter(above, below, inputs)
        return signal.lfilter(above, below, inputs, zi=state)[0]

    otherwise = 3 * max(above.size, below.size)
    return _forward_and_back(builder, x, axis, (padtype, padlen, otherwise), run)


@named(_PREFIX + "sosfiltfilt")
def sosfiltfilt(
    b: Builder,
    sos: Floats,
    x: Floats,
    axis: Any = -1,
    padtype: Any = "odd",
    padlen: Any = None,
) -> Handle:
    """A filter of known sections of the second order, forward and backward along an axis."""
    from scipy import signal

    sections = _sections(sos)
    if sections is None:
        refuse("sosfiltfilt of a filter that is differentiated is not supported", "use sosfilt")
    state = signal.sosfilt_zi(sections)

    def run(inputs: Any, *, is_steady: bool) -> Any:
        if not is_steady:
            return signal.sosfilt(sections, inputs)
        return signal.sosfilt(sections, inputs, zi=state)[0]

    zeros = min(int((sections[:, 2] == 0).sum()), int((sections[:, 5] == 0).sum()))
    otherwise = 3 * (2 * len(sections) + 1 - zeros)
    return _forward_and_back(b, x, axis, (padtype, padlen, otherwise), run)

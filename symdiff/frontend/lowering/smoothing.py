"""SciPy's smoothing, trends, envelopes and spectra of signals, under `scipy.signal.NAME`."""

from __future__ import annotations

import math
from typing import Any

from symdiff.frontend.lowering.base import Array, Floats, as_line, refuse, whole_number
from symdiff.frontend.lowering.registry import LOWERINGS, of_numpy
from symdiff.graph.node import COMPLEX
from symdiff.graph.shape import normal_axis
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.indexing import sliced

_PREFIX = "scipy.signal."

named = LOWERINGS.named


@named(_PREFIX + "savgol_filter")
def savgol_filter(
    b: Builder,
    x: Floats,
    window_length: int,
    polyorder: int,
    deriv: int = 0,
    delta: Any = 1.0,
    axis: Any = -1,
    mode: Any = "interp",
    cval: Any = 0.0,
) -> Handle:
    """A filter of A. Savitzky and M. J. E. Golay (1964): polynomials fitted to windows."""
    import numpy as np
    from scipy import signal

    if isinstance(delta, Handle):
        refuse("savgol_filter with a spacing that is differentiated", "divide by delta**deriv")
    shape = (int(window_length), int(polyorder), int(deriv), float(delta))
    weights = signal.savgol_coeffs(shape[0], shape[1], deriv=shape[2], delta=shape[3])
    convolved = LOWERINGS["scipy.ndimage.convolve1d"]
    if mode != "interp":
        found: Handle = convolved(b, x, weights, axis, mode=mode, cval=cval)
        return found
    at = normal_axis(axis, x.ndim)
    n, half = whole_number(x.shape[at], "savgol_filter"), shape[0] // 2
    if n < shape[0]:
        refuse("savgol_filter with mode='interp' takes a window that is no longer than the signal")
    rows = signal.savgol_filter(np.eye(shape[0]), *shape, axis=0)
    inner = sliced(convolved(b, x, weights, at, mode="constant"), at, half, n - 2 * half)
    ends = [
        of_numpy(
            b, "moveaxis", of_numpy(b, "tensordot", part, sliced(x, at, start, shape[0]), (1, at)),
            0, at,
        )
        for part, start in ((rows[:half], 0), (rows[shape[0] - half :], n - shape[0]))
    ]  # fmt: skip
    return of_numpy(b, "concatenate", [ends[0], inner, ends[1]], at)


@named(_PREFIX + "detrend")
def detrend(
    b: Builder,
    data: Floats,
    axis: Any = -1,
    type: Any = "linear",
    bp: Any = 0,
    _overwrite_data: bool = False,  # noqa: FBT001, FBT002  SciPy's own
) -> Handle:
    """What is left when the mean, or the line of least squares, is taken off each segment."""
    import numpy as np

    at = normal_axis(axis, data.ndim)
    if type in ("constant", "c"):
        return data - of_numpy(b, "mean", data, at, keepdims=True)
    if type not in ("linear", "l"):
        refuse(f"detrend of the type {type!r} is not known", "linear and constant are")
    n = whole_number(data.shape[at], "detrend")
    ends = np.unique([0, n, *np.ravel(bp).astype(int)])
    parts = []
    for start, stop in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        part = sliced(data, at, start, stop - start)
        times = np.arange(stop - start) - 0.5 * (stop - start - 1)
        along = times.reshape([-1 if k == at else 1 for k in range(data.ndim)])
        rest = part - of_numpy(b, "mean", part, at, keepdims=True)
        if stop - start > 1:
            products = of_numpy(b, "multiply", rest, along / (times @ times))
            slope = of_numpy(b, "sum", products, at, keepdims=True)
            rest = rest - of_numpy(b, "multiply", slope, along)
        parts.append(rest)
    return parts[0] if len(parts) == 1 else of_numpy(b, "concatenate", parts, at)


@named(_PREFIX + "hilbert")
def hilbert(b: Builder, x: Floats, N: Any = None, axis: Any = -1) -> Handle:  # noqa: N803
    """The analytic signal, whose imaginary part is the transform of D. Hilbert."""
    import numpy as np

    if x.dtype == COMPLEX:
        refuse("hilbert takes real numbers")
    at = normal_axis(axis, x.ndim)
    n = whole_number(x.shape[at], "hilbert") if N is None else int(N)
    weights = np.zeros(n)
    weights[0] = 1.0
    weights[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        weights[n // 2] = 1.0
    along = weights.reshape([-1 if k == at else 1 for k in range(x.ndim)])
    spectrum = of_numpy(b, "fft.fft", x, n, at)
    return of_numpy(b, "fft.ifft", of_numpy(b, "multiply", spectrum, along), n, at)


# --- spectra -------------------------------------------------------------------------------------


def _window(window: Any, count: int) -> Any:
    import numpy as np
    from scipy import signal

    if isinstance(window, (str, tuple)):
        return signal.get_window(window, count)
    if isinstance(window, Handle):
        refuse("a window that is differentiated is not supported", "multiply before rfft")
    return np.asarray(window, float)


@named(_PREFIX + "welch")
def welch(
    b: Builder,
    x: Floats,
    fs: Any = 1.0,
    window: Any = "hann",
    nperseg: Any = None,
    noverlap: Any = None,
    nfft: Any = None,
    detrend: Any = "constant",
    return_onesided: Any = True,  # noqa: FBT002  SciPy's own
    scaling: Any = "density",
    axis: Any = -1,
    average: Any = "mean",
) -> tuple[Any, Handle]:
    """The power spectrum of real numbers by the mean of windows' (P. D. Welch 1967)."""
    import numpy as np

    if not return_onesided or average != "mean" or x.dtype == COMPLEX:
        refuse("welch gives the mean of one side of the spectrum of real numbers", "use np.fft")
    at = normal_axis(axis, x.ndim)
    length, rate = whole_number(x.shape[at], "welch"), float(fs)
    if nperseg is not None:
        count = min(int(nperseg), length)
    elif isinstance(window, (str, tuple)):
        count = min(256, length)
    else:
        count = len(window)
    weights = _window(window, count)
    overlap = count // 2 if noverlap is None else int(noverlap)
    n = count if nfft is None else int(nfft)
    if overlap >= count or n < count or len(weights) != count or count > length:
        refuse("welch takes windows that are longer than they overlap, and shorter than nfft")
    starts = np.arange(0, length - count + 1, count - overlap)
    moved = of_numpy(b, "moveaxis", x, at, -1)
    segments = of_numpy(b, "take", moved, starts[:, None] + np.arange(count), -1)
    if detrend:
        segments = LOWERINGS[_PREFIX + "detrend"](b, segments, -1, detrend)
    spectrum = of_numpy(b, "fft.rfft", of_numpy(b, "multiply", segments, weights), n, -1)
    if scaling not in ("density", "spectrum"):
        refuse(f"the scaling {scaling!r} is not known", "density and spectrum are")
    total = rate * (weights**2).sum() if scaling == "density" else weights.sum() ** 2
    sides = np.full(n // 2 + 1, 2.0 / total)
    sides[0] = 1.0 / total
    if n % 2 == 0:
        sides[-1] = 1.0 / total
    real, imaginary = of_numpy(b, "real", spectrum), of_numpy(b, "imag", spectrum)
    power = of_numpy(b, "multiply", real * real + imaginary * imaginary, sides)
    mean = of_numpy(b, "mean", power, -2)
    return as_line(b, np.fft.rfftfreq(n, 1.0 / rate)), of_numpy(b, "moveaxis", mean, -1, at)


@named(_PREFIX + "periodogram")
def periodogram(
    b: Builder,
    x: Floats,
    fs: Any = 1.0,
    window: Any = "boxcar",
    nfft: Any = None,
    detrend: Any = "constant",
    return_onesided: Any = True,  # noqa: FBT002  SciPy's own
    scaling: Any = "density",
    axis: Any = -1,
) -> tuple[Any, Handle]:
    """The power spectrum of real numbers."""
    count = whole_number(x.shape[normal_axis(axis, x.ndim)], "periodogram")
    if nfft is not None and int(nfft) < count:
        refuse("periodogram of a part of a signal is not supported", "give x[:nfft]")
    window = _window("boxcar" if window is None else window, count)
    given = (fs, window, count, 0, nfft, detrend, return_onesided, scaling, axis)
    found: tuple[Any, Handle] = welch(b, x, *given)
    return found


@named(_PREFIX + "freqz")
def freqz(
    builder: Builder,
    /,
    b: Floats,
    a: Floats | float = 1,
    worN: Any = 512,  # noqa: N803  SciPy's name
    whole: bool = False,  # noqa: FBT001, FBT002
    plot: Any = None,
    fs: Any = 2.0 * math.pi,
    include_nyquist: bool = False,  # noqa: FBT001, FBT002
) -> tuple[Any, Handle]:
    """The response of a digital filter at known frequencies: complex numbers."""
    import numpy as np

    if plot is not None or isinstance(worN, Handle):
        refuse("freqz takes known frequencies, and no plot")
    rate = float(fs)
    if isinstance(worN, int) or worN is None:
        n, last = 512 if worN is None else worN, rate if whole else 0.5 * rate
        places = np.linspace(0.0, last, n, endpoint=include_nyquist and not whole)
    else:
        places = np.asarray(worN, float)
    turns = 2.0 * np.pi / rate * places

    def at(coefficients: Array) -> Handle:
        line = of_numpy(builder, "atleast_1d", coefficients)
        powers = np.arange(whole_number(line.shape[0], "freqz"))
        return of_numpy(builder, "matmul", np.exp(-1j * turns[:, None] * powers), line)

    return as_line(builder, places), at(b) / at(as_line(builder, a))


_LINEAR = (
    "it is linear in the data: compute its matrix outside of the function, as what it gives for "
    "np.eye(n) along axis 0, and write matrix @ data"
)
LOWERINGS.refuse(
    {
        _PREFIX + name: advice
        for name, advice in {
            **dict.fromkeys(
                "resample_poly upfirdn symiirorder1 symiirorder2 "
                "cspline1d qspline1d spline_filter".split(), _LINEAR
            ),
            "medfilt": "np.median of shifted copies has derivatives",
            "medfilt2d": "np.median of shifted copies has derivatives",
            "order_filter": "np.sort of shifted copies has derivatives",
            "spectrogram": "np.fft.rfft of windows has derivatives; scipy.signal.welch is one",
            "stft": "np.fft.rfft of windows has derivatives; scipy.signal.welch is one",
            "istft": "np.fft.irfft has derivatives",
            "find_peaks": "a number of peaks has no derivative",
        }.items()
    }
)  # fmt: skip

"""SciPy's filters and spectra of signals: values SciPy's, slopes differences of them."""

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.lowering.slopes import assert_derivatives

pytest.importorskip("scipy")
from scipy import signal

X = np.cos(np.arange(24.0) ** 2) + 0.1 * np.arange(24.0)
TAPS = np.array([0.2, 0.5, 0.4])
BELOW = np.array([2.0, 0.3, -0.2])
SECTIONS = signal.butter(3, 0.3, output="sos")
ZEROS = np.zeros(3)
KERNEL = np.array([[0.1, 0.2, 0.3], [0.4, 0.6, 0.1]])
ODD = np.arange(9.0).reshape(3, 3) ** 0.5
FIVE = np.array([[0.2, -0.1, 0.4]])


def image(x):
    return x.reshape(4, 6)


def states(x):
    return signal.lfilter(TAPS, BELOW, image(x), zi=image(x)[:, :2])[1]


def constantly(x):
    return signal.filtfilt(TAPS, BELOW, image(x), padtype="constant", padlen=3)


def combined(name, mode):
    return lambda x: getattr(signal, name)(image(x), KERNEL, mode)


def spectrum(x):
    return signal.welch(x, window="hamming", nperseg=8, scaling="spectrum")[1]


def of_columns(x):
    return signal.welch(x.reshape(12, 2), nperseg=8, axis=0, detrend=False)[1]


CASES = {
    "savgol": lambda x: signal.savgol_filter(x, 5, 2),
    "savgol of an even window": lambda x: signal.savgol_filter(x, 6, 2),
    "savgol slope": lambda x: signal.savgol_filter(x, 7, 3, deriv=1, delta=0.5),
    "savgol of rows": lambda x: signal.savgol_filter(image(x), 3, 1, axis=0),
    "savgol nearest": lambda x: signal.savgol_filter(x, 5, 2, mode="nearest"),
    "savgol mirror": lambda x: signal.savgol_filter(x, 5, 2, mode="mirror"),
    "savgol constant": lambda x: signal.savgol_filter(x, 5, 2, mode="constant", cval=1.0),
    "detrend": lambda x: signal.detrend(x),
    "detrend constant": lambda x: signal.detrend(image(x), axis=0, type="constant"),
    "detrend pieces": lambda x: signal.detrend(x, bp=[5, 12]),
    "detrend columns": lambda x: signal.detrend(image(x), axis=0),
    "hilbert": lambda x: np.abs(signal.hilbert(x)),
    "hilbert odd": lambda x: np.imag(signal.hilbert(x[:7])),
    "hilbert of rows": lambda x: np.imag(signal.hilbert(image(x), axis=0)),
    "hilbert longer": lambda x: np.imag(signal.hilbert(x, N=30)),
    "lfilter of rows": lambda x: signal.lfilter(TAPS, BELOW, image(x)),
    "lfilter of columns": lambda x: signal.lfilter(TAPS, BELOW, image(x), axis=0),
    "lfilter by a": lambda x: signal.lfilter(TAPS, x[:3] + 2.0, x),
    "lfilter by a of columns": lambda x: signal.lfilter(TAPS, x[:3] + 2.0, image(x), axis=0),
    "lfilter from a state": lambda x: signal.lfilter(TAPS, BELOW, x, zi=x[:2])[0],
    "lfilter to a state": lambda x: signal.lfilter(x[:2], BELOW, x, zi=x[:2])[1],
    "lfilter states of rows": states,
    "lfilter state of taps": lambda x: signal.lfilter(TAPS, 2.0, x, zi=x[:2])[1],
    "sosfilt": lambda x: signal.sosfilt(SECTIONS, x),
    "sosfilt of columns": lambda x: signal.sosfilt(SECTIONS, image(x), axis=0),
    "sosfilt by sections": lambda x: signal.sosfilt(SECTIONS + np.append(0.1 * x[:3], ZEROS), x),
    "sosfilt from states": lambda x: signal.sosfilt(SECTIONS, x, zi=x[:4].reshape(2, 2))[0],
    "sosfilt to states": lambda x: signal.sosfilt(SECTIONS, x, zi=x[:4].reshape(2, 2))[1],
    "filtfilt": lambda x: signal.filtfilt(TAPS, BELOW, x),
    "filtfilt even": lambda x: signal.filtfilt(TAPS, BELOW, x, padtype="even", padlen=4),
    "filtfilt constant": constantly,
    "filtfilt alone": lambda x: signal.filtfilt(TAPS, BELOW, x, padtype=None),
    "sosfiltfilt": lambda x: signal.sosfiltfilt(SECTIONS, x),
    **{
        f"{name} {mode}": combined(name, mode)
        for name in ("convolve", "correlate", "fftconvolve", "convolve2d")
        for mode in ("full", "same", "valid")
    },
    "convolve by a smaller one": lambda x: signal.convolve(x[:6].reshape(2, 3), image(x)),
    "convolve cubes": lambda x: signal.convolve(x.reshape(2, 3, 4), x[:8].reshape(2, 2, 2), "same"),
    **{
        f"convolve2d {edge}": lambda x, edge=edge: signal.convolve2d(
            image(x), KERNEL, "same", edge, 0.7
        )
        for edge in ("wrap", "symm", "fill")
    },
    "correlate2d": lambda x: signal.correlate2d(image(x), ODD, "same", "symm"),
    "correlate2d full": lambda x: signal.correlate2d(image(x), KERNEL),
    "convolve2d full": lambda x: signal.convolve2d(image(x), FIVE, "full", "wrap"),
    "welch": lambda x: signal.welch(x, 2.0, nperseg=8)[1],
    "welch linear": lambda x: signal.welch(x, nperseg=7, noverlap=2, nfft=9, detrend="linear")[1],
    "welch spectrum": spectrum,
    "welch of columns": of_columns,
    "periodogram": lambda x: signal.periodogram(x, 3.0)[1],
    "periodogram of rows": lambda x: signal.periodogram(image(x), window="hann", nfft=8)[1],
    "freqz": lambda x: np.abs(signal.freqz(x[:3], x[3:5] + 3.0, 8)[1]),
    "freqz at places": lambda x: np.abs(signal.freqz(x[:3], worN=[0.1, 0.4], fs=1.0)[1]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_value_and_derivative(name):
    assert_derivatives(CASES[name], X, (0, 3, 12, 23))


def test_frequencies_are_scipys():
    def frequency(x):
        places, powers = signal.welch(x, 2.0, nperseg=8)
        return np.sum(places * powers) / np.sum(powers)

    assert sd.value_and_grad(frequency)(X)[0] == pytest.approx(frequency(X), rel=1e-12)

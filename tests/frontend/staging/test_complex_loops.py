"""Loops that carry complex numbers stay loops: values are NumPy's, derivatives differences."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError

N = 16
GRID = np.linspace(-5, 5, N, endpoint=False)
WAVES = 2 * np.pi * np.fft.fftfreq(N, GRID[1] - GRID[0])
STEPS = 40


def split_step(a):
    """Schrodinger's equation in a trap: half a step of the potential, one of the waves, half."""
    psi = np.exp(-(GRID**2)) + 0j
    potential = a * GRID**2
    for _ in range(STEPS):
        psi = psi * np.exp(-0.005j * potential)
        psi = np.fft.ifft(np.exp(-0.005j * WAVES**2) * np.fft.fft(psi))
        psi = psi * np.exp(-0.005j * potential)
    return np.sum(np.abs(psi) ** 2 * GRID**2)


def spreading(a):
    psi = np.exp(-a * GRID**2) * (1 + 0j)
    for _ in range(STEPS):
        psi = np.fft.ifft(np.exp(-0.005j * WAVES**2) * np.fft.fft(psi))
    return np.sum(np.abs(psi) ** 2 * GRID**2)


def chebyshev(a):
    z = a + 0.02j
    p, q = 1.0 + 0j * a, z
    for _ in range(STEPS):
        p, q = q, 2 * z * q - p
    return np.abs(q) ** 2


def iterated(a):
    c, z = a + 0.2j, 0j
    for _ in range(STEPS):
        z = z * z + c
    return np.abs(z) ** 2


def phases(a):
    total = 0.0
    for j in range(STEPS):
        total = total + np.exp(1j * j * a)
    return np.abs(total) ** 2


def history(a):
    z = np.zeros(STEPS, complex)
    z[0] = a + 0.1j
    for i in range(1, STEPS):
        z[i] = z[i - 1] * (0.9 + 0.1j) + a
    return np.sum(np.abs(z) ** 2)


def layers(a):
    """A stack of thin films by their matrices."""
    m = np.eye(2) + 0j
    for i in range(STEPS):
        d = 0.1 * a * (1 + i % 2)
        m = m @ np.array([[np.cos(d), 1j * np.sin(d)], [1j * np.sin(d), np.cos(d)]])
    return np.abs(m[0, 0]) ** 2 + m[1, 0].imag


def parts(a):
    """Real numbers are carried, complex ones stand within a step."""
    re, im = a, 0.0
    for _ in range(STEPS):
        z = (re + 1j * im) * (0.9 + 0.1j) + a
        z = z * np.exp(1j * z)
        re, im = z.real, z.imag
    return re**2 + 2 * im


PROGRAMS = (split_step, spreading, chebyshev, iterated, phases, history, layers, parts)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_loop_of_complex_numbers(program):
    a, step = 0.3, 1e-6
    value, slope = sd.value_and_grad(program)(a)
    assert float(value) == pytest.approx(float(program(a)), rel=1e-11)
    wanted = (program(a + step) - program(a - step)) / (2 * step)
    assert float(slope) == pytest.approx(float(wanted), rel=1e-6)
    function = sd.function(program, shapes={"a": ()}, loops="roll")
    assert any(f"rolled over {STEPS}" in note or "rolled over" in note for note in function.notes)
    assert float(function.grad()(a)) == pytest.approx(float(slope), rel=1e-11)
    curve = (sd.grad(program)(a + step) - sd.grad(program)(a - step)) / (2 * step)
    assert float(function.hvp()(a, 1.0)) == pytest.approx(float(curve), rel=1e-5)
    assert float(function.jvp()(a, 1.0)[1]) == pytest.approx(float(slope), rel=1e-11)


def test_a_named_length():
    def loss(x):
        z = 0j
        for i in range(x.shape[0]):
            z = z * (0.9 + 0.1j) + x[i]
        return np.abs(z) ** 2

    gradient = sd.function(loss, shapes={"x": ("N",)}).grad()
    x, step = np.linspace(0.1, 0.5, 7), 1e-6
    wanted = [(loss(x + d) - loss(x - d)) / (2 * step) for d in step * np.eye(7)]
    np.testing.assert_allclose(gradient(x), wanted, rtol=1e-6)


def test_a_scan():
    def loss(a):
        def step(psi, _):
            psi = np.fft.ifft(np.exp(-0.005j * WAVES**2) * np.fft.fft(psi))
            return psi, np.abs(psi[3]) ** 2

        last, seen = sd.scan(step, np.exp(-a * GRID**2) + 0j, None, length=STEPS)
        return np.sum(np.abs(last) ** 2 * GRID**2) + np.sum(seen)

    value, slope = sd.value_and_grad(loss)(0.7)
    assert float(value) == pytest.approx(float(loss(0.7)), rel=1e-11)
    wanted = (loss(0.7 + 1e-6) - loss(0.7 - 1e-6)) / 2e-6
    assert float(slope) == pytest.approx(float(wanted), rel=1e-6)


def test_what_becomes_real_again_is_written_out_or_refused():
    def loss(a):
        z = a + 0j
        for _ in range(STEPS):
            z = np.abs(z) * a
        return z

    assert float(sd.grad(loss)(0.9)) == pytest.approx((STEPS + 1) * 0.9**STEPS, rel=1e-10)
    with pytest.raises(UnsupportedError, match="cannot be rolled"):
        sd.function(loss, shapes={"a": ()}, loops="roll")

"""Functions through complex numbers: value, gradient and products against NumPy and differences."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.lowering.complex_functions import FUNCTIONS, TRANSFORMS, X, loss
from tests.frontend.lowering.complex_programs import random_program

ALL = FUNCTIONS | TRANSFORMS
STEP = 1e-4


def differences(function: Callable[[Any], Any], x: Any) -> Any:
    """Central differences, extrapolated once."""
    found = np.zeros(np.shape(function(x)) + x.shape)
    for entry in range(x.size):
        unit = np.zeros(x.shape)
        unit[entry] = 1.0
        coarse, fine = (
            (function(x + h * unit) - function(x - h * unit)) / (2 * h) for h in (STEP, STEP / 2)
        )
        found[..., entry] = fine + (fine - coarse) / 3
    return found


@pytest.mark.spread(3)
@pytest.mark.parametrize("name", ALL)
def test_value_and_gradient(name: str) -> None:
    def function(x: Any) -> Any:
        return loss(ALL[name](x))

    value, gradient = sd.value_and_grad(function)(X)
    assert value == pytest.approx(function(X), rel=1e-12)
    np.testing.assert_allclose(gradient, differences(function, X), rtol=3e-7, atol=3e-7)


@pytest.mark.parametrize(
    "name", ["solve", "abs", "norm", "written", "irfft None None", "dct 2 None"]
)
def test_products_and_second_derivatives(name: str) -> None:
    def function(x: Any) -> Any:
        return loss(ALL[name](x))

    gradient, v = sd.grad(function), np.array([0.3, -0.2, 0.5])
    assert sd.jvp(function)(X, v)[1] == pytest.approx(gradient(X) @ v, rel=1e-10)
    wanted = (gradient(X + STEP * v) - gradient(X - STEP * v)) / (2 * STEP)
    np.testing.assert_allclose(sd.hvp(function)(X, v), wanted, rtol=1e-5)
    np.testing.assert_allclose(sd.hessian(function)(X) @ v, wanted, rtol=1e-5)


@pytest.mark.spread(2)
@pytest.mark.parametrize("seed", [*range(120, 158), 1288])
def test_random_programs(seed: int) -> None:
    function, x = random_program(seed), np.array([0.73, -0.41, 1.17]) + 0.01 * (seed % 7)
    wanted = differences(function, x)
    if np.max(np.abs(wanted)) < 1e4:
        value, gradient = sd.value_and_grad(function)(x)
        assert value == pytest.approx(function(x), rel=1e-10)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-5, atol=1e-6)


def test_jacobian() -> None:
    def function(x: Any) -> Any:
        return np.abs(np.fft.rfft(x * np.sin(x)))

    np.testing.assert_allclose(sd.jacobian(function)(X), differences(function, X), atol=1e-8)


def test_a_batch_of_numbers() -> None:
    """The emitted module broadcasts, and computes floats as it does arrays."""

    def reflectance(n: Any, d: Any) -> Any:
        r = (1.0 - n) / (1.0 + n)
        phase = np.exp(2j * n * d)
        return np.abs(r * (1.0 - phase) / (1.0 - r**2 * phase)) ** 2

    f = sd.function(reflectance, shapes={"n": (), "d": ()}).grad(wrt=("n", "d"))
    n, d = np.linspace(1.2, 2.5, 5), np.linspace(0.3, 4.0, 5)
    batch = f(n, d)
    for k in range(5):
        one = f(float(n[k]), float(d[k]))
        assert all(type(entry) is float for entry in one)
        np.testing.assert_allclose(one, [entry[k] for entry in batch], rtol=1e-14)
        wanted = differences(lambda p: np.asarray(reflectance(*p)), np.array([n[k], d[k]]))
        np.testing.assert_allclose(one, wanted, rtol=1e-7, atol=1e-9)


def test_a_pole_gives_what_numpy_gives() -> None:
    f = sd.grad(lambda x: np.abs(1.0 / (1j * x)))
    with np.errstate(all="ignore"):
        assert not math.isfinite(f(0.0))


def test_float32_stays_float32() -> None:
    def function(x: Any) -> Any:
        return np.abs(np.fft.rfft(x) * 2j).sum() + np.real(np.exp(1j * x) * (1 + 2j)).sum()

    x = X.astype(np.float32)
    value, gradient = sd.value_and_grad(function)(x)
    assert np.asarray(value).dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, sd.grad(function)(X), rtol=1e-5, atol=1e-5)


def test_a_transform_is_computed_once() -> None:
    """The second one of the same array is the first, forward and backward."""

    def function(x: Any) -> Any:
        return np.sum(np.abs(np.fft.rfft(x)) ** 2) + np.sum(np.fft.rfft(x).real)

    text = sd.function(function, shapes={"x": (8,)}).grad().emit(lean=True)
    body = text.split("def _value_and_grad")[1].split("def value")[0]
    assert body.count("np.fft.") == 2


@pytest.mark.parametrize("target", ["python", "c", "numba", "array-api"])
def test_other_targets_refuse_by_name(target: str) -> None:
    f = sd.function(lambda x: np.abs(np.exp(1j * x)).sum(), shapes={"x": (3,)}).grad()
    with pytest.raises(sd.UnsupportedError, match=f"'{target}' has no complex numbers"):
        f.emit(target=target)


def test_check_compares_with_50_digits() -> None:
    f = sd.function(lambda x: loss(np.fft.fft(np.exp(1j * x))), shapes={"x": (3,)})
    report = f.check(at={"x": X})
    assert report.ok
    assert "3 of 3" in next(line for line in str(report).splitlines() if line.startswith("x"))


torch = pytest.importorskip("torch") if importlib.util.find_spec("torch") else None


@pytest.mark.skipif(torch is None, reason="PyTorch is not installed")
@pytest.mark.parametrize(
    "name", [n for n in TRANSFORMS if n.split()[0] in ("fft", "irfft", "fft2")]
)
def test_gradient_is_pytorchs(name: str) -> None:
    assert torch is not None
    x = torch.tensor(X, requires_grad=True)
    k = torch.arange(1, 25 if name.startswith("fft2") else 6, dtype=torch.float64)
    z = torch.exp(1j * torch.outer(x, k).sum(0)) * x[0] + x[1] * x[2]
    function, *rest = name.split()
    if function == "fft2":
        options = {"s": (3, 5), "dim": (2, 0), "norm": "ortho"} if rest else {}
        z = getattr(torch.fft, function)(z.reshape(2, 3, 4), **options)
    else:
        n, norm = (None if word == "None" else word for word in rest)
        z = getattr(torch.fft, function)(z, n=None if n is None else int(n), norm=norm)
    z = z * torch.cos(3.0 * torch.arange(z.numel(), dtype=torch.float64)).reshape(z.shape)
    part = z.imag if z.is_complex() else torch.zeros_like(z)
    real = z.real if z.is_complex() else z
    torch.sum(abs(z) ** 2 * 0.3 + real * part + real**3).backward()
    got = sd.grad(lambda x: loss(ALL[name](x)))(X)
    np.testing.assert_allclose(got, x.grad.numpy(), rtol=1e-11, atol=1e-11)

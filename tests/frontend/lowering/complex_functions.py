"""Functions of three real numbers that go through complex ones, as users write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft

M = np.array([[1.2 + 0.3j, -0.4j, 0.8], [0.1, 2.0 - 0.7j, 0.5j], [-0.6 + 1j, 0.3, 1.7]])
V = np.array([0.7 - 0.2j, -1.1 + 0.4j, 0.3 + 1.5j])
W = np.exp(0.3j * np.arange(300))  # too large to be written out


def scalar(x: Any) -> Any:
    return x[0] * np.exp(1j * x[1]) + 0.3 * x[2]


def vector(x: Any) -> Any:
    return V * x + 1j * x**2


def matrix(x: Any) -> Any:
    return M * x[:, None] + 1j * np.outer(x, x) + np.diag(x)


def loss(z: Any) -> Any:
    """A real number of complex ones, not analytic in any part."""
    return np.sum(np.abs(z) ** 2 * 0.3 + np.real(z) * np.imag(z) + np.real(z) ** 3)


def written(x: Any) -> Any:
    a = np.zeros((3, 2), dtype=complex)
    a[:, 0] = vector(x)
    a[0, 1] = scalar(x)
    a[1, 1] += 2 * x[0]
    a[2] *= 1j
    return a


def parts_are_views(x: Any) -> Any:
    z = vector(x)
    r = z.real
    z[0] = 5 * x[0]
    r[1] = x[2]
    z.imag[2] += x[1]
    return z * r


def parts_are_set(x: Any) -> Any:
    z = np.zeros(3, complex)
    z.real = x
    z.imag[:] = x**2
    z.real[0] *= 2
    return z


def in_place(x: Any) -> Any:
    z = np.zeros(3, complex)
    z += x
    z *= 1j
    z[1] -= x[0]
    z /= 2
    return z


def summed(x: Any) -> Any:
    s = 0j
    for k in range(3):
        s = s * x[k] + np.exp(1j * k * x[0])
    return s


def carried(x: Any) -> Any:
    z = np.zeros(3, complex)
    for _ in range(40):  # a loop of real numbers would stay one
        z = z * 0.9j + x
    return 0.1 * z


def filled(x: Any) -> Any:
    z = np.empty(60, complex)
    for k in range(60):
        z[k] = np.exp(1j * k * x[0]) * x[1]
    return z


def cotangent_is_read_again(x: Any) -> Any:
    v = x * x + 0.5  # the real part of a cotangent is added to, the whole of it is read
    return np.concatenate([np.exp(1j * x) + v, v[::-1] * x])


def part_is_written_into(x: Any) -> Any:
    z = np.exp(1j * x)
    part = np.array(z.imag)
    part[1] += 2.0
    return z * part + z.imag


def scaled_again(x: Any) -> Any:
    v = x[1] * x[2] + 0.5
    z = v * np.exp(1j * x[1])
    return np.array([z, v * v * z, np.abs(v), np.angle(v + 4j), x[0]])


def branched(x: Any) -> Any:
    z = scalar(x)
    if x[0] > 0.5:
        z = z * 1j
    return z + x[1]


def of_two_parts(x: Any) -> Any:
    return complex(x[0], x[1]) ** 2


ANALYTIC = (
    "exp log sqrt sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh log2 "
    "log10 log1p expm1 square conj reciprocal negative positive"
).split()

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{name: lambda x, name=name: getattr(np, name)(vector(x)) for name in ANALYTIC},
    "abs": lambda x: np.abs(vector(x)),
    "angle": lambda x: np.angle(vector(x)),
    "angle in degrees": lambda x: 0.01 * np.angle(scalar(x), deg=True),
    "whole power": lambda x: vector(x) ** 3,
    "negative power": lambda x: vector(x) ** -2,
    "root": lambda x: vector(x) ** 0.5,
    "real power": lambda x: vector(x) ** 1.7,
    "complex power": lambda x: vector(x) ** (1j * x),
    "power of a number": lambda x: 2.0 ** vector(x),
    "power of a negative number": lambda x: (x - 10) ** vector(x),
    "quotients": lambda x: vector(x) / (1 + 2j * x) + 1 / vector(x) + x / vector(x),
    "differences": lambda x: 1j - vector(x) + x * vector(x) - x,
    "sum": lambda x: np.sum(matrix(x), axis=0),
    "mean": lambda x: matrix(x).mean(),
    "prod": lambda x: np.prod(vector(x)),
    "cumsum": lambda x: np.cumsum(vector(x)),
    "cumprod": lambda x: np.cumprod(vector(x)),
    "var": lambda x: np.var(vector(x)),
    "std": lambda x: np.std(matrix(x), axis=0),
    "cov": lambda x: np.cov(matrix(x)),
    "average": lambda x: np.average(vector(x), weights=x),
    "dot": lambda x: np.dot(matrix(x), vector(x)),
    "hermitian product": lambda x: matrix(x) @ matrix(x).conj().T,
    "einsum": lambda x: np.einsum("ij,jk,k->i", matrix(x), M, vector(x)),
    "outer": lambda x: np.outer(vector(x), x),
    "tensordot": lambda x: np.tensordot(matrix(x), matrix(x)),
    "kron": lambda x: np.kron(vector(x), V),
    "solve": lambda x: np.linalg.solve(matrix(x), vector(x)),
    "solve for real numbers": lambda x: np.linalg.solve(matrix(x), x),
    "inv": lambda x: np.linalg.inv(matrix(x)),
    "det": lambda x: np.linalg.det(matrix(x)),
    "matrix_power": lambda x: np.linalg.matrix_power(matrix(x), 3),
    "vdot": lambda x: np.vdot(vector(x), V),
    "vecdot": lambda x: np.sum(np.conj(matrix(x)) * M, axis=-1),
    "inner": lambda x: np.inner(vector(x), V),
    "norm": lambda x: np.linalg.norm(vector(x)),
    "norm of a matrix": lambda x: np.linalg.norm(matrix(x)),
    "norm of rows": lambda x: np.linalg.norm(matrix(x), axis=1, keepdims=True),
    "norm 1": lambda x: np.linalg.norm(vector(x), 1),
    "norm inf": lambda x: np.linalg.norm(matrix(x), np.inf),
    "norm 3": lambda x: np.linalg.norm(vector(x), 3),
    "trace": lambda x: np.trace(matrix(x)),
    "diag": lambda x: np.diag(matrix(x)),
    "triu": lambda x: np.triu(matrix(x)),
    "index": lambda x: matrix(x)[[0, 2, 0], 1] + matrix(x)[1:, 0].sum(),
    "flip": lambda x: -matrix(x)[::-1],
    "ravel": lambda x: matrix(x).ravel()[2:],
    "concatenate": lambda x: np.concatenate([vector(x), x]),
    "stack": lambda x: np.stack([vector(x), x + 0j]),
    "array": lambda x: np.array([[scalar(x), x[0]], [1j, 2.0]]) @ np.array([x[2], 1j * x[1]]),
    "where": lambda x: np.where(x > 0.8, vector(x), x),
    "where on a part": lambda x: np.where(vector(x).real > 0, vector(x) ** 2, 1j),
    "where equal": lambda x: np.where(vector(x) == 0, 1, vector(x)),
    "isreal": lambda x: np.where(np.isreal(vector(x)), 1.0, vector(x)),
    "correlate": lambda x: np.correlate(vector(x), V, "full"),
    "convolve": lambda x: np.convolve(vector(x), V),
    "roll": lambda x: np.roll(vector(x), 1) + np.repeat(vector(x), 2)[::2],
    "diff": lambda x: np.diff(vector(x)) + np.gradient(vector(x))[1:],
    "polyval": lambda x: np.polyval(V, scalar(x)) + np.polyval(vector(x), x),
    "max": lambda x: np.max(np.abs(matrix(x))),
    "astype": lambda x: np.sqrt(x.astype(complex) - 5),
    "ones": lambda x: np.ones(3, complex) * x + np.full(3, scalar(x)) + np.zeros_like(vector(x)),
    "sum of Python's": lambda x: sum(abs(v) for v in vector(x)),
    "conjugate": lambda x: scalar(x) * scalar(x).conjugate(),
    "a large array": lambda x: np.exp(1j * x[0] * np.arange(300)) * W * x[1],
    "written": written,
    "parts are views": parts_are_views,
    "parts are set": parts_are_set,
    "in place": in_place,
    "summed": summed,
    "carried": carried,
    "filled": filled,
    "a cotangent is read again": cotangent_is_read_again,
    "a part is written into": part_is_written_into,
    "scaled again": scaled_again,
    "branched": branched,
    "of two parts": of_two_parts,
}

X = np.array([0.9, 0.7, 1.2])


def _wave(x: Any, count: int) -> Any:
    """Some complex numbers of three real ones."""
    return np.exp(1j * np.outer(x, np.arange(1, count + 1)).sum(0)) * x[0] + x[1] * x[2]


def _real(x: Any, count: int) -> Any:
    return np.cos(np.outer(x, np.arange(1, count + 1)).sum(0)) * x[0] + x[1] * x[2]


def _weights(shape: tuple[int, ...]) -> Any:
    return np.cos(3.0 * np.arange(math.prod(shape))).reshape(shape)


def _weighted(z: Any) -> Any:
    return z * _weights(z.shape)


def _of(name: str, real: bool, count: int, **options: Any) -> Callable[[Any], Any]:
    make = _real if real else _wave
    module = scipy.fft if name.removeprefix("i") in ("dct", "dst") else np.fft
    return lambda x: _weighted(getattr(module, name)(make(x, count), **options))


def _of_grid(name: str, real: bool, **options: Any) -> Callable[[Any], Any]:
    make = _real if real else _wave
    return lambda x: _weighted(getattr(np.fft, name)(make(x, 24).reshape(2, 3, 4), **options))


LENGTHS = (None, 1, 2, 4, 5, 8)
TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    f"{name} {n} {norm}": _of(name, name in ("rfft", "ihfft"), 5, n=n, norm=norm)
    for name in "fft ifft rfft irfft hfft ihfft".split()
    for n, norm in zip(LENGTHS, (None, "ortho", "forward", "backward", "ortho", None), strict=True)
}
for _name in "fft ifft rfft irfft".split():
    for _end in "2n":
        _is_real = _name == "rfft"
        TRANSFORMS[f"{_name}{_end}"] = _of_grid(_name + _end, _is_real)
        TRANSFORMS[f"{_name}{_end} of lengths"] = _of_grid(
            _name + _end, _is_real, s=(3, 5), axes=(2, 0), norm="ortho"
        )
for _name in "dct idct dst idst".split():
    for _type in (1, 2, 3, 4):
        for _norm, _orthogonal in ((None, None), ("ortho", None), ("forward", True)):
            TRANSFORMS[f"{_name} {_type} {_norm}"] = _of(
                _name, True, 5, type=_type, norm=_norm, orthogonalize=_orthogonal
            )
TRANSFORMS |= {
    "dct of a length": _of("dct", True, 5, n=4),
    "dct of complex numbers": _of("dct", False, 5),
    "dctn": lambda x: _weighted(scipy.fft.dctn(_real(x, 6).reshape(2, 3), norm="ortho")),
    "dstn of lengths": lambda x: _weighted(
        scipy.fft.dstn(_real(x, 6).reshape(2, 3), type=3, s=(3, 2))
    ),
    "idctn of an axis": lambda x: _weighted(
        scipy.fft.idctn(_real(x, 6).reshape(2, 3), axes=0, s=4, norm="forward")
    ),
    "idstn": lambda x: _weighted(scipy.fft.idstn(_real(x, 6).reshape(3, 2), 4, axes=(1, 0))),
    "scipy.fft": lambda x: scipy.fft.fft(_real(x, 5)) * scipy.fft.rfft(x)[1],
    "shifts": lambda x: np.fft.fftshift(np.fft.fft(_wave(x, 5)) * np.fft.fftfreq(5, 0.1)),
    "shifts back": lambda x: np.fft.ifftshift(_wave(x, 6).reshape(2, 3), axes=(1,)),
    "frequencies": lambda x: np.fft.rfftfreq(6, x[0]) * np.fft.rfft(_real(x, 6)),
    "a list": lambda x: np.fft.fft([x[0], x[1], 1.0, x[2] * 2]),
}

"""Parts of complex numbers, and questions for them."""

from __future__ import annotations

import math

from symdiff.frontend.lowering.base import (
    Array,
    line,
    refuse,
)
from symdiff.frontend.lowering.elementwise import arctan2
from symdiff.frontend.lowering.registry import LOWERINGS
from symdiff.graph.node import COMPLEX, FLOAT, INT
from symdiff.ops import complex_numbers, control
from symdiff.ops.builder import Builder
from symdiff.ops.handle import Handle
from symdiff.ops.reduction import broadcast_to


@LOWERINGS.named("real")
def real(val: Array) -> Handle:
    """The real part; real numbers themselves."""
    return complex_numbers.real(val) if val.dtype == COMPLEX else val


@LOWERINGS.named("imag")
def imag(val: Array) -> Handle:
    """The imaginary part; zeros for real numbers."""
    if val.dtype == COMPLEX:
        return complex_numbers.imag(val)
    b = val.builder
    return Handle(b, b.full(0.0, val.shape, val.dtype if val.dtype == INT else FLOAT))


@LOWERINGS.named("conj", "conjugate")
def conj(x: Array) -> Handle:
    """The complex conjugate; real numbers themselves."""
    return complex_numbers.conjugate(x) if x.dtype == COMPLEX else x


@LOWERINGS.named("angle")
def angle(b: Builder, z: Array, deg: bool = False) -> Handle:  # noqa: FBT001, FBT002  NumPy's
    """The angle in radians, or in degrees; of real numbers 0 or pi, with a derivative of 0."""
    found = complex_numbers.angle(z) if z.dtype == COMPLEX else arctan2(b, 0.0, z)
    return found * (180.0 / math.pi) if deg else found


@LOWERINGS.named("real_if_close")
def real_if_close(a: Array, _tol: float = 100) -> Handle:
    """Real numbers themselves."""
    if a.dtype == COMPLEX:
        refuse("whether the parts of complex numbers are close to 0 is not known", "write np.real")
    return a


@LOWERINGS.named("isreal")
def isreal(b: Builder, x: Array) -> Handle:
    """Whether the imaginary part is 0: true of real numbers."""
    if x.dtype == COMPLEX:
        return control.equal(complex_numbers.imag(x), 0.0)
    return broadcast_to(line(b, value=True), x.shape)


@LOWERINGS.named("iscomplex")
def iscomplex(b: Builder, x: Array) -> Handle:
    """Whether the imaginary part is not 0: false of real numbers."""
    if x.dtype == COMPLEX:
        return control.not_equal(complex_numbers.imag(x), 0.0)
    return broadcast_to(line(b, value=False), x.shape)


@LOWERINGS.named("isrealobj")
def isrealobj(x: Array) -> bool:
    """Whether the kind is a real one."""
    return x.dtype != COMPLEX


@LOWERINGS.named("iscomplexobj")
def iscomplexobj(x: Array) -> bool:
    """Whether the kind is complex."""
    return x.dtype == COMPLEX

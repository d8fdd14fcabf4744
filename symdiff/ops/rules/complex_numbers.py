"""Identities of complex numbers: parts of what is real, and of what is made of known numbers."""

from __future__ import annotations

import math

from symdiff.graph.node import COMPLEX, FLOAT
from symdiff.ops.complex_numbers import complex_number, complex_of_parts, number, number_of
from symdiff.ops.handle import Handle, Maker
from symdiff.ops.rules.table import Table, Tried

ROWS = Table(Tried.ALWAYS)
WITH_NUMBERS = Table(Tried.WITH_CONSTANT)


@ROWS.exact("real")
def _real(b: Maker, z: int) -> int | None:
    """Re(x) = x, Re(conj(z)) = Re(z), Re(x + i*y) = x."""
    inner = _as_real(b, z)
    if inner is not None:
        return inner
    node = b.nodes[z]
    if node.op == complex_of_parts.name:
        return node.args[0]
    return b.make("real", node.args) if node.op == "conjugate" else None


@ROWS.exact("imag")
def _imag(b: Maker, z: int) -> int | None:
    """Im(x) = 0, Im(conj(z)) = -Im(z), Im(x + i*y) = y."""
    if _as_real(b, z) is not None:
        return b.full(0.0, b.nodes[z].shape)
    node = b.nodes[z]
    if node.op == complex_of_parts.name:
        return node.args[1]
    return b.make("negate", (b.make("imag", node.args),)) if node.op == "conjugate" else None


@ROWS.exact("conjugate")
def _conjugate(b: Maker, z: int) -> int | None:
    """conj(x) = x, conj(conj(z)) = z, the conjugate of a number that is known."""
    node = b.nodes[z]
    if node.dtype != COMPLEX or z in b.constants:
        return z
    if node.op == "conjugate":
        return node.args[0]
    if node.op == complex_number.name:
        return number(b, number_of(*node.params).conjugate()).at
    if node.op == "broadcast":
        return b.make("broadcast", (b.make("conjugate", node.args),), node.params)
    return None


@ROWS.algebraic("real")
def _real_of_scaled(b: Maker, z: int) -> int | None:
    """Re(c*x) = Re(c)*x for a real x and a known number c, Re(1j*z) = -Im(z)."""
    found = _scaled(b, z)
    if found is None:
        return None
    factor, x = found
    if b.nodes[x].dtype == FLOAT:
        return b.make("multiply", (b.full(factor.real, b.nodes[x].shape), x))
    part = b.make("imag", (x,))
    return b.make("multiply", (b.full(-factor.imag, b.nodes[x].shape), part))


@ROWS.algebraic("imag")
def _imag_of_scaled(b: Maker, z: int) -> int | None:
    """Im(c*x) = Im(c)*x for a real x and a known number c, Im(1j*z) = Re(z)."""
    found = _scaled(b, z)
    if found is None:
        return None
    factor, x = found
    part = x if b.nodes[x].dtype == FLOAT else b.make("real", (x,))
    return b.make("multiply", (b.full(factor.imag, b.nodes[x].shape), part))


@ROWS.algebraic("conjugate")
def _conjugate_of_scaled(b: Maker, z: int) -> int | None:
    """conj(c*x) = conj(c)*x for a real x and a known number c."""
    found = _scaled(b, z)
    if found is None or b.nodes[found[1]].dtype != FLOAT:
        return None
    factor, x = found
    line = Handle(b, x)
    return (number(b, factor.conjugate(), line) * line).at


@ROWS.exact("as_complex128")
def _complex_already(b: Maker, z: int) -> int | None:
    """What is complex stays as it is."""
    return z if b.nodes[z].dtype == COMPLEX else None


# From 1j and a float of NumPy's Python computes a complex number of its own, whose quotients raise
# where NumPy's are infinite or NaN: of x*1j NumPy computes it.


@ROWS.exact("add", complex_number.name)
def _sum_of_number(b: Maker, x: int, y: int) -> int | None:
    """c + x = x + c, for a known number c and a real x that is no array."""
    return b.make("add", (y, x)) if _meets_number(b, x, y) else None


@ROWS.exact("multiply", complex_number.name)
def _product_of_number(b: Maker, x: int, y: int) -> int | None:
    """c*x = x*c, for a known number c and a real x that is no array."""
    return b.make("multiply", (y, x)) if _meets_number(b, x, y) else None


@ROWS.exact("subtract", complex_number.name)
def _difference_of_number(b: Maker, x: int, y: int) -> int | None:
    """c - x = (-x) + c, for a known number c and a real x that is no array.

    Of an imaginary part -0.0, which 0 added to it loses, c - x = -(x - c).
    """
    if not _meets_number(b, x, y):
        return None
    part = number_of(*b.nodes[x].params).imag
    if part == 0.0 and math.copysign(1.0, part) < 0.0:
        return b.make("negate", (b.make("subtract", (y, x)),))
    return b.make("add", (b.make("negate", (y,)), x))


def _meets_number(b: Maker, x: int, y: int) -> bool:
    """Whether the first line is a known complex number and the second a real one, no array."""
    other = b.nodes[y]
    is_real = other.dtype != COMPLEX and not other.shape and y not in b.constants
    return is_real and b.nodes[x].op == complex_number.name


@WITH_NUMBERS.exact("as_complex128")
def _complex_constant(b: Maker, x: int) -> int | None:
    """A number that is known, as a complex one."""
    return b.full(b.constants[x], b.nodes[x].shape, COMPLEX)


@WITH_NUMBERS.exact("complex_power")
def _easy_power(b: Maker, z: int, y: int) -> int | None:
    """z**0 = 1, z**1 = z, z**2 = z*z, as in NumPy's own `**`; 0.5 and -1 mean sqrt and 1/z."""
    exponent = b.constants.get(y)
    if b.nodes[z].dtype != COMPLEX:
        return None
    if exponent == 0.0:
        return b.full(1.0, b.nodes[z].shape, COMPLEX)
    if exponent == 1.0:
        return z
    if exponent == 2.0:
        return b.make("multiply", (z, z))
    if exponent == 0.5:
        return b.make("complex_sqrt", (z,))
    if exponent == -1.0:
        return b.make("divide", (b.full(1.0, b.nodes[z].shape), z))
    return None


def _as_real(b: Maker, z: int) -> int | None:
    """The real line that a line is, or is the conversion of; `None` for what is complex."""
    node = b.nodes[z]
    if node.dtype != COMPLEX:
        return z
    if z in b.constants:
        return b.full(b.constants[z], node.shape)
    return node.args[0] if node.op == "as_complex128" else None


def _scaled(b: Maker, z: int) -> tuple[complex, int] | None:
    """A known number and the line that it scales, one of which has no imaginary or no real part."""
    node = b.nodes[z]
    if node.op == "negate" and node.dtype == COMPLEX:
        found = _scaled(b, node.args[0])
        return None if found is None else (-found[0], found[1])
    if node.op != "multiply" or node.dtype != COMPLEX:
        return None
    for one, other in (node.args, node.args[::-1]):
        factor = _known_number(b, one)
        if factor is not None and (b.nodes[other].dtype == FLOAT or factor.real == 0.0):
            return factor, other
    return None


def _known_number(b: Maker, position: int) -> complex | None:
    node = b.nodes[position]
    if node.op == "broadcast":
        node = b.nodes[node.args[0]]
    return number_of(*node.params) if node.op == complex_number.name else None

"""One row for each operation that takes complex numbers: how it is tried, and NumPy's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft

from symdiff.graph.node import BOOL, COMPLEX, FLOAT
from symdiff.ops.complex_numbers import number_data

Shape = tuple[int, ...]
CUT = 0.6  # arguments keep away from branch cuts, which start at 0 and at -1 and 1


@dataclass(frozen=True)
class Variant:
    """Shapes and kinds of the arguments, and the operation's parameters, one way."""

    shapes: tuple[Shape, ...]
    params: tuple[Any, ...] = ()
    kinds: tuple[str, ...] = ()  # complex where there are fewer


@dataclass(frozen=True, eq=False)
class ComplexRow:
    """How one operation is tried.

    Attributes:
        name: the operation's name in the registry.
        oracle: `(*arguments, *params)` to what NumPy says.
        variants: shapes, kinds and parameters.
        is_free: whether its arguments may be chosen one by one.
    """

    name: str
    oracle: Callable[..., Any]
    variants: tuple[Variant, ...]
    is_free: bool = True


def _put(x: Any, v: Any, pattern: Any) -> Any:
    found = np.array(x, complex)
    found[_at(pattern)] = v
    return found


def _put_add(x: Any, v: Any, pattern: Any) -> Any:
    found = np.array(x, complex)
    found[_at(pattern)] += v
    return found


def _at(pattern: Any) -> Any:
    return tuple(e[1] if e[0] == "int" else slice(e[1], e[1] + e[2] * e[3], e[3]) for e in pattern)


def _transform(name: str) -> Callable[..., Any]:
    def oracle(x: Any, lengths: Any, axes: Any, norm: str) -> Any:
        return getattr(np.fft, f"{name}n")(x, lengths, axes, norm)

    return oracle


def _trigonometric(name: str) -> Callable[..., Any]:
    def oracle(x: Any, kind: int, axis: int, norm: str, orthogonalize: bool) -> Any:
        return getattr(scipy.fft, name)(x, kind, None, axis, norm, orthogonalize=orthogonalize)

    return oracle


def _phase(z: Any, y: Any) -> Any:
    return z / y


ONE = (Variant(((),)), Variant(((3,),)))
TWO = (
    Variant(((3,), (3,))),
    Variant(((3,), (3,)), kinds=(FLOAT, COMPLEX)),
    Variant(((), ()), kinds=(COMPLEX, FLOAT)),
)
ANALYTIC = (
    "sqrt exp expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh "
    "arccosh arctanh"
).split()
FOURIER = tuple(
    Variant((shape,), (lengths, axes, norm), kinds)
    for shape, lengths, axes in (
        ((5,), (5,), (0,)),
        ((4,), (6,), (0,)),
        ((5,), (4,), (0,)),
        ((2,), (1,), (0,)),
        ((2, 3), (3, 3), (0, 1)),
        ((3, 4), (2,), (0,)),
    )
    for norm, kinds in (("backward", (COMPLEX,)), ("ortho", (FLOAT,)), ("forward", (COMPLEX,)))
)
TRIGONOMETRIC = tuple(
    Variant((shape,), (kind, axis, norm, is_orthogonal), (COMPLEX if norm == "ortho" else FLOAT,))
    for shape, axis in (((5,), 0), ((2, 3), 1))
    for kind in (1, 2, 3, 4)
    for norm, is_orthogonal in (("backward", False), ("ortho", True), ("forward", True))
)
MATRIX = (Variant(((3, 3),)), Variant(((2, 2, 2),)))

COMPLEX_ROWS = (
    # what the records of this kind alone take
    ComplexRow("complex_number", lambda data: 2 - 3j, (Variant((), (number_data(2 - 3j),)),)),
    ComplexRow(
        "complex_array",
        lambda *params: np.array([1j, 2.0]),
        (Variant((), ((2,), "complex128", "AAAAAAAAAAAAAAAAAADwPwAAAAAAAABAAAAAAAAAAAA=")),),
    ),
    ComplexRow(
        "as_complex128", lambda x: np.asarray(x, complex), (Variant(((3,),), (), (FLOAT,)),)
    ),
    ComplexRow("real", np.real, ONE),
    ComplexRow("imag", np.imag, ONE),
    ComplexRow("conjugate", np.conj, ONE),
    ComplexRow(
        "complex_of_parts",
        lambda x, y: x + 1j * y,
        (Variant(((3,), (3,)), kinds=(FLOAT, FLOAT)),),
    ),
    ComplexRow("phase", _phase, (Variant(((3,), (3,)), kinds=(COMPLEX, FLOAT)),), is_free=False),
    ComplexRow("complex_absolute", np.abs, ONE),
    ComplexRow(
        "absolute_square",
        lambda z, given: np.asarray(given),
        (Variant(((3,), (3,)), kinds=(COMPLEX, FLOAT)),),
        is_free=False,
    ),
    ComplexRow("tril", np.tril, (Variant(((3, 3),), (1,)),)),
    ComplexRow("triu", np.triu, (Variant(((2, 3, 3),), (-1,)),)),
    ComplexRow("diagonal", np.diag, (Variant(((3, 3),)),)),
    ComplexRow("diagonal_matrix", np.diag, (Variant(((3,),)),)),
    ComplexRow(
        "as_written",
        lambda twin, given: given,
        (Variant(((3,), (3,)), kinds=(COMPLEX, COMPLEX)), Variant(((3,), (3,)))),
        is_free=False,
    ),
    ComplexRow("angle", np.angle, ONE),
    *[ComplexRow(f"complex_{name}", getattr(np, name), ONE) for name in ANALYTIC],
    ComplexRow("complex_power", np.power, TWO),
    ComplexRow("complex_det", np.linalg.det, MATRIX),
    ComplexRow(
        "roots",
        lambda p: np.roots(p).astype(complex),
        (Variant(((4,),), (), (FLOAT,)), Variant(((3,),), (), (FLOAT,))),
    ),
    ComplexRow("fft", _transform("fft"), FOURIER),
    ComplexRow("ifft", _transform("ifft"), FOURIER),
    ComplexRow(
        "rfft", _transform("rfft"), tuple(Variant(v.shapes, v.params, (FLOAT,)) for v in FOURIER)
    ),
    ComplexRow("irfft", _transform("irfft"), FOURIER),
    ComplexRow("dct", _trigonometric("dct"), TRIGONOMETRIC),
    ComplexRow("dst", _trigonometric("dst"), TRIGONOMETRIC),
    # what is the same for real numbers
    ComplexRow("add", np.add, TWO),
    ComplexRow("subtract", np.subtract, TWO),
    ComplexRow("multiply", np.multiply, TWO),
    ComplexRow("divide", np.divide, TWO),
    ComplexRow("negate", np.negative, ONE),
    ComplexRow("where", np.where, (Variant(((3,), (3,), (3,)), kinds=(BOOL, COMPLEX, FLOAT)),)),
    ComplexRow("equal", np.equal, (Variant(((3,), (3,))),)),
    ComplexRow("not_equal", np.not_equal, (Variant(((3,), (3,))),)),
    ComplexRow("as_bool", lambda z: z != 0, (Variant(((3,),)),)),
    ComplexRow("stop", lambda z: z, (Variant(((3,),)),)),
    ComplexRow("held", lambda z: z, (Variant(((3,),)),)),
    ComplexRow("reshape", np.reshape, (Variant(((2, 3),), ((3, 2),)),)),
    ComplexRow("transpose", np.transpose, (Variant(((2, 3),), ((1, 0),)),)),
    ComplexRow("broadcast", np.broadcast_to, (Variant(((3,),), ((2, 3),)),)),
    ComplexRow(
        "index",
        lambda x, pattern: x[_at(pattern)],
        (Variant(((4,),), ((("slice", 2, 2, -1),),)),),
    ),
    ComplexRow(
        "put",
        _put,
        (
            Variant(((4,), (2,)), ((("slice", 1, 2, 1),),), (FLOAT, COMPLEX)),
            Variant(((4,), ()), ((("int", 1),),), (COMPLEX, FLOAT)),
        ),
    ),
    ComplexRow(
        "put_add", _put_add, (Variant(((4,), (2,)), ((("slice", 1, 2, 1),),), (FLOAT, COMPLEX)),)
    ),
    ComplexRow(
        "concatenate",
        lambda a, b, axis: np.concatenate([a, b], axis),
        (Variant(((2,), (3,)), (0,), (COMPLEX, FLOAT)),),
    ),
    ComplexRow(
        "stack",
        lambda a, b, shape, axis: np.stack([a, b], axis),
        (Variant(((3,), (3,)), ((2,), 1), (FLOAT, COMPLEX)),),
    ),
    ComplexRow(
        "sum",
        lambda x, axes, keepdims: np.sum(x, axis=axes, keepdims=keepdims),
        (Variant(((2, 3),), ((1,), True)),),
    ),
    ComplexRow(
        "prod",
        lambda x, axes, keepdims: np.prod(x, axis=axes, keepdims=keepdims),
        (Variant(((2, 3),), ((1,), False)),),
    ),
    ComplexRow("cumsum", np.cumsum, (Variant(((2, 3),), (1,)),)),
    ComplexRow("cumprod", np.cumprod, (Variant(((2, 3),), (1,)),)),
    ComplexRow("convolve", np.convolve, (Variant(((3,), (2,)), kinds=(COMPLEX, FLOAT)),)),
    ComplexRow(
        "contract",
        lambda a, b, letters: np.einsum(letters, a, b),
        (
            Variant(((2, 3), (3, 2)), ("ij,jk->ik",)),
            Variant(((2, 3), (3,)), ("ij,j->i",), (FLOAT, COMPLEX)),
        ),
    ),
    ComplexRow("inv", np.linalg.inv, MATRIX),
    ComplexRow(
        "solve",
        np.linalg.solve,
        (
            Variant(((3, 3), (3,))),
            Variant(((3, 3), (3, 2)), kinds=(FLOAT, COMPLEX)),
            Variant(((2, 2), (2,)), kinds=(COMPLEX, FLOAT)),
        ),
    ),
)
COMPLEX_BY_NAME = {row.name: row for row in COMPLEX_ROWS}

"""Every operation that takes complex numbers, as a function of real and imaginary parts.

Values are compared with NumPy's own and with 50 digits, derivatives with differences of NumPy's
function and forward with reverse mode; identities with what they replace, at random numbers.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.derive.forward import jvp
from symdiff.errors import UnsupportedError
from symdiff.graph.check import check
from symdiff.graph.graph import Graph
from symdiff.graph.node import BOOL, COMPLEX, FLOAT
from symdiff.ops.builder import Builder
from symdiff.ops.complex_numbers import (
    as_complex128,
    complex_of_parts,
    conjugate,
    imag,
    number,
    real,
    times_i,
)
from symdiff.ops.fourier import dct, fft
from symdiff.ops.handle import Handle
from symdiff.ops.operation import Flat
from symdiff.ops.reduction import total
from symdiff.ops.registry import COMPLEX_FORMS, OPERATIONS
from symdiff.ops.rules import ALGEBRAIC, EXACT
from symdiff.ops.rules.complex_numbers import ROWS, WITH_NUMBERS
from symdiff.verify.digits import Exact
from symdiff.verify.interpret import Interpreter
from tests.compiled import load
from tests.ops.complex_rows import COMPLEX_ROWS, CUT, ComplexRow, Variant
from tests.strategies import ALONE

STEP = 1e-4
CASES = [
    pytest.param(row, variant, id=f"{row.name}-{number}")
    for row in COMPLEX_ROWS
    for number, variant in enumerate(row.variants)
]
every_case = pytest.mark.parametrize(("row", "variant"), CASES)


def kinds_of(variant: Variant) -> list[str]:
    missing = len(variant.shapes) - len(variant.kinds)
    return [*variant.kinds, *[COMPLEX] * missing]


def inputs_of(variant: Variant) -> list[tuple[str, tuple[int, ...], str]]:
    """The real inputs: two of each complex argument."""
    found = []
    for k, (shape, kind) in enumerate(zip(variant.shapes, kinds_of(variant), strict=True)):
        parts = (f"x{k}", f"y{k}") if kind == COMPLEX else (f"x{k}",)
        found += [(name, shape, BOOL if kind == BOOL else FLOAT) for name in parts]
    return found


def graph_of(row: ComplexRow, variant: Variant) -> Graph:
    """The sum of the result's parts times weights `u` and `v`."""
    b = Builder(EXACT)
    lines = {name: b.handle(b.input(name, shape, kind)) for name, shape, kind in inputs_of(variant)}
    inputs = [line.at for line in lines.values()]
    args = [
        lines[f"x{k}"] + times_i(lines[f"y{k}"], 1j) if f"y{k}" in lines else lines[f"x{k}"]
        for k in range(len(variant.shapes))
    ]
    result = b.handle(b.make(row.name, tuple(x.at for x in args), variant.params))
    if result.dtype == BOOL:
        result = OPERATIONS["as_float64"](result)
    u = b.handle(b.input("u", result.shape))
    loss = total(u * real(result))
    inputs.append(u.at)
    if result.dtype == COMPLEX:
        v = b.handle(b.input("v", result.shape))
        loss = loss + total(v * imag(result))
        inputs.append(v.at)
    graph = b.graph(inputs, [loss.at], ["f"], primal=1)
    check(graph)
    return graph


def point_of(row: ComplexRow, variant: Variant) -> dict[str, Any]:
    """Numbers away from branch cuts and poles, and weights."""
    rng = np.random.default_rng(zlib.crc32(f"{row.name} {variant}".encode()))
    found: dict[str, Any] = {}
    for name, shape, kind in inputs_of(variant):
        found[name] = rng.uniform(CUT, 1.4, shape)
        if len(shape) > 1:
            found[name] = rng.choice([-1, 1], shape) * found[name]
        if len(shape) > 1 and shape[-1] == shape[-2]:  # far from a singular matrix
            found[name] = found[name] + 3.0 * np.eye(shape[-1])
        if kind == BOOL:
            found[name] = rng.random(shape) < 0.5
    result = np.asarray(row.oracle(*arguments(variant, found), *variant.params))
    for name in "uv" if result.dtype.kind == "c" else "u":
        found[name] = rng.normal(size=result.shape)
    return found


def arguments(variant: Variant, point: dict[str, Any]) -> list[Any]:
    return [
        point[f"x{k}"] + 1j * point[f"y{k}"] if f"y{k}" in point else point[f"x{k}"]
        for k in range(len(variant.shapes))
    ]


def loss_of(row: ComplexRow, variant: Variant, point: dict[str, Any]) -> float:
    """The weighted sum by NumPy's own function."""
    result = np.asarray(row.oracle(*arguments(variant, point), *variant.params))
    found = np.sum(point["u"] * result.real)
    return float(found + np.sum(point["v"] * result.imag) if "v" in point else found)


def wrt_of(variant: Variant) -> tuple[str, ...]:
    return tuple(name for name, _, kind in inputs_of(variant) if kind == FLOAT)


@cache
def module_of(row: ComplexRow, variant: Variant) -> ModuleType:
    return load(graph_of(row, variant), wrt_of(variant))


def gradient_of(row: ComplexRow, variant: Variant, point: dict[str, Any]) -> dict[str, Any]:
    wrt = wrt_of(variant)
    found = module_of(row, variant).grad(*point.values())
    return dict(zip(wrt, found if len(wrt) > 1 else (found,), strict=True))


def moved(point: dict[str, Any], name: str, entry: tuple[int, ...], by: float) -> dict[str, Any]:
    changed = np.array(point[name], float)
    changed[entry] += by
    return {**point, name: changed if changed.shape else changed[()]}


# --- the table -----------------------------------------------------------------------------------


def test_every_record_that_takes_complex_numbers_has_a_row() -> None:
    wanted = {op for op, record in OPERATIONS.items() if record.takes_complex}
    named = {row.name for row in COMPLEX_ROWS}
    # what stands beside a check, and loops, which tests/frontend/staging tries
    assert wanted - named == {"checked", "scan", "scan_final", "scan_stacked"}
    assert all(row.name in wanted or not row.variants[0].shapes or row.name in ("rfft", "roots")
               for row in COMPLEX_ROWS)  # fmt: skip
    assert {OPERATIONS[name].of_real for name in COMPLEX_FORMS.values()} == COMPLEX_FORMS.keys()


WITHOUT = [
    op
    for op, record in OPERATIONS.items()
    if record.arity == 1 and record.is_elementwise and not record.takes_complex
]


@pytest.mark.parametrize("op", sorted({*WITHOUT} - COMPLEX_FORMS.keys()))
def test_what_has_no_rule_for_complex_numbers_is_refused(op: str) -> None:
    b = Builder(EXACT)
    z = as_complex128(b.handle(b.input("x")))
    with pytest.raises(UnsupportedError, match=f"'{op}' of complex numbers is not supported"):
        b.make(op, (z.at,), (1,) * len(OPERATIONS[op].params))


# --- values and derivatives ----------------------------------------------------------------------


@every_case
def test_value_is_numpys(row: ComplexRow, variant: Variant) -> None:
    point = point_of(row, variant)
    if wrt_of(variant):
        got = module_of(row, variant).value(*point.values())
        assert got == pytest.approx(loss_of(row, variant, point), rel=1e-12, abs=1e-13)


@every_case
def test_value_is_that_of_50_digits(row: ComplexRow, variant: Variant) -> None:
    point = point_of(row, variant)
    exact = Interpreter(graph_of(row, variant), Exact(50)).outputs(point)[0]
    assert float(exact) == pytest.approx(loss_of(row, variant, point), rel=1e-11, abs=1e-12)


@pytest.mark.spread(2)
@every_case
def test_gradient_is_that_of_differences(row: ComplexRow, variant: Variant) -> None:
    if isinstance(OPERATIONS[row.name].derivative, Flat) or not row.is_free:
        return
    point = point_of(row, variant)
    for name, entries in gradient_of(row, variant, point).items():
        for entry in np.ndindex(*np.shape(entries)):
            coarse, fine = (
                (loss_of(row, variant, moved(point, name, entry, h))
                 - loss_of(row, variant, moved(point, name, entry, -h))) / (2 * h)
                for h in (STEP, STEP / 2)
            )  # fmt: skip
            wanted = fine + (fine - coarse) / 3
            assert np.asarray(entries)[entry] == pytest.approx(wanted, rel=2e-7, abs=2e-8)


@pytest.mark.spread(2)
@every_case
def test_forward_mode_and_second_derivatives_agree(row: ComplexRow, variant: Variant) -> None:
    """The tangent is the gradient's product; its gradient is a difference of gradients."""
    wrt = wrt_of(variant)
    if isinstance(OPERATIONS[row.name].derivative, Flat) or not wrt or not row.is_free:
        return
    point = point_of(row, variant)
    rng = np.random.default_rng(3)
    tangents = {name: rng.normal(size=np.shape(point[name])) for name in wrt}
    forward = jvp(graph_of(row, variant), wrt).select([1])
    second = load(forward, wrt)
    given = [*point.values(), *tangents.values()]
    gradient = gradient_of(row, variant, point)
    along = sum(float(np.sum(gradient[name] * tangents[name])) for name in wrt)
    assert second.value(*given) == pytest.approx(along, rel=1e-10, abs=1e-11)
    found = second.grad(*given)
    above, below = (
        gradient_of(row, variant, {**point, **{n: point[n] + h * tangents[n] for n in wrt}})
        for h in (STEP, -STEP)
    )
    for name, got in zip(wrt, found if len(wrt) > 1 else (found,), strict=True):
        wanted = (above[name] - below[name]) / (2 * STEP)
        np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=2e-6)


# --- conventions ---------------------------------------------------------------------------------


def _of_parts(make: Any) -> tuple[ModuleType, ModuleType]:
    """A real function of x + i*y, with its gradient and with one of its tangent's."""
    b = Builder(EXACT)
    x, y = (b.handle(b.input(name)) for name in "xy")
    graph = b.graph([x.at, y.at], [make(x + times_i(y, 1j)).at], ["f"], primal=1)
    return load(graph, ("x", "y")), load(jvp(graph, ("x", "y")).select([1]), ("x", "y"))


def test_magnitude_has_gradient_0_at_0_and_no_second_derivative() -> None:
    first, second = _of_parts(OPERATIONS["absolute"])
    assert first.grad(0.0, 0.0) == (0.0, 0.0)
    assert np.isnan(second.grad(0.0, 0.0, 1.0, 1.0)).all()


@pytest.mark.parametrize("power", [2.0, 4.0])
def test_even_powers_of_a_magnitude_are_smooth_at_0(power: float) -> None:
    first, second = _of_parts(lambda z: OPERATIONS["absolute"](z) ** power)
    assert first.grad(0.0, 0.0) == (0.0, 0.0)
    wanted = (2.0, 4.0) if power == 2.0 else (0.0, 0.0)
    assert second.grad(0.0, 0.0, 1.0, 2.0) == wanted


ON_CUTS = {
    "negative first": lambda x: np.sqrt(-x + 0j),
    "negative behind": lambda x: np.sqrt(0j - x),
    "logarithm": lambda x: np.log(-x + 0j) * x,
    "below": lambda x: np.sqrt(-(x + 0j)),
    "conjugate": lambda x: np.log(np.conj(0j - x)) * x,
    "minus a negative": lambda x: np.sqrt((-x - 1j) - (-x) * 0.0 + 1j),
    "arcsin": lambda x: np.arcsin(x + 0j),
    "arcsin below": lambda x: np.arcsin(np.conj(x + 0j)),
    "arccos": lambda x: np.arccos(x + 0j),
    "arccos of negative ones": lambda x: np.arccos(0j - x),
    "arcsinh": lambda x: np.arcsinh(x * 1j),
    "arcsinh on the left": lambda x: np.arcsinh(-(x * 1j)),
}


@pytest.mark.parametrize("name", ON_CUTS)
def test_a_branch_cut_is_met_from_the_side_of_numpy(name: str) -> None:
    """NumPy's own values, and central differences of them along the cut."""

    def parts(x: Any) -> Any:
        made = ON_CUTS[name](x)
        return np.real(made) + 2.0 * np.imag(made)

    x, h = np.float64(1.3), 1e-6
    value, slope = sd.value_and_grad(parts)(float(x))
    assert value == pytest.approx(float(parts(x)), rel=1e-13)
    assert slope == pytest.approx((parts(x + h) - parts(x - h)) / (2 * h), rel=1e-8)


# --- identities ----------------------------------------------------------------------------------


def _z(x: Handle, y: Handle) -> Handle:
    return x + times_i(y, 1j)


IDENTITIES = {
    "_real": [
        lambda x, y: real(as_complex128(x)),
        lambda x, y: real(conjugate(_z(x, y))),
        lambda x, y: real(complex_of_parts(x, y)),
    ],
    "_imag": [
        lambda x, y: imag(complex_of_parts(x, y)),
        lambda x, y: x + imag(as_complex128(x)),
        lambda x, y: imag(conjugate(_z(x, y))),
    ],
    "_conjugate": [
        lambda x, y: imag(conjugate(conjugate(_z(x, y)))),
        lambda x, y: imag(conjugate(times_i(y, 2 - 1j))),
        lambda x, y: imag(conjugate(_number(x, 2 - 1j))) * y,
    ],
    "_real_of_scaled": [
        lambda x, y: real(times_i(x, 2 - 3j)),
        lambda x, y: real(times_i(_z(x, y), -3j)),
        lambda x, y: real(-times_i(_z(x, y), -3j)),
    ],
    "_imag_of_scaled": [
        lambda x, y: imag(times_i(x, 2 - 3j)),
        lambda x, y: imag(times_i(_z(x, y), -3j)),
    ],
    "_conjugate_of_scaled": [lambda x, y: imag(conjugate(times_i(x, 2 - 3j)))],
    "_complex_already": [lambda x, y: imag(as_complex128(_z(x, y)))],
    "_complex_constant": [lambda x, y: real(as_complex128(_real_number(x, 2.0)) * _z(x, y))],
    "_sum_of_number": [lambda x, y: imag(_two(x) + x) * real(_two(x) + y)],
    "_product_of_number": [lambda x, y: imag(_two(x) * x) + y],
    "_difference_of_number": [
        lambda x, y: real(_two(x) - x) + y,
        lambda x, y: real(number(x.builder, complex(2.0, -0.0)) - x) + y,
    ],
    "_easy_power": [
        lambda x, y, p=p: imag(OPERATIONS["power"](_z(x, y), p)) for p in (0.0, 1.0, 2.0, 0.5, -1.0)
    ],
}


def _two(x: Handle) -> Handle:
    return number(x.builder, 2 - 1j)


def _number(x: Handle, value: complex) -> Handle:
    return times_i(_real_number(x, 1.0), value)


def _real_number(x: Handle, value: float) -> Handle:
    return Handle(x.builder, x.builder.constant(value))


def _output(rules: Any, tape: Any, point: dict[str, Any]) -> Any:
    b = Builder(rules)
    x, y = (b.handle(b.input(name)) for name in "xy")
    graph = b.graph([x.at, y.at], [tape(x, y).at], ["f"], primal=1)
    check(graph)
    return graph, Interpreter(graph, Exact(50)).outputs(point)[0]


def test_every_identity_has_a_tape() -> None:
    rows = {entry.row.__name__ for entry in (*ROWS.entries, *WITH_NUMBERS.entries)}
    assert rows == IDENTITIES.keys()


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_keeps_the_value(name: str) -> None:
    for tape, (x, y) in itertools.product(IDENTITIES[name], ((0.7, -1.3), (-2.0, 0.25))):
        plain, wanted = _output(ALONE(), tape, {"x": x, "y": y})
        made, got = _output(ALGEBRAIC, tape, {"x": x, "y": y})
        assert made.nodes != plain.nodes
        assert abs(got - wanted) < 1e-40


# --- bad lengths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "shape", "params"),
    [(fft, (3,), ((0,), (0,), "backward")), (dct, (1,), (1, 0, "backward", False)),
     (dct, (0,), (2, 0, "backward", False))],
)  # fmt: skip
def test_a_transform_without_a_length_is_refused(
    record: Any, shape: Sequence[int], params: Any
) -> None:
    b = Builder(EXACT)
    with pytest.raises(ValueError, match="is not defined"):
        record(b.handle(b.input("x", tuple(shape))), params=params)

"""Whole numbers of few bits wrap as NumPy's do, in value and gradient, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.transform import transform
from tests.frontend.tracing.checks import agree

W = np.array([0.3, 0.4, 0.9, 1.7])
VALUES = {
    np.uint8: [5, 20, 250, 255],
    np.int8: [5, -128, 100, 127],
    np.uint16: [5, 300, 65000, 65535],
    np.int16: [5, -32768, 300, 32767],
    np.int32: [5, -(2**31), 70000, 2**31 - 1],
    np.uint32: [5, 70000, 2**32 - 5, 2**32 - 1],
    np.int64: [5, -(2**63), 2**62, 2**63 - 1],
    np.uint64: [5, 2**40, 2**50, 7],
}
SMALL = np.array([3, 100, 7, 200], np.uint8)

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "twice": lambda w, i: w * (i * 2),
    "twice_and_negative": lambda w, i: w * (i * 2) + w * -i,
    "sum_of_products": lambda w, i: w * (i * 3 + i * 4),
    "negative": lambda w, i: w * -i,
    "difference": lambda w, i: w * (i - 100),
    "reflected_difference": lambda w, i: w * (100 - i),
    "neighbours": lambda w, i: w[1:] * (i[1:] - i[:-1]),
    "square": lambda w, i: w * (i * i),
    "power": lambda w, i: w * i**3,
    "np_square": lambda w, i: w * np.square(i),
    "absolute": lambda w, i: w * abs(i),
    "product_then_quotient": lambda w, i: w * ((i * 7) // 3),
    "sum_then_half": lambda w, i: w * ((i + i) / 2),
    "product_then_rest": lambda w, i: w * ((i * 7) % 10),
    "floor_by_minus_one": lambda w, i: w * (i // np.array(-1).astype(i.dtype)),
    "comparison": lambda w, i: w * ((i * 2) > i),
    "maximum": lambda w, i: w * np.maximum(i * 2, i),
    "minimum": lambda w, i: w * np.minimum(i * 2, 7),
    "where": lambda w, i: w * np.where(i > 9, i * 2, i),
    "sum": lambda w, i: w * i.sum(),
    "sum_of_products_of_all": lambda w, i: w * (i * 2).sum(),
    "cumulative": lambda w, i: w * np.cumsum(i * 2),
    "mean": lambda w, i: w * (i * 2).mean() + w * np.std(i),
    "max": lambda w, i: w * (i * 3).max(),
    "range": lambda w, i: w * np.ptp(i),
    "dot": lambda w, i: w * i.dot(i),
    "matmul": lambda w, i: w * (i @ i),
    "outer": lambda w, i: w * np.outer(i, i)[1],
    "einsum": lambda w, i: w * np.einsum("i,i->i", i, i),
    "einsum_of_wrapped": lambda w, i: w * np.einsum("i,i->", i * 2, i * 3),
    "einsum_total": lambda w, i: w * np.einsum("i->", i * 2),
    "einsum_view": lambda w, i: w * (np.einsum("i->i", i * 2) + i),
    "difference_function": lambda w, i: w[1:] * np.diff(i),
    "converted": lambda w, i: w * (i.astype(np.int64) * 2),
    "to_float": lambda w, i: w * (i.astype(float) * 2),
    "to_bytes": lambda w, i: w * (i.astype(np.uint8) * 2),
    "to_bytes_and_back": lambda w, i: w * (i.astype(np.int8).astype(np.int16) * 3),
    "with_known_bytes": lambda w, i: w * (i * SMALL),
    "with_known_whole_numbers": lambda w, i: w * (i * np.array([1, 2, 3, 4])),
    "with_a_float": lambda w, i: w * (i * 2.0),
    "with_floats_first": lambda w, i: w * i * 2,
    "with_truths": lambda w, i: w * (i * (w > 0.5)),
    "truths_and_known_bytes": lambda w, i: w * ((w > 0.5) * SMALL * 2) + 0 * w * i[0],
    "elements": lambda w, i: w * (i[2] * 2),
    "elements_added": lambda w, i: w * (i[2] + i[3]),
    "in_place": lambda w, i: w * twice_in_place(i),
    "written": lambda w, i: w * written(i),
    "joined": lambda w, i: w * np.concatenate([i[:2] * 2, i[2:]]),
    "sorted": lambda w, i: w * np.sort(i * 2),
    "argmax": lambda w, i: w * (np.argmax(i * 2) * 200),
    "clipped": lambda w, i: w * np.clip(i * 2, 3, 100),
    "divmod": lambda w, i: w * divmod(i * 3, 7)[1],
    "compared": lambda w, i: w * (i == 5) * (i * 2 == 10),
    "norm": lambda w, i: w * np.linalg.norm(i * 2),
    "root": lambda w, i: w * np.sqrt(i),
    "sine": lambda w, i: w * np.sin(i),
    "trapezoid": lambda w, i: w * np.trapezoid(i),
    "median": lambda w, i: w * np.median(i),
    "percentile": lambda w, i: w * np.percentile(i, 30),
    "prod": lambda w, i: w * np.prod(i % 7),
    "sum_and_difference": lambda w, i: w * (i[:2].sum() - 100),
    "zeros_like": lambda w, i: w * (np.zeros_like(i) - 1 + i),
    "shift": lambda w, i: w * (i << 1),
    "bits": lambda w, i: w * (i & 3),
    "inverted": lambda w, i: w * ~i,
    "trace": lambda w, i: w * np.trace(np.outer(i, i)),
    "convolved": lambda w, i: w * np.convolve(i, i)[:4],
    "repeated": lambda w, i: w * np.repeat(i, 2)[:4] * 2,
    "cast_by_numpy": lambda w, i: w * np.asarray(i, np.uint8) * 2,
    "array_of_elements": lambda w, i: w * (np.array([i[0], i[1], i[2], i[3]]) * 2),
    "stacked": lambda w, i: w * (np.stack([i, i]) * 2)[1],
}


def twice_in_place(i: Any) -> Any:
    a = i.copy()
    a *= 2
    a[0] += 200 if a.dtype != np.int8 else 100
    return a


def written(i: Any) -> Any:
    a = np.zeros(4, np.uint8)
    a[:2] = i[2:]
    a[2] = 7
    return a * 2


@pytest.mark.spread(6)
@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore")
def test_wraps_as_in_numpy(name: str, kind: Any) -> None:
    function, data = FUNCTIONS[name], np.array(VALUES[kind], kind)
    if kind is np.int64 and name in ("trapezoid", "percentile"):
        data //= 4  # these add in int64 before they divide
    try:
        wanted = np.asarray(function(W, data))
    except (OverflowError, TypeError) as error:  # NumPy's own
        with pytest.raises((sd.UnsupportedError, type(error))):
            transform("value", function, None)(W, data)
        return
    try:
        found = transform("value", function, None)(W, data)
    except sd.UnsupportedError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert refused.suggestion or "not supported" in refused.message
        assert refused.span is not None
        return
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    gradient = sd.grad(lambda w, i: np.sum(function(w, i)))(W, data)
    if np.all(np.isfinite(wanted)) and "truths" not in name:  # else it is linear in w
        slopes = [np.sum(function(row, data)) for row in np.eye(4)]
        np.testing.assert_allclose(gradient, slopes, rtol=1e-13)


def test_most_of_bytes_are_right() -> None:
    """What of a byte is not refused."""
    right = []
    for name, function in FUNCTIONS.items():
        try:
            transform("value", function, None)(W, np.array(VALUES[np.uint8], np.uint8))
        except (sd.UnsupportedError, OverflowError, TypeError):
            continue
        right.append(name)
    assert len(right) >= 50


def test_truths_have_numpys_arithmetic() -> None:
    b = np.array([True, False, True, True])
    for function in (
        lambda w, b: w * (b + b),
        lambda w, b: w * (b * b),
        lambda w, b: w * (b + 1),
        lambda w, b: w * b.sum() * 2,
        lambda w, b: w * np.cumsum(b),
        lambda w, b: w * (b @ b),
        lambda w, b: w * (~b + b),
        lambda w, b: w * (b * SMALL + SMALL),
        lambda w, b: w * (b ** np.uint8(2) * np.uint8(200) * np.uint8(2)),
    ):
        agree(function, W, b)


@pytest.mark.spread(2)
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.int64])
@pytest.mark.parametrize(
    "function",
    [
        lambda w, i: w * i * i,
        lambda w, i: w**2 * i * i,
        lambda w, i: i * (i * w) * i,
        lambda w, i: -w * i * -2.0 * i,
        lambda w, i: i * (w / 2) * i,
        lambda w, i: (w * i) ** 2 * i + np.cos(w) * i * i * i,
        lambda w, i: np.einsum("i,i,i->i", w, i, i),
        lambda w, i: w[0] * i[1] * i[1] + w**2 * i[2] * i[2],
    ],
)
def test_a_derivative_multiplies_no_whole_numbers_that_the_function_does_not(
    function: Callable[[Any, Any], Any], kind: type
) -> None:
    """Each product in the function is one of floats: slopes are those for the same floats."""
    largest = np.iinfo(kind).max
    whole = np.array([3, largest, largest // 2, 100], kind)

    def loss(w: Any, i: Any) -> Any:
        return np.sum(function(w, i))

    for at in range(W.size):
        step = np.zeros(W.size, complex)
        step[at] = 1e-30j
        wanted = loss(W + step, whole.astype(float)).imag / 1e-30
        found = (sd.grad(loss)(W, whole)[at], sd.grad(lambda w: loss(w, whole))(W)[at])
        assert found == pytest.approx((wanted, wanted), rel=1e-12, abs=0.0)


# --- ints that rounding makes, beside whole numbers of NumPy -------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        lambda x, n: int(x[1]) - n[0],
        lambda x, n: n[1] * int(x[2]) // 2,
        lambda x, n: np.clip(int(x[3]), 0, 8),
        lambda x, n: np.minimum(int(x[4]), n[1]),
        lambda x, n: np.array([int(x[0]), n[1]])[0],
        lambda x, n: (int(x[5]) + n[0]) % 7,
    ],
)
def test_int_of_a_float_beside_numpys_is_a_place(place: Any) -> None:
    x, n = np.arange(1.3, 12.3), np.array([1, 2])
    value, gradient = sd.value_and_grad(lambda x, n: x[place(x, n)] ** 2)(x, n)
    wanted = np.zeros(x.size)
    wanted[place(x, n)] = 2 * x[place(x, n)]
    assert value == x[place(x, n)] ** 2
    np.testing.assert_array_equal(gradient, wanted)

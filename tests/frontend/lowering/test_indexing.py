"""Reading and writing by an index beside NumPy, to the bit, with gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

from symdiff.errors import ShapeError, SymdiffError, UnsupportedError
from symdiff.frontend.lowering.indexing import is_basic
from symdiff.graph.shape import named
from tests.frontend.lowering.evaluate import assert_linear, assert_value, lines, text, whole_numbers
from tests.strategies import examples

X = whole_numbers((4, 5, 3))[0]
MASK = np.arange(20).reshape(4, 5) % 3 == 0
s_ = np.s_

KEYS = (
    s_[2],
    s_[-1, 1:],
    s_[...],
    s_[()],
    s_[0, ..., -1],
    s_[1, 2, 0],
    s_[None, 1, None],
    s_[..., None],
    s_[1:3, ::2, ::-1],
    s_[3:0:-2, 4::-3],
    s_[2::-2],
    s_[5:],
    s_[3:1],
    s_[-100:100],
    s_[[0, -1]],
    s_[[]],
    s_[np.int64(1), np.array(2)],
    s_[[[0, 1], [2, 3]]],
    s_[:, [0, 2, 2]],
    s_[[0, 1], [1, 2]],
    s_[[[0], [1]], [1, 2, 3]],
    s_[0, [1, 2]],
    s_[0, :, [0, 2]],
    s_[[0, 1], :, 1],
    s_[[0, 1], :, [0, 1]],
    s_[:, 1, [0, 2]],
    s_[:, [1, 2], None, [0, 2]],
    s_[1:, [0, 4], ::2],
    s_[[0, 0, 1], ..., 0:2],
    s_[:, 0, ..., [1, 2]],
    s_[:, [0, 1], ..., [1, 2]],
    s_[:, [0, 1], [1, 2], ...],
    s_[MASK],
    s_[MASK[:, 0]],
    s_[1:3, MASK[0]],
    s_[MASK, 1],
    s_[0, MASK[0], ::-1],
    s_[~np.ones((4, 5, 3), bool)],
)


def names(keys: Any) -> list[str]:
    """What the rows are called."""
    return [str(key).replace("\n", "")[:60] for key in keys]


@pytest.mark.parametrize("key", KEYS, ids=names(KEYS))
def test_read(key: Any) -> None:
    assert_linear(lambda np, x: np.read(x, key), X)


@pytest.mark.parametrize("key", KEYS, ids=names(KEYS))
def test_write(key: Any) -> None:
    (v,) = whole_numbers(X[key].shape, seed=1)
    assert_linear(lambda np, x, v: np.write(x, key, v), X, v)
    assert_linear(lambda np, x, v: np.write(x, key, v), X, np.array(3.0))


@pytest.mark.parametrize("key", KEYS, ids=names(KEYS))
def test_accumulate(key: Any) -> None:
    (v,) = whole_numbers(X[key].shape, seed=1)
    assert_linear(lambda np, x, v: np.accumulate(x, key, v), X, v)


@pytest.mark.parametrize("key", KEYS, ids=names(KEYS))
def test_views_are_numpys(key: Any) -> None:
    found = X[key]
    has_arrays = not (np.shares_memory(found, X) or found.size == 0)
    if found.shape and found.size:  # a single number is a copy
        assert is_basic(key) != has_arrays


@pytest.mark.parametrize(
    ("key", "shape"), [(s_[1:3], (5, 3)), (s_[0], (1, 5, 1)), (s_[1, 2], (1,))]
)
def test_values_broadcast(key: Any, shape: tuple[int, ...]) -> None:
    (v,) = whole_numbers(shape)
    assert_linear(lambda np, x, v: np.write(x, key, v), X, v)


# --- masks and places that are computed --------------------------------------------------------

MASKED = (
    (lambda mask: mask, ()),
    (lambda mask: mask, (3,)),
    (lambda mask: mask, (1, 3)),
    (lambda mask: (mask, 1), ()),
    (lambda mask: (mask, slice(0, 2)), (2,)),
    (lambda mask: (..., mask, None, slice(None)), (1, 3)),
)


@pytest.mark.parametrize(("key", "shape"), MASKED)
def test_computed_masks_are_written_at(key: Any, shape: tuple[int, ...]) -> None:
    (v,) = whole_numbers(shape, seed=1)
    args = X, v, MASK
    assert_linear(lambda np, x, v, mask: np.write(x, key(mask), v), *args)
    assert_linear(lambda np, x, v, mask: np.accumulate(x, key(mask), v), *args)


def test_computed_mask_in_the_middle() -> None:
    mask = np.array([True, False, False, True, True])
    for v in whole_numbers((), (3,), (1, 3), (4, 1, 3)):
        assert_linear(lambda np, x, v, mask: np.write(x, s_[:, mask], v), X, v, mask)


def test_mask_of_a_number() -> None:
    for truth in (True, False):
        assert_linear(lambda np, x, mask: np.write(x, mask, 7.0), np.array(2.0), np.array(truth))


PLACES = (
    lambda i: i,
    lambda i: (slice(None), i),
    lambda i: (i, i),
    lambda i: (i, slice(None), i),
    lambda i: (0, i, slice(1, None)),
    lambda i: (i, [0, 2, 1]),
)


@pytest.mark.parametrize("key", PLACES)
def test_computed_places(key: Any) -> None:
    i = np.array([2, -1, 2])
    (v,) = whole_numbers(X[key(i)].shape, seed=1)
    assert_linear(lambda np, x, i: np.read(x, key(i)), X, i)
    assert_linear(lambda np, x, v, i: np.write(x, key(i), v), X, v, i)
    assert_linear(lambda np, x, v, i: np.accumulate(x, key(i), v), X, v, i)


def test_a_computed_number_is_a_place() -> None:
    i = np.array(2)
    assert_linear(lambda np, x, i: np.read(x, i), X, i)
    assert_linear(lambda np, x, i: np.read(x, (slice(None), i)), X, i)
    assert_linear(lambda np, x, i: np.write(x, (i, i), 1.0), X, i)


# --- kinds -------------------------------------------------------------------------------------


def test_kinds_are_those_of_the_array() -> None:
    whole, truths = np.arange(6), np.arange(6) % 2 == 0
    assert_value(lambda np, x, v: np.write(x, [0, 3], v), X, np.array(2))
    assert_value(lambda np, x, v: np.write(x, s_[:2], v), X, np.array(True))
    assert_value(lambda np, x, v: np.write(x, [1, 2], v), whole, np.array(7))
    assert_value(lambda np, x, v: np.write(x, s_[1::2], v), whole, np.array(True))
    assert_value(lambda np, x, v: np.write(x, [1, 2], v), truths, np.array(True))
    assert_value(lambda np, x: np.write(np.zeros_like(x), [1, 2], 7), whole)
    assert_value(lambda np, x: np.read(x, [1, 1]), truths)


@pytest.mark.parametrize("x", [np.arange(6), np.arange(6) > 2], ids=["whole", "truths"])
def test_floats_are_not_written_among_others(x: Any) -> None:
    with pytest.raises(UnsupportedError, match="dtype=float"):
        lines(lambda np, x: np.write(x, 0, 1.5), x)


# --- named dimensions --------------------------------------------------------------------------

N = named("N")
NAMED = (
    s_[:],
    s_[0],
    s_[-1],
    s_[N - 1],
    s_[::-1],
    s_[1:],
    s_[:-1],
    s_[1:-1],
    s_[2:-1],
    s_[:1],
    s_[-1:],
    s_[-2::-1],
    s_[:0:-1],
    s_[:N],
    s_[1 : N - 1],
    s_[None, :],
    s_[[0, 2, -1]],
    s_[[0, 2, 1], [1, 0, 1]],
    s_[::-1, 1],
    s_[1:, [0, 1]],
)


def at_length(key: Any, length: int) -> Any:
    """A key with a number in the place of the name."""
    if isinstance(key, tuple):
        return tuple(at_length(item, length) for item in key)
    if isinstance(key, slice):
        ends = (at_length(item, length) for item in (key.start, key.stop, key.step))
        return slice(*ends)
    return length - 1 if key == N - 1 else length if key == N else key


@pytest.mark.parametrize("key", NAMED, ids=names(NAMED))
@pytest.mark.parametrize("length", [3, 6])
def test_named_dimensions(key: Any, length: int) -> None:
    x = whole_numbers((length, 2))[0]

    def chosen(np: Any) -> Any:
        return key if hasattr(np, "_b") else at_length(key, length)

    assert_linear(lambda np, x: np.read(x, chosen(np)), x, shapes=[("N", 2)])
    assert_linear(lambda np, x: np.write(x, chosen(np), 7.0), x, shapes=[("N", 2)])
    assert_linear(lambda np, x: np.accumulate(x, chosen(np), 7.0), x, shapes=[("N", 2)])


def test_every_second_of_a_doubled_dimension() -> None:
    x = whole_numbers((6,))[0]
    assert_linear(lambda np, x: np.read(np.tile(x, 2), s_[::2]), x, shapes=[("N",)])
    assert_linear(lambda np, x: np.read(np.append(x, [1.0, 2.0]), s_[:3]), x, shapes=[("N",)])


@pytest.mark.parametrize(
    "key", [s_[:3], s_[::2], s_[-2:], s_[2:5], s_[: named("M")], s_[-2:2], s_[5::-1]]
)
def test_slices_of_an_unknown_length_are_refused(key: Any) -> None:
    with pytest.raises(UnsupportedError, match="give the length as a number"):
        lines(lambda np, x: np.read(x, key), np.ones(8), shapes=[("N",)])


# --- what is refused ---------------------------------------------------------------------------

REFUSED = (
    (s_[4], ShapeError, "index 4 is out of range for axis 0 with length 4"),
    (s_[0, -6], ShapeError, "index -6 is out of range for axis 1 with length 5"),
    (s_[[0, 7]], ShapeError, "index 7 is out of range for axis 0 with length 4"),
    (s_[0, 0, 0, 0], ShapeError, "4 indices are given, and the array has 3 dimensions"),
    (s_[..., 0, ...], ShapeError, "more than one ellipsis"),
    (s_[::0], ShapeError, "step of a slice is 0"),
    (s_[1.0], UnsupportedError, "a float is no index"),
    (s_[[0.5]], UnsupportedError, "a float is no index"),
    (s_[MASK[1:]], ShapeError, "a mask of the shape (3, 5) stands at axes of the shape (4, 5)"),
    (s_[[0, 1], [0, 1, 2]], ShapeError, "do not fit together"),
)


@pytest.mark.parametrize(("key", "error", "words"), REFUSED)
def test_refused_in_words(key: Any, error: type[SymdiffError], words: str) -> None:
    for expression in (
        lambda np, x: np.read(x, key),
        lambda np, x: np.write(x, key, 0.0),
        lambda np, x: np.accumulate(x, key, 0.0),
    ):
        with pytest.raises(error) as caught:
            lines(expression, X)
        assert words in str(caught.value)


def test_a_computed_mask_is_not_read() -> None:
    with pytest.raises(UnsupportedError, match=r"np\.where\(mask, x, 0\)"):
        lines(lambda np, x: np.read(x, x > 0), X)


@pytest.mark.parametrize("v", [np.ones(4), np.ones((4, 5)), np.ones((2, 5, 3))])
def test_values_that_do_not_fit(v: Any) -> None:
    with pytest.raises(ShapeError, match="does not fit to a place of the shape"):
        lines(lambda np, x, v: np.write(x, 0, v), X, v)


def test_values_by_the_number_of_a_computed_mask() -> None:
    with pytest.raises(UnsupportedError, match="how many elements"):
        lines(lambda np, x, v: np.write(x, x > 0, v), X, np.ones(7))


# --- how it is printed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (s_[0], "x0[0]"),
        (s_[1:, -1], "x0[1:, 4]"),
        (s_[::-1], "x0[::-1]"),
        (s_[..., 0], "x0[:, :, 0]"),
        (s_[0, :, [0, 2]], "x0[0, :, [0, 2]]"),
    ],
)
def test_printed_as_a_person_writes_it(key: Any, wanted: str) -> None:
    assert wanted in text(lambda np, x: np.read(x, key), X)


# --- all other indices -------------------------------------------------------------------------

SHAPES = nst.array_shapes(max_dims=3, max_side=4)


@st.composite
def indices(draw: Any) -> tuple[Any, Any]:
    """An array of whole numbers, and an index with slices, numbers, arrays and new axes."""
    shape = draw(SHAPES)
    common = draw(nst.array_shapes(max_dims=2, max_side=3))

    def items(lengths: tuple[int, ...]) -> list[Any]:
        found: list[Any] = []
        for length in lengths:
            number = st.integers(-length, length - 1)
            bound = st.none() | st.integers(-length - 1, length + 1)
            step = st.sampled_from([None, 1, 2, -1, -2])
            array = nst.arrays(np.int64, common, elements=number)
            mask = number.map(lambda k, n=length: np.arange(n) == k % n)
            found.append(draw(number | st.builds(slice, bound, bound, step) | array | mask))
            if draw(st.booleans()):
                found.append(None)
        return found

    left = draw(st.integers(0, len(shape)))
    right = draw(st.integers(left, len(shape)))
    key = (*items(shape[:left]), ..., *items(shape[right:]))
    if right == len(shape) and draw(st.booleans()):
        key = tuple(item for item in key if item is not ...)
    return whole_numbers(shape)[0], key


@examples(60)
@given(indices())
def test_any_index(drawn: tuple[Any, Any]) -> None:
    x, key = drawn
    (v,) = whole_numbers(x[key].shape, seed=1)
    assert_linear(lambda np, x: np.read(x, key), x)
    assert_linear(lambda np, x, v: np.write(x, key, v), x, v)
    assert_linear(lambda np, x, v: np.accumulate(x, key, v), x, v)

"""Arrays that a function makes and changes: writes, views and copies as NumPy has them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import A, X, Y, agree, refusal, value_of

rows: list[Callable[..., Any]] = []


def row(function: Callable[..., Any]) -> Callable[..., Any]:
    rows.append(function)
    return function


# --- arrays made inside ----------------------------------------------------------------------


@row
def made_in_all_ways(x: Any) -> Any:
    total = 0.0
    for made in (
        np.zeros(3), np.ones(3), np.full(3, 2.0), np.full(3, x[1]), np.arange(3.0),
        np.linspace(0, 1, 3), np.zeros_like(x), np.ones_like(x),
        np.full_like(x, 4), np.array([1.0, 2.0, 3.0]), np.array(x), np.array([x[0], 1, 2.5]),
        np.asarray([1.0, x[1], 0.0]), np.copy(x), np.stack([x[0], x[1], x[2]]),
        np.array(Y), np.array(Y)[:], x * 0,
        np.concatenate([x[:2], x[:1]]), np.hstack([x[0], x[1], 3.0]), np.tile(x[:1], 3),
        np.identity(3)[0], np.tri(3)[1], np.copy(x[::-1]),
        np.outer(x, x)[1].copy(), np.array([*x]), np.array(list(x)),
    ):  # fmt: skip
        made[1] = x[0] * 3
        made[0] = 7.0
        total = total + made * np.array([1.0, 2.0, 3.0])
    return total


@row
def one_element(x: Any) -> Any:
    a = np.zeros(3)
    a[0] = x[0]
    a[-1] = a[0] * 2
    return a


@row
def rows_and_columns(x: Any) -> Any:
    m = np.eye(3)
    m[0, :] += x
    m[:, 1] *= x
    m[2] = m[0] + m[:, 1]
    m[1, 2] -= x[0]
    m[:2, :2] /= 2
    m[::2, 1] **= 2
    m[..., 0] = x
    m[:, np.newaxis, 2] = x[:, None]
    return m


@row
def additions_at(x: Any) -> Any:
    a = np.zeros(4)
    np.add.at(a, [0, 1, 1, 3], np.array([x[0], x[1], x[2], 2.0]))
    np.subtract.at(a, np.array([0, 0]), x[1])
    np.add.at(a, 2, 5.0)
    m = np.zeros((2, 3))
    np.add.at(m, ([0, 1, 1], [2, 0, 0]), x)
    np.add.at(m, (slice(None), [0, 0]), x[0])
    return a.sum() * m + a[2]


@row
def computed_masks(x: Any) -> Any:
    a = x.copy()
    a[a > 0] = 0.0
    b = x * 2
    b[(x > 0) & (x < 2)] = x[0]
    return a + b


@row
def known_masks(x: Any) -> Any:
    mask = np.array([True, False, True])
    a = np.zeros(3)
    a[mask] = x[mask] * 2
    a[~mask] = x[1]
    a[Y > 0] += 1.0
    m = np.outer(x, x)
    m[np.triu(np.ones((3, 3), bool))] = 0.0
    m[mask, 1] = x[:2]
    return m + a


@row
def out_arguments(x: Any) -> Any:
    a = np.zeros(3)
    np.multiply(x, 2.0, out=a)
    np.add(a, x, a)
    np.sin(a, out=a[:])
    b = np.empty(())
    np.sum(x, out=b)
    np.exp(x, out=a, where=np.array([True, False, False]))
    m = np.zeros((2, 3))
    np.cumsum(x, out=m[1])
    np.maximum(m, 0.5, out=m)
    return a * b + m


@row
def copied_and_filled(x: Any) -> Any:
    a, b, c = np.zeros(3), np.zeros((2, 3)), np.zeros(3)
    np.copyto(a, x)
    np.copyto(b, x)
    np.copyto(b[0], 1.0, where=x > 0)
    c.fill(x[0])
    c[1:].fill(2.0)
    d = np.zeros((3, 3))
    np.fill_diagonal(d, x[1])
    e = np.arange(3.0)
    np.putmask(e, np.array([True, False, True]), x)
    return a + b + c + d[0] + e


@row
def put_along(x: Any) -> Any:
    m = np.zeros((3, 3))
    np.put_along_axis(m, np.array([[0], [2], [1]]), x[:, None], axis=1)
    return m * 2


# --- views -----------------------------------------------------------------------------------


@row
def slices_of_slices(x: Any) -> Any:
    a = np.arange(10.0)
    b = a[2:9]
    c = b[::2]
    d = c[1:3]
    d[0] = x[0]
    b[0] = x[1]
    c[-1] *= x[2]
    return a + b.sum() + c[1] * d[1]


@row
def view_before_and_after(x: Any) -> Any:
    a = np.zeros(4)
    before = a[1:3]
    a[1] = x[0]
    after = a[1:3]
    a[2] = x[1]
    before[0] += 1.0
    after[1] *= 2.0
    return np.concatenate([a, before, after])


@row
def views_of_known_arrays(x: Any) -> Any:
    a = np.zeros((2, 3))
    first, flat, turned = a[0], a.reshape(6), a.T
    a[0, 1] = 5.0
    seen = first[1] + flat[1] + turned[1, 0]
    first[0] = 2.0
    a[1] = x
    return a + first + turned[:, 1] + flat[:3] * seen


@row
def through_transposes(x: Any) -> Any:
    a = np.zeros((2, 3))
    a.T[:, 0] = x
    a.transpose()[1, 1] += x[0]
    a.swapaxes(0, 1)[2] = x[:2]
    np.transpose(a, (1, 0))[0] *= 3.0
    np.moveaxis(a, 0, 1)[1] -= 1.0
    return a


@row
def through_reshapes(x: Any) -> Any:
    a = np.zeros(6)
    a.reshape(2, 3)[1] = x
    a.reshape(3, -1)[0] += x[0]
    m = np.zeros((2, 3))
    m.reshape(-1)[4] = x[2]
    m.ravel()[0] = x[1]
    np.ravel(m)[5] += 2.0
    np.reshape(m, (3, 2))[1, 0] = x[0]
    m[None][0, 1, 1] *= 2
    np.expand_dims(m, 0)[0, 0, 2] = x[0]
    m[:, :, None].squeeze()[1, 2] = x[1]
    return a.reshape(2, 3) + m


@row
def through_flips_and_splits(x: Any) -> Any:
    a = np.zeros(6)
    np.flip(a)[0] = x[0]
    a[::-1][1] = x[1]
    left, right = np.split(a, 2)
    left[1] = x[2]
    right[0] += left[1]
    parts = np.array_split(a, [1, 4])
    parts[1][2] *= x[0]
    np.flipud(a)[5] = 4.0
    m = np.zeros((2, 3))
    np.fliplr(m)[0] = x
    np.rot90(m)[0, 0] = x[1]
    np.atleast_2d(a)[0, 3] -= 1.0
    for number, line in enumerate(m):
        line[number] = x[number]
    for line in m.T:
        line += x[0]
    top, bottom = np.vsplit(m, 2)
    top[0, 2] = bottom[0, 1] * 2
    return a.reshape(2, 3) + m


@row
def copies_by_index(x: Any) -> Any:
    a = x * 1.0
    for other in (a[[0, 1, 2]], a[np.array([True, True, True])], a.flatten(), a.copy(), +a,
                  np.array(a), a.astype(float), a.repeat(1), np.take(a, [0, 1, 2]), np.sort(a),
                  np.roll(a, 1), np.where(True, a, 0), a.ravel().copy(),
                  np.concatenate([a])):  # fmt: skip
        other[0] = 100.0
    a[1] = 3.0
    return a


@row
def view_of_a_view_of_a_view(x: Any) -> Any:
    a = np.zeros((2, 3, 4))
    b = a[1]
    c = b.T
    d = c[1:3]
    e = d[0]
    e[2] = x[0]
    d[1] = x[1]
    a[1, 0, 1] += 1.0
    f = e[:2]
    c[1, 0] *= x[2]
    return a[1] + e.sum() * f[0] + d[0, 2]


@row
def two_names(x: Any) -> Any:
    a = np.zeros(3)
    b = a
    b[0] = x[0]
    c = [a, b]
    c[1][1] += x[1]
    a += 1.0
    b *= x
    return a + c[0]


@row
def in_place_on_views(x: Any) -> Any:
    a = np.ones((3, 3))
    line = a[1]
    line += x
    line *= 2
    column = a[:, 0]
    column -= line
    a @= np.eye(3) * 2
    part = a[::2, ::2]
    part **= 2
    part /= 3.0
    part //= 1.0
    part %= 5.0
    return a + line + column


@row
def numbers_are_bound_anew(x: Any) -> Any:
    a = np.array([x[0], 2.0])
    number = a[0]
    number += 5.0
    total = np.sum(x)
    other = total
    total *= 2
    return a + number + total * other


@row
def zero_dimensional_arrays(x: Any) -> Any:
    a = np.zeros(())
    b = a
    a += x[0]
    a[...] = a * 2
    a[()] += 1.0
    c = np.array(3.0)
    c *= x[1]
    return np.stack([a, b, c])


@row
def swapped_rows(x: Any) -> Any:
    m = np.outer(x, Y) + np.eye(3)
    m[[0, 1]] = m[[1, 0]]
    m[:, [2, 0]] = m[:, [0, 2]]
    a, b = m[0].copy(), m[1].copy()
    m[0], m[1] = b, a
    m[0, 0], m[1, 1] = m[1, 1], m[0, 0]
    return m


@row
def overlapping(x: Any) -> Any:
    a = np.concatenate([x, x])
    a[1:] = a[:-1]
    a[:-2] += a[2:]
    a[::-1] = a
    return a


@row
def swapped_views(x: Any) -> Any:
    m = np.outer(x, Y)
    m[0], m[1] = m[1], m[0]
    return m


@row
def recurrence(x: Any) -> Any:
    a = np.zeros(6)
    a[0], a[1] = x[0], x[1]
    for i in range(2, 6):
        a[i] = a[i - 1] * x[2] + 0.5 * a[i - 2]
    return a


@row
def filter_of_a_grid(x: Any) -> Any:
    u = np.zeros((5, 3))
    u[0] = x
    for k in range(4):
        u[k + 1, 1:-1] = u[k, 1:-1] + 0.1 * (u[k, 2:] - 2 * u[k, 1:-1] + u[k, :-2])
        u[k + 1, 0] = u[k + 1, 1]
    return u


@row
def factorization(x: Any) -> Any:
    m = A @ A.T + np.diag(x**2)
    n = len(m)
    lower = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = m[i, j] - lower[i, :j] @ lower[j, :j]
            if i == j:
                lower[i, j] = np.sqrt(rest)
            else:
                lower[i, j] = rest / lower[j, j]
    return lower


@row
def known_then_computed(x: Any) -> Any:
    a = np.zeros(3)
    a[0] = 1.0
    view = a[:2]
    a[1] = 2.0
    kept = a[1]
    a[1] = x[0]
    a[2] = 4.0
    view[0] = 9.0
    return a * kept + view.sum()


@row
def reads_keep_their_values(x: Any) -> Any:
    a = x.copy()
    number, part, shifted = a[0], a[:2].copy(), a + 1
    a[:] = 0.0
    return shifted * number + part.sum() + a


@row
def integers_hold_integers(x: Any) -> Any:
    counts = np.zeros(3, int)
    counts[1] += 2
    counts[counts == 0] = 5
    order = np.argsort([3.0, 1.0, 2.0])
    return x[order] * counts + x[counts[1]]


@row
def sorted_in_place(x: Any) -> Any:
    a = x.copy()
    a.sort()
    m = np.outer(x, Y)
    m[0].sort()
    m.sort(axis=0)
    return a + m


@row
def appended_lists(x: Any) -> Any:
    states = []
    state = np.zeros(2)
    for value in x:
        state[0] += value
        states.append(state.copy())
    kept = []
    for _ in range(2):
        state[1] += x[0]
        kept.append(state)
    return np.array(states)[:, 0] + kept[0].sum() * kept[1][0]


@row
def written_by_a_helper(x: Any) -> Any:
    def add_to(target: Any, value: Any) -> None:
        target += value

    a = np.zeros(3)
    add_to(a, x)
    add_to(a[1:], x[0])
    return a


@row
def structured_write(x: Any) -> Any:
    m = np.zeros((2, 2))
    m[0] = [x[0], 2.0]
    m[1] = x[1], x[2]
    m[:] += [[1.0], [x[0]]]
    return m


@row
def index_arrays(x: Any) -> Any:
    m = np.zeros((3, 3))
    at = np.arange(3)
    m[at, at] = x
    m[at[:2], at[1:]] = 2.0 * x[:2]
    m[np.ix_([0, 2], [0, 2])] += x[0]
    m[[2, 2], [0, 1]] += x[1]
    m[-1, [0, 0]] += 1.0
    return m


@pytest.mark.parametrize("function", rows, ids=lambda f: f.__name__)
def test_agrees_with_numpy(function: Callable[..., Any]) -> None:
    agree(function, X)


# --- refused ---------------------------------------------------------------------------------

OUTSIDE = np.zeros(3)
HOLDER = {"array": np.zeros(3), "list": [0.0, 0.0]}


def test_an_argument_is_not_written_to() -> None:
    def element(x: Any) -> Any:
        x[0] = 1.0
        return x.sum()

    def view(x: Any) -> Any:
        y = x[1:]
        y += 1.0
        return x.sum()

    def turned(x: Any) -> Any:
        np.add.at(x.reshape(3, 1).T, 0, 1.0)
        return x.sum()

    def out(x: Any) -> Any:
        return np.sum(np.exp(x, out=x))

    def sorts(x: Any) -> Any:
        x.sort()
        return x.sum()

    for function in (element, view, turned, out, sorts):
        x = X.copy()
        error = refusal(function, x)
        assert "writes into its argument 'x'" in error.message
        assert error.line is not None
        assert (x == X).all()


def writes_a_global(x: Any) -> Any:
    OUTSIDE[0] = x[0]
    return OUTSIDE.sum() + x.sum()


def writes_a_global_by_slice(x: Any) -> Any:
    OUTSIDE[:] = x
    return OUTSIDE.sum() + x.sum()


def writes_a_global_in_place(x: Any) -> Any:
    part = OUTSIDE
    part += x
    return OUTSIDE.sum() + x.sum()


def writes_a_global_by_out(x: Any) -> Any:
    np.multiply(x, 2.0, out=OUTSIDE)
    return OUTSIDE.sum() + x.sum()


def writes_a_global_at(x: Any) -> Any:
    np.add.at(OUTSIDE, [0], x[0])
    return OUTSIDE.sum() + x.sum()


def writes_a_global_by_copyto(x: Any) -> Any:
    np.copyto(OUTSIDE, x)
    return OUTSIDE.sum() + x.sum()


def writes_an_array_in_a_dict(x: Any) -> Any:
    HOLDER["array"][0] = x[0]
    return HOLDER["array"].sum() + x.sum()


@pytest.mark.parametrize(
    "function",
    [
        writes_a_global,
        writes_a_global_by_slice,
        writes_a_global_in_place,
        writes_a_global_by_out,
        writes_a_global_at,
        writes_a_global_by_copyto,
        writes_an_array_in_a_dict,
    ],
    ids=lambda f: f.__name__,
)
def test_an_array_from_outside_takes_no_unknown_value(function: Callable[..., Any]) -> None:
    error = refusal(function, X)
    assert "an array that tracing does not see" in error.message
    assert error.line is not None
    assert not OUTSIDE.any()
    assert not HOLDER["array"].any()


def counts_in_a_global(x: Any) -> Any:
    OUTSIDE[0] += 1.0
    return OUTSIDE.sum() * x.sum()


def counts_in_a_list(x: Any) -> Any:
    HOLDER["list"][0] += 1.0
    return HOLDER["list"][0] * x.sum()


def test_an_array_from_outside_that_changes_is_refused() -> None:
    for function in (counts_in_a_global, counts_in_a_list):
        refusal(function, X)
    OUTSIDE[:] = 0.0
    HOLDER["list"][0] = 0.0


def test_known_arrays_of_the_surroundings_stay_numpys() -> None:
    kept = Y.copy()

    def function(x: Any) -> Any:
        mine = np.array(Y)
        mine[0] = x[0]
        other = Y.copy()
        other[1] = 100.0
        same = np.asarray(Y)
        return mine * other + same

    agree(function, X)
    assert (kept == Y).all()


def test_read_only_views() -> None:
    def wide(x: Any) -> Any:
        a = np.broadcast_to(x.copy(), (2, 3))
        a[0] = 1.0
        return a.sum()

    def wide_known(x: Any) -> Any:
        a = np.broadcast_to(np.zeros(3), (2, 3))
        a[0] = x
        return a.sum()

    def diagonal(x: Any) -> Any:
        a = np.diagonal(np.outer(x, x))
        a[0] = 1.0
        return a.sum()

    def diagonal_known(x: Any) -> Any:
        a = np.zeros((3, 3)).diagonal()
        a[0] = x[0]
        return a.sum()

    for function in (wide, wide_known, diagonal, diagonal_known):
        with pytest.raises((ValueError, NotImplementedError), match="read-only"):
            sd.grad(function)(X)


def test_integers_take_no_floats() -> None:
    def in_place(x: Any) -> Any:
        a = np.zeros(3, int)
        a += 1.5
        return a.sum() * x.sum()

    def computed(x: Any) -> Any:
        a = np.zeros(3, int)
        a += x
        return a.sum()

    def element(x: Any) -> Any:
        a = np.zeros(3, int)
        a[0] = x[0]
        return a.sum() + x.sum()

    for function in (in_place, computed, element):
        with pytest.raises((TypeError, NotImplementedError), match=r"cast|float|round"):
            sd.grad(function)(X)


def test_known_floats_round_in_integer_arrays_as_in_numpy() -> None:
    def function(x: Any) -> Any:
        a = np.zeros(3, int)
        a[0] = 2.7
        return a * x

    agree(function, X)


def test_layouts_that_numpy_decides() -> None:
    """A reshape of a transpose is a copy in NumPy; of a plain array, a view."""

    def copied(x: Any) -> Any:
        a = np.zeros((2, 3))
        b = a.T.reshape(6)
        b[0] = x[0]
        return a + b.sum()

    def seen(x: Any) -> Any:
        a = np.zeros((2, 3))
        b = a.T.T.reshape(6)
        b[0] = x[0]
        return a + b.sum()

    def stepped(x: Any) -> Any:
        a = np.zeros(8)
        b = a[::2].reshape(2, 2)
        b[0, 0] = x[0]
        c = a.reshape(4, 2)[:, 0].ravel()
        c[1] = x[1]
        return a + b.sum() + c.sum()

    for function in (copied, seen, stepped):
        agree(function, X)


def test_fortran_order_is_followed() -> None:
    def ordered(x: Any) -> Any:
        a = np.zeros((2, 3), order="F")
        a[:] = x
        b = a.ravel(order="F")
        b[0] = 5.0
        c = np.asfortranarray(np.outer(x, x)).ravel()
        c[0] = 7.0
        return a.sum() + b.sum() + c.sum()

    try:
        agree(ordered, X)
    except sd.UnsupportedError as error:
        assert error.line is not None  # noqa: PT017


def test_results_do_not_share_memory() -> None:
    x = X.copy()
    result = value_of(lambda x: x, x)
    assert not np.shares_memory(result, x)
    first = value_of(lambda x: np.zeros(3) + 0 * x, x)
    first[0] = 5.0
    assert value_of(lambda x: np.zeros(3) + 0 * x, x)[0] == 0.0


def test_large_arrays_that_change_between_their_uses() -> None:
    def function(x: Any) -> Any:
        a = np.zeros(2000)
        before = np.sum(a + x[0])
        a[0] = 1.0
        a[5] = 2.0
        middle = np.sum(a * x[1])
        a[7] = x[2]
        return np.stack([before, middle, np.sum(a**2)])

    agree(function, X)


def test_long_chains_of_writes_and_views() -> None:
    def recurrence(x: Any) -> Any:
        a = np.zeros(400)
        a[0] = x[0]
        for i in range(1, 400):
            a[i] = a[i - 1] * 0.9 + x[1]
        return a[::50]

    def shorter(x: Any) -> Any:
        while len(x) > 1:
            x = x[1:]
        return x[0] * 2

    agree(recurrence, X)
    with pytest.warns(UserWarning, match="1,000th time"):
        assert sd.grad(shorter)(np.arange(1500.0))[-1] == 2.0


def test_copies_of_arrays_by_the_copy_module() -> None:
    def function(x: Any) -> Any:
        a = np.zeros(3)
        b, c = copy.deepcopy(a), copy.copy(x)
        a[0] = x[0]
        b[1] = x[1]
        c[2] = 0.0
        return a + b + c

    agree(function, X)


# --- what einsum gives of one operand is a view ------------------------------------------------

CUBE = np.arange(27.0).reshape(3, 3, 3) / 7


def _diagonal_written(a: Any) -> Any:
    c = a.copy()
    np.einsum("ii->i", c)[:] = a[0, 1]
    return c


def _diagonal_by_lists(a: Any) -> Any:
    c = a.copy()
    np.einsum(c, [0, 0], [0])[:] = a[0, 1]
    return c


def _transposed_written(a: Any) -> Any:
    c = a.copy()
    v = np.einsum("ij->ji", c)
    v[0] = a[:, 1] * 2
    c[2] = 1.0
    return c * v


def _row_sums_are_none(a: Any) -> Any:
    c = a.copy()
    v = np.einsum("ij->i", c)
    v[0] = 3.0
    return c + v


def _diagonal_of_zeros(a: Any) -> Any:
    c = np.zeros((3, 3))
    v = np.einsum("ii->i", c)
    c[0, 0] = a[0, 1]
    v += a[0]
    return c @ a + v


def _part_of_a_diagonal(a: Any) -> Any:
    c = a.copy()
    v = np.einsum("ii->i", c)[1:]
    v *= a[0, 1]
    return c


def _dots(a: Any) -> Any:
    c = a.copy()
    np.einsum("i...->...i", c)[1] = a[0]
    return c


def _of_a_transpose(a: Any) -> Any:
    c = a.copy()
    np.add.at(np.einsum("ii->i", c.T), [0, 0], a[0, 1])
    return c


def _trace_is_a_number(a: Any) -> Any:
    c = a.copy()
    v = np.einsum("ii", c)
    v += 1
    return c * v


def _part_of_a_cube(letters: str) -> Any:
    def write(t: Any) -> Any:
        c = t.copy()
        np.einsum(letters, c)[...] = np.sin(t[0] if letters != "iii->i" else t[0, 0])
        return c

    return write


@pytest.mark.parametrize(
    "function",
    [
        _diagonal_written,
        _diagonal_by_lists,
        _transposed_written,
        _row_sums_are_none,
        _diagonal_of_zeros,
        _part_of_a_diagonal,
        _dots,
        _of_a_transpose,
        _trace_is_a_number,
    ],
)
def test_views_by_einsum(function: Any) -> None:
    agree(function, A)


@pytest.mark.parametrize("letters", ["iij->ij", "iij->ji", "iii->i", "ijk->kji", "iji->ij"])
def test_views_of_a_cube_by_einsum(letters: str) -> None:
    agree(_part_of_a_cube(letters), CUBE)

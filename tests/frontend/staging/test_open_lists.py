"""Lists of as many items as a named length says, against differences of the program itself."""

# ruff: noqa: C416, PERF401, PERF402, RUF005, SIM108  lists are made in all ways there are

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

Program = Callable[[Any], Any]
X = np.array([1.3, -0.7, 2.1, 0.4])
ROWS = np.outer(X, [1.0, -0.5, 2.0])
PROGRAMS: list[Program] = []


def is_right(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


def differences(program: Program, x: Any) -> Any:
    found, step = np.zeros_like(x), 1e-6
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            ends.append(program(moved))
        found[place] = (ends[0] - ends[1]) / (2 * step)
    return found


def gradient(program: Program, x: Any) -> Any:
    shape = ("n", *x.shape[1:])
    return sd.function(program, shapes={"x": shape}).grad().load().grad(x)


# --- appended to ----------------------------------------------------------------------------------


@is_right
def states(x: Any) -> Any:
    found, state = [], 0.0
    for v in x:
        state = np.sin(state) * 0.5 + v
        found.append(state)
    return np.sum(np.array(found) ** 2) + found[-1] * found[0]


@is_right
def beginning_with_some(x: Any) -> Any:
    found = [x[0], 2.0]
    for k in range(1, len(x)):
        found.append(found[-1] * np.cos(x[k]))
    return sum(found) + len(found) * x[1]


@is_right
def read_by_its_place(x: Any) -> Any:
    found, other, total = [0.3], [], 0.0
    for t in range(1, len(x)):
        found.append(0.1 + 0.7 * x[t - 1] ** 2 + 0.2 * found[t - 1])
    for k, v in enumerate(x):
        other.append(np.sin(v))
        total += other[k] * k
    return np.sum(np.log(np.array(found))) + sum(other) + total


@is_right
def two_lists(x: Any) -> Any:
    evens, odds = [], []
    for v in x:
        evens.append(v * v)
        odds.append(v**3)
    return np.dot(evens, odds)


@is_right
def by_a_branch(x: Any) -> Any:
    found = []
    for v in x:
        found.append(v * v if v > 0 else 3 * v)
    found.append(x[0])
    found.extend([x[1], 1.0])
    other = found
    other += [x[2]]
    return np.prod(found)


@is_right
def a_list_for_each_row(x: Any) -> Any:
    matrix = []
    for a in x:
        row = []
        for b in x:
            row.append(np.exp(-((a - b) ** 2)))
        matrix.append(row)
    return np.sum(np.array(matrix) @ x) + matrix[0][-1] + sum(matrix[1])


@is_right
def copies_of_what_changes(x: Any) -> Any:
    found, state = [], np.zeros(2)
    for v in x:
        state += v
        found.append(state.copy())
    return np.sum(np.array(found) ** 2)


@is_right
def made_in_a_branch(x: Any) -> Any:
    if x[0] > 0:
        found = [v * v for v in x]
    else:
        found = [3 * v for v in x]
    return sum(found)


@is_right
def lists_of_a_length_that_counts(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        total += sum([x[j] * x[i] for j in range(i)]) + np.sum(np.array([1.0] * i)) * x[i]
    return total


# --- made by a comprehension, or of a length ------------------------------------------------------


@is_right
def parts_of_lists(x: Any) -> Any:
    a, b = [2 * v for v in x], [np.sin(v) for v in x]
    c, total = a + b, 0.0
    for u, v in zip(a, b, strict=True):
        total += u * v
    for v in reversed(c):
        total = 0.9 * total + v
    for k, v in enumerate(c[1:-1]):
        total += k * v
    return (
        total
        + c[-1]
        + max(a)
        + np.mean(b)
        + sum(c[::2])
        + sorted(a)[1]
        + sorted(b, reverse=True)[0]
    )


@is_right
def nested_comprehensions(x: Any) -> Any:
    return np.sum(np.array([[np.exp(-((a - b) ** 2)) for b in x] for a in x]) @ x)


@is_right
def copies(x: Any) -> Any:
    a = [v * v for v in x]
    b, c, d = list(a), a[:], a.copy()
    b[0], c[1], d[2] = 5.0, x[0], 7.0
    return sum(a) + sum(b) + sum(c) + sum(d) + sum(list(x))


@is_right
def written_into(x: Any) -> Any:
    n = len(x)
    c, w = [0.0] * n, n * [2.0, 3.0]
    for k, v in enumerate(x):
        if v > 0.5:
            c[k] = v * w[2 * k + 1]
    return np.sum(np.array(c) ** 2) + np.sum(np.array(w) ** 2) * x[0]


@is_right
def tables(x: Any) -> Any:
    n = len(x)
    table = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            table[i][j] = x[i] * np.sin(x[j])
    return sum(table[i][n - 1 - i] for i in range(n))


@is_right
def rows_of_a_table(x: Any) -> Any:
    n = len(x)
    previous = [0.0] * (n + 1)
    for i in range(n):
        current = [x[i]] + [0.0] * n
        for j in range(n):
            current[j + 1] = min(previous[j], current[j]) + abs(x[i] - 0.5 * x[j])
        previous = current
    return previous[-1]


@is_right
def exchanged(x: Any) -> Any:
    n = len(x)
    a, b = [1.0] * n, [0.0] * n
    for _ in range(7):
        for i in range(n):
            b[i] = a[i] * x[i] * 0.5
        a, b = b, a
    return sum(a)


@is_right
def seen_as_lists(x: Any) -> Any:
    found = [v * v for v in x]
    is_list = isinstance(found, list) and type(found) is list and not isinstance(found, np.ndarray)
    if not is_list or hasattr(found, "shape"):
        return x[0]
    return sum(found)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_is_right(program: Program) -> None:
    expected = differences(program, X)
    np.testing.assert_allclose(gradient(program, X), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(sd.grad(program)(X), expected, rtol=1e-6, atol=1e-7)


# --- joined by NumPy ------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", [0, 1, 2])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("array", {}),
        ("stack", {}),
        ("stack", {"axis": -1}),
        ("concatenate", {}),
        ("concatenate", {"axis": -1}),
        ("concatenate", {"axis": None}),
        ("hstack", {}),
        ("vstack", {}),
        ("column_stack", {}),
    ],
)
def test_items_are_joined_as_numpy_does(name: str, options: dict[str, Any], axes: int) -> None:
    if name == "concatenate" and axes == 0:
        pytest.skip("NumPy joins no numbers")
    join = getattr(np, name)

    def program(x: Any) -> Any:
        found = []
        for row in x:
            found.append(np.sin([row[0], row, np.outer(row, row)][axes]))
        joined = join(found, **options)
        return np.sum(np.cumsum(np.ravel(joined)) ** 2) + joined.shape[0] + 0.1 * joined.shape[-1]

    made = sd.function(program, shapes={"x": ("n", 3)})
    np.testing.assert_allclose(made.load().value(ROWS), program(ROWS), rtol=1e-12)
    expected = differences(program, ROWS)
    np.testing.assert_allclose(made.grad().load().grad(ROWS), expected, rtol=1e-6, atol=1e-5)


# --- what a list is multiplied by -----------------------------------------------------------------


def times_a_length(x: Any) -> Any:
    return np.sum(np.array([2.0] * len(x)) ** 2) * np.sum(x)


def test_a_list_times_a_length_is_repeated() -> None:
    np.testing.assert_array_equal(gradient(times_a_length, X), np.full(4, 16.0))


@pytest.mark.parametrize(
    "program",
    [
        lambda x: np.sum(np.array([2.0] * int(x)) ** 2) * x,
        lambda x: np.sum(np.array(int(x) * [2.0, x]) ** 2) * x,
        lambda x: np.sum(np.array((2.0, x) * int(x)) ** 2) * x,
        lambda x: np.sum(np.array([2.0, x] * (x > 2.0))) * x,
    ],
)
def test_a_list_times_a_number_of_the_arguments_is_that_of_each_call(program: Program) -> None:
    gradient = sd.grad(program)
    with pytest.warns(UserWarning, match="an index or a length depends on a value"):
        found = [gradient(x) for x in (3.2, 4.2, 3.4)]
    steps = [(program(x + 1e-6) - program(x - 1e-6)) / 2e-6 for x in (3.2, 4.2, 3.4)]
    np.testing.assert_allclose(found, steps, rtol=1e-6)
    with pytest.raises(sd.UnsupportedError, match="an index or a length depends on a value"):
        sd.function(program, shapes={"x": ()})


@pytest.mark.parametrize("other", [2.5, np.float64(2.5)])
def test_a_list_times_a_float_raises_as_in_python(other: Any) -> None:
    with pytest.raises(TypeError):
        [1.0, 2.0] * other
    with pytest.raises(TypeError):
        sd.grad(lambda x: np.sum([1.0, 2.0] * x))(other)


def test_a_list_beside_an_array_or_a_scalar_of_numpy_is_one() -> None:
    scalar = sd.grad(lambda x: np.sum([1.0, 2.0] + x[0] * x[1]))
    np.testing.assert_allclose(scalar(X), [2 * X[1], 2 * X[0], 0.0, 0.0])
    np.testing.assert_allclose(sd.grad(lambda x: np.sum([1.0, 2.0] * x[:2]))(X), [1, 2, 0, 0])


# --- refused --------------------------------------------------------------------------------------


def of_two_names(x: Any) -> Any:
    found: list[Any] = []
    other = found
    for v in x:
        found.append(v * v)
    return sum(other)


def of_a_caller(x: Any) -> Any:
    def fill(items: list[Any]) -> None:
        for v in x:
            items.append(v * v)

    found: list[Any] = []
    fill(found)
    return sum(found)


def of_a_dict(x: Any) -> Any:
    found: dict[str, list[Any]] = {"a": []}
    for v in x:
        found["a"].append(v)
    return sum(found["a"])


def from_outside_of_a_branch(x: Any) -> Any:
    found: list[Any] = []
    if x[0] > 0:
        for v in x:
            found.append(v)
    return np.sum(np.array(found))


def one_before_the_last(x: Any) -> Any:
    found = [1.0, 1.0]
    for t in range(2, len(x)):
        found.append(x[t] * found[t - 2])
    return sum(found)


def two_in_each_step(x: Any) -> Any:
    found: list[Any] = []
    for v in x:
        found.append(v)
        found.append(v * v)
    return sum(found)


def in_some_steps(x: Any) -> Any:
    found: list[Any] = []
    for v in x:
        if v > 0:
            found.append(v)
    return sum(found)


def an_array_that_changes(x: Any) -> Any:
    found, state = [], np.zeros(2)
    for v in x:
        state += v
        found.append(state)
    return np.sum(np.array(found))


def changed_behind(x: Any) -> Any:
    found, state = [], np.zeros(2)
    for v in x:
        state = state + v
        found.append(state)
    state[0] = 100.0
    return np.sum(np.array(found))


def a_float_among_ints(x: Any) -> Any:
    found: list[Any] = [0] * len(x)
    for k in range(len(x)):
        found[k] = x[k]
    return sum(found)


def another_row(x: Any) -> Any:
    table = [[0.0] * len(x) for _ in x]
    table[0] = [1.0] * len(x)
    return sum(table[0]) * x[0]


def one_row_again_and_again(x: Any) -> Any:
    table = [[0.0, 0.0]] * len(x)
    table[0][0] = x[0]
    return table[1][0]


def grown_in_a_branch(x: Any) -> Any:
    found = [v for v in x]
    if x[0] > 0:
        found.append(x[0])
    return sum(found)


def repeated(x: Any) -> Any:
    found = [v for v in x]
    return sum(found * 2)


def set_by_a_slice(x: Any) -> Any:
    found = [v for v in x]
    found[1:] = [1.0]
    return sum(found)


def deleted(x: Any) -> Any:
    found = [v for v in x]
    del found[0]
    return sum(found)


def returned(x: Any) -> Any:
    return [v for v in x]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (of_two_names, "and no variable alone holds it"),
        (of_a_caller, "and no variable alone holds it"),
        (of_a_dict, "and no variable alone holds it"),
        (from_outside_of_a_branch, "and no variable alone holds it"),
        (one_before_the_last, r"an item is read of a list that grows(.|\n)*found\[-1\]"),
        (two_in_each_step, "'found' grows by several items in each step"),
        (in_some_steps, "a list grows where a condition on values holds"),
        (an_array_that_changes, "a list gets an array that the loop writes into"),
        (changed_behind, "an array that a loop has chosen between is changed in place"),
        (a_float_among_ints, r"a float becomes an item among ints(.|\n)*\[0.0\] \* n"),
        (another_row, "an item is set that is no number"),
        (one_row_again_and_again, "which are one object"),
        (grown_in_a_branch, "it grows in a loop or a branch"),
        (repeated, r"a list of a named length is repeated(.|\n)*items \+ items"),
        (set_by_a_slice, "a slice is set"),
        (deleted, "an item is deleted"),
        (returned, r"returns a list of as many items(.|\n)*np.array\(items\)"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_it_is_refused(program: Program, said: str) -> None:
    with pytest.raises(sd.UnsupportedError, match=said):
        sd.function(program, shapes={"x": ("n",)})


def test_a_list_has_no_attributes_of_an_array() -> None:
    def asks_for_its_shape(x: Any) -> Any:
        found: Any = [v for v in x]
        return found.shape[0] * x[0]

    def has_two_indices(x: Any) -> Any:
        found: Any = [v for v in x]
        return found[0, 1] * x[0]

    with pytest.raises(AttributeError, match="'list' object has no attribute 'shape'"):
        sd.function(asks_for_its_shape, shapes={"x": ("n",)})
    with pytest.raises(TypeError, match="list indices must be integers or slices, not tuple"):
        sd.function(has_two_indices, shapes={"x": ("n",)})


# --- the text -------------------------------------------------------------------------------------


def test_steps_that_need_nothing_of_one_another_are_work_on_arrays() -> None:
    def program(x: Any, k: Any) -> Any:
        total = 0.0
        for u, v in zip([np.sin(v) * k for v in x], [v - 1.0 for v in x], strict=True):
            total += u * v
        return total

    made = sd.function(program, shapes={"x": ("n",), "k": ()})
    text = made.grad().emit()
    body = text[text.index("def _value_and_grad") : text.index("\ndef value")]
    assert body.count("for ") == 1  # of the sum, in the program's order
    assert "np.cos(x)" in body
    x = np.linspace(-1.0, 2.0, 9)
    rest = np.cos(x) * 0.7 * (x - 1.0) + np.sin(x) * 0.7
    np.testing.assert_allclose(made.grad("x").load().grad(x, 0.7), rest)
    rolled = sd.function(program, shapes={"x": ("n",), "k": ()}, loops="roll").emit()
    assert rolled.count("for i in range(n):") >= 3


def test_a_list_that_grows_until_a_step_leaves_is_that_long() -> None:
    def program(x: Any) -> Any:
        found = [0.0]
        for k in range(1, 4):
            found.append(x[k] ** 2)
            if x[k] < 0.5:
                break
        return sum(found)

    for loops in ("auto", "roll"):
        with pytest.raises(sd.UnsupportedError, match="depends on values"):
            sd.function(program, shapes={"x": (4,)}, loops=loops)
    with pytest.warns(UserWarning, match="traced along the way"):
        assert sd.grad(program)(X).tolist() == [0.0, 2 * X[1], 0.0, 0.0]


@pytest.mark.parametrize("k", [0.7, -0.4])
def test_a_way_that_a_step_does_not_take_hands_on_nothing(k: float) -> None:
    def program(x: Any, k: Any) -> Any:
        found = []
        for v in x:
            root = np.sqrt(k) if k > 0.1 else v
            found.append(k if k > root else root)
        return sum(found)

    made = sd.function(program, shapes={"x": ("n",), "k": ()}).grad("k").load()
    wanted = (program(X, k + 1e-6) - program(X, k - 1e-6)) / 2e-6
    assert made.grad(X, k) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


# --- rows that two lists hold ---------------------------------------------------------------------


def table_of(x: Any) -> Any:
    return [[u * v for u in x] for v in x]


def by_a_slice(x: Any) -> Any:
    r = table_of(x)
    c = r[1:]
    c[0][0] = x[0]
    return sum(r[1])


def by_a_copy(x: Any) -> Any:
    r = table_of(x)
    c = list(r)
    c[0][0] = x[0]
    return sum(r[0])


def by_a_comprehension(x: Any) -> Any:
    r = table_of(x)
    c = [row for row in r]
    c[0][0] = x[0]
    return sum(r[0])


def by_a_sum(x: Any) -> Any:
    r = table_of(x)
    c = r + [[1.0] * len(x)]
    c[0][0] = x[0]
    return sum(r[0])


def backwards(x: Any) -> Any:
    r = table_of(x)
    for row in reversed(r):
        row[0] = x[0]
    return sum(r[0])


def appended_behind(x: Any) -> Any:
    r, row = table_of(x), [1.0] * len(x)
    r.append(row)
    row[0] = x[0]
    return sum(r[-1])


def an_array_appended_behind(x: Any) -> Any:
    r, row = [x * v for v in x], 2 * x
    r.append(row)
    row[0] = x[1]
    return sum(np.sum(row) for row in r)


def its_own_row(x: Any) -> Any:
    r = table_of(x)
    r.append(r[0])
    r[0][0] = x[1]
    return sum(r[-1])


def the_same_in_each_step(x: Any) -> Any:
    row = [0.0] * len(x)
    r = [row for _ in x]
    r[0][0] = x[0]
    return r[1][0]


def the_last_of_a_loop(x: Any) -> Any:
    r = []
    for v in x:
        row = [v * u for u in x]
        r.append(row)
    row[0] = x[1]
    return sum(r[-1])


def a_grid_and_its_rows(x: Any) -> Any:
    r = table_of(x)
    for _ in range(5):
        old = list(r)
        for i in range(1, len(x)):
            r[i][0] = 0.5 * old[i - 1][0]
    return sum(r[-1])


@pytest.mark.parametrize(
    "program",
    [
        by_a_slice, by_a_copy, by_a_comprehension, by_a_sum, backwards, appended_behind,
        an_array_appended_behind, its_own_row, the_same_in_each_step, the_last_of_a_loop,
        a_grid_and_its_rows,
    ],
)  # fmt: skip
def test_a_row_of_two_lists_is_not_changed(program: Program) -> None:
    with pytest.raises(sd.UnsupportedError, match=r"changed in place|the same list or array"):
        sd.function(program, shapes={"x": ("n",)})
    np.testing.assert_allclose(sd.grad(program)(X), differences(program, X), atol=1e-7)


def rows_of_its_own(x: Any) -> Any:
    r = table_of(x)
    c, d = [row[:] for row in r], copy.deepcopy(r)
    c[0][0], d[1][0] = x[1], 2.0
    return sum(map(sum, (c[0], d[1], r[0], r[-1])))


def lengthened(x: Any) -> Any:
    r = table_of(x)
    r = r + [[1.0] * len(x)]
    r[0][0] = 5 * x[0]
    return sum(map(sum, (r[0], r[1], r[-1])))


@pytest.mark.parametrize("program", [rows_of_its_own, lengthened])
def test_rows_of_its_own_are_changed(program: Program) -> None:
    np.testing.assert_allclose(gradient(program, X), differences(program, X), atol=1e-7)


@pytest.mark.parametrize("compare", [operator.eq, operator.ne, operator.lt])
def test_lists_are_not_compared(compare: Any) -> None:
    def program(x: Any) -> Any:
        return x[0] if compare([2 * v for v in x], [v + v for v in x]) else x[1]

    with pytest.raises(sd.UnsupportedError, match="a list of a named length is compared"):
        sd.function(program, shapes={"x": ("n",)})


def test_rows_are_changed_where_one_list_holds_them() -> None:
    def program(x: Any) -> Any:
        r = table_of(x)
        for row in r:
            row[2] = row[1] * x[2]
        return sum(map(sum, (r[0], r[-1])))

    np.testing.assert_allclose(gradient(program, X), differences(program, X), atol=1e-7)


def test_a_whole_number_of_the_arguments_meets_a_length() -> None:
    def program(x: Any) -> Any:
        y = np.zeros(len(x))
        y[int(10 * abs(x[0])) % len(x)] += x[0] * x[1]
        return np.sum(y**2)

    np.testing.assert_allclose(gradient(program, X), differences(program, X), atol=1e-7)


def arrays_among_lists(x: Any) -> Any:
    r = table_of(x)
    r.append(2 * x)
    return sum(r[-1])


def lists_among_arrays(x: Any) -> Any:
    r = [np.array([v, 2 * v]) for v in x]
    r.append([1.0, 2.0])
    return np.sum(r[-1]) * x[0]


def rows_in_order(x: Any) -> Any:
    return sum(sorted(table_of(x))[0])


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (arrays_among_lists, "a list is to hold items of two kinds"),
        (lists_among_arrays, "a list is to hold items of two kinds"),
        (rows_in_order, "lists or arrays of a named length are sorted"),
    ],
)
def test_items_are_of_one_kind(program: Program, said: str) -> None:
    with pytest.raises(sd.UnsupportedError, match=said):
        sd.function(program, shapes={"x": ("n",)})

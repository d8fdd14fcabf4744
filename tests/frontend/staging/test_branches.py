"""Functions that decide on values: their gradients are those of the way that is taken."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log as natural
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import without_ways


class Row(NamedTuple):
    """A function of a number or of an array of three, and the points to try."""

    function: Callable[..., Any]
    points: Sequence[Any]


ROWS: list[Row] = []
NUMBERS = (-2.3, -0.4, 0.3, 0.9, 1.7, 4.2)
ARRAYS = ([0.3, -1.2, 2.6], [-0.7, 1.4, 0.2], [2.0, 2.9, -4.0])


def row(*points: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        ROWS.append(Row(function, points))
        return function

    return enter


# --- numbers -----------------------------------------------------------------------------------


@row(*NUMBERS)
def both_ways(x: Any) -> Any:
    if x > 0:
        y = x * x
        y += 1
    else:
        y = -3 * x
    return y * x


@row(*NUMBERS)
def a_place_that_one_way_has(x: Any) -> Any:
    table = np.array([1.0, 2.0, 4.0]) * x
    y = x
    if 0 < x < 3:
        y = table[int(x)]
        table[int(x)] = x * x
    return y * table.sum()


@row(*NUMBERS)
def one_way(x: Any) -> Any:
    y = x
    if x > 0:
        y = y * x
    return y + 1


@row(*NUMBERS)
def early_returns(x: Any) -> Any:
    if x < -1:
        return x**2
    if x < 1:
        return math.sin(x)
    y = x**3
    if x > 2:
        return y - x
    return y


@row(*NUMBERS)
def nested(x: Any) -> Any:
    if x > 0:
        if x > 1:
            if x > 3:
                return 5 * x
            y = x**2
        else:
            y = x**3
    elif x < -1:
        y = 2.0 * x
    else:
        return x
    return y * 2


@row(*NUMBERS)
def expressions(x: Any) -> Any:
    a = x if x > 0 else -2 * x
    b = (x > 0 and x < 1) + 2 * (x < 0 or x > 2)
    return a * b + (not x > 1) * x**2 + (0 < x < 1 < 2) * x


@row(*NUMBERS)
def extremes(x: Any) -> Any:
    return max(x, 0.5) * min(x, 2.0, 3) + max([x, x**2], key=lambda v: -v) + abs(x)


@row(*NUMBERS)
def casts(x: Any) -> Any:
    return float(x) ** 2 + int(x) * x + bool(x > 1) * x + np.float64(x) * 2


@row(*NUMBERS)
def quantifiers(x: Any) -> Any:
    values = [x, x - 1, x - 2]
    return x * any(v > 0 for v in values) + x**2 * all(v > 0 for v in values)


@row(-2.3, 0.4, 1.7)
def truth_of_a_number(x: Any) -> Any:
    y = x - 0.3
    if y:
        return y * x
    return x * 7


@row(*NUMBERS)
def the_way_not_taken_is_outside_of_the_domain(x: Any) -> Any:
    if x > 0:
        return math.sqrt(x) + natural(x) * x
    return x


@row(*NUMBERS)
def left_loop(x: Any) -> Any:
    total = 0.0
    for i in range(6):
        if total > 5:
            break
        if i == 2:
            continue
        total += x * i
    else:
        total = 2 * total
    return total


@row(*NUMBERS)
def return_from_loops(x: Any) -> Any:
    for i in range(3):
        for j in range(2):
            if x * i > j + 1:
                return x**2 * (i + j)
    return x


@row(*NUMBERS)
def search(x: Any) -> Any:
    knots = [(-1.0, 2.0), (0.5, 1.0), (2.0, -1.0), (9.0, 0.5)]
    start = 0.0
    for knot, slope in knots:
        if x < knot:
            break
        start += slope * knot
    return start + slope * x


@row(*NUMBERS)
def helpers(x: Any) -> Any:
    def clipped(v: Any, *, low: float = 0.0) -> Any:
        return low if v < low else v

    square = lambda v: v**2 if v > 1 else v  # noqa: E731
    return clipped(x) * square(x) + clipped(x, low=1.0) + Model(2.0).sign(x)


@row(*NUMBERS)
def partial_function(x: Any) -> Any:
    return sum(map(functools.partial(huber, delta=0.7), [x, 2 * x])) + decorated(x)


@row(*NUMBERS)
def matching(x: Any) -> Any:
    mode = "low" if len([1]) == 1 else "high"
    match mode:
        case "low":
            y = x**2
        case _:
            y = x
    return y if y > 1 else 3 * y


@row(*NUMBERS)
def matching_with_guards(x: Any) -> Any:
    v = 5.0
    match x:
        case v if v < 0:
            y = v * 3
        case v if v < 1:
            y = v**2
        case _:
            y = v * 2  # a capture holds where its guard does not
    return y * v


@row(*NUMBERS)
def matching_numbers_and_captures(x: Any) -> Any:
    match (int(x), x):
        case (0 | 1 as k, v):
            return k * v + v**3
        case (n, _) if n < 0:
            return n * x
        case (_, v) if v > 2.5:
            return math.sin(v)
        case whole, v:
            return whole * v**2


@row(*NUMBERS)
def matching_in_another_order(x: Any) -> Any:
    y = 2 * x - 1
    match x, y:
        case y, x if x > y:
            return 3 * x - y * y
        case x, 1.0:
            return x
        case a, b:
            return a * b * x


@row(*NUMBERS)
def with_blocks(x: Any) -> Any:
    with np.errstate(all="ignore"):
        y = x
        if x > 0:
            y = x * x
    try:
        z = y + 1
    finally:
        w = 2
    return z * w


@row(*NUMBERS)
def walrus(x: Any) -> Any:
    if (y := x * 2) > 1:
        return y**2
    return y


@row(*NUMBERS)
def calls_itself(x: Any, depth: int = 3) -> Any:
    if x > 1:
        return calls_itself(x - 1, depth - 1) * x if depth else x
    return x * x


@row(*NUMBERS)
def annotated(x: Any) -> Any:
    y: Any = x
    if x > 0:
        z: Any = x * x
        y = z * y
    w: Any
    w = y + 1
    return w


@row(*NUMBERS)
def sets_of_words(x: Any, method: str = "square") -> Any:
    if method in {"square", "twice", "cube", "root", "sine"}:
        return x * x if x > 0 else -x
    return x


@row(*NUMBERS)
def tuples(x: Any) -> Any:
    if x > 0:
        pair, name = (x, 2.0), "same"
    else:
        pair, name = (-x, x**2), "same"
    first, second = pair
    return first * second * len(name)


@row(*NUMBERS)
def structures(x: Any) -> Any:
    state = {"a": x, "b": [1.0, 2.0]}
    point = Point(x, 1.0)
    if x > 0:
        state["a"] = x**2
        state["b"][0] = x
        point.x = 3 * x
    elif x < -1:
        state["b"][1] *= x
    return state["a"] + state["b"][0] * state["b"][1] + point.x * point.y


@row(*NUMBERS)
def its_own_list(x: Any) -> Any:
    if x > 0:
        parts = []
        for k in range(3):
            parts.append(x**k)  # noqa: PERF401  what is tried
        y = sum(parts)
    else:
        y = x
    return y


@row(-2.3, 0.4, 1.7)
def membership(x: Any) -> Any:
    return x**2 * (x in [1.0, 0.3]) + x * (x not in (0.3, 2.0))


def huber(r: Any, delta: float = 1.0) -> Any:
    """Huber's loss."""
    if abs(r) <= delta:
        return 0.5 * r**2
    return delta * (abs(r) - 0.5 * delta)


def twice(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator."""

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        return function(*args) * 2

    return call


@twice
def decorated(x: Any) -> Any:
    """With a branch, behind a wrapper."""
    if x < 0:
        return x**2
    return x


class Model:
    """With methods."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def sign(self, x: Any) -> Any:
        """Scaled, with the sign of x."""
        if x < 0:
            return -self.scale * x
        return self.scale * x


@dataclass
class Point:
    """A point."""

    x: Any
    y: Any


# --- arrays ------------------------------------------------------------------------------------


@row(*ARRAYS)
def elements(x: Any) -> Any:
    total = 0.0
    for v in x:
        if v > 0:
            total += v**2
        else:
            total -= v
    return total


@row(*ARRAYS)
def written(x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        if x[i] > 0:
            out[i] = x[i] ** 2
        elif x[i] < -1:
            out[i] -= x[i]
    return (out * x).sum()


@row(*ARRAYS)
def continued_while_counting(x: Any) -> Any:
    n, total = 0, 0.0
    while n < 3:
        n += 1
        if x[n - 1] < 0:
            continue
        total += n * x[n - 1] ** 2
    return total


@row(*ARRAYS)
def summed_where_it_holds(x: Any) -> Any:
    squares = sum(v * v for v in x if v > 0)
    many = sum(1 for v in x if v > 0 if v < 2.3)
    known = sum([v for i, v in enumerate(x) if i != 1])
    rows = sum((row for row in np.outer(x, x) if row[0] > 0), start=np.zeros(3))
    roots = sum(math.sqrt(a * b) for a in x for b in x if a * b > 0 and a > 0)
    return squares + many * known + rows @ x + roots


@row(*ARRAYS)
def sorted_by_python(x: Any) -> Any:
    low, middle, high = sorted(x)
    pairs = sorted(zip(x, (1, 2, 3), strict=True), key=lambda pair: abs(pair[0]), reverse=True)
    mixed = [x[0], x[1] * 2, 0.1]
    mixed.sort()
    a, b = sorted((float(x[0]), float(x[2])), reverse=True)
    return low + middle**2 * a + high**3 / b + pairs[0][0] * pairs[2][1] + mixed[1] ** 2


@row(*ARRAYS)
def written_while_read(x: Any) -> Any:
    w, total = x.copy(), 0.0
    for place, (item, other) in enumerate(zip(w, x, strict=True)):
        w[1:] *= x[0] + place
        total += item * other
    for item in w.flat:
        w += item
        total -= item**2
    rows = np.stack([w, x])
    for one in rows:
        rows[1] = rows[0] * x
        total += one[2]
    return total


@row(*ARRAYS)
def written_through_views(x: Any) -> Any:
    out = np.ones((2, 3))
    first = out[0]
    if x[0] > 0:
        first[:] = x
        out[1, 1] += x[1]
    else:
        first *= x
    return out.sum() * x[2]


@row(*ARRAYS)
def an_array_of_its_own(x: Any) -> Any:
    if x.sum() > 1:
        y = np.zeros(3)
        y[0] = x[1]
        y[1:] += x[:2]
    else:
        y = x * 2
    return (y * x).sum()


@row(*ARRAYS)
def chosen_arrays(x: Any) -> Any:
    y = x if x[0] > 0 else np.flip(x) ** 2
    return y @ x


@row(*ARRAYS)
def sorted_by_hand(x: Any) -> Any:
    a = [x[0], x[1], x[2]]
    for i in range(3):
        for j in range(2 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    return a[0] + 2 * a[1] ** 2 + 3 * a[2] ** 3


@row(*ARRAYS)
def largest_by_hand(x: Any) -> Any:
    best, at = x[0], 0
    for i in range(1, len(x)):
        if x[i] > best:
            best, at = x[i], i
    return best**2 * (at + 1)


@row(*ARRAYS)
def integer_index(x: Any) -> Any:
    return x[int(abs(x[1]))] ** 2 * x[round(x[0])]


@row(*NUMBERS)
def halved_where_steep(x: Any, depth: Any = 0) -> Any:
    if depth > 2 or abs(x) < 0.5:
        return x**2 * (depth + 1)
    return halved_where_steep(x / 2, depth + 1) + halved_where_steep(-x / 3, depth + 1)


def slope(function: Callable[..., Any], at: Any) -> Any:
    """By central differences; the points lie away from kinks."""
    h, x = 1e-6, np.asarray(at, float)
    if x.ndim == 0:
        return (function(at + h) - function(at - h)) / (2 * h)
    return np.array([(function(x + h * e) - function(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.function.__name__)
def test_gradient_is_that_of_the_way_taken(case: Row, tmp_path: Any) -> None:
    derived = sd.value_and_grad(case.function)
    for point in case.points:
        at = np.array(point) if isinstance(point, list) else point
        value, gradient = derived(at)
        assert value == pytest.approx(case.function(at), rel=1e-12)
        np.testing.assert_allclose(gradient, slope(case.function, at), rtol=1e-6, atol=1e-7)


OF_NUMBERS = [case for case in ROWS if not isinstance(case.points[0], list)]


@pytest.mark.parametrize("case", OF_NUMBERS, ids=lambda case: case.function.__name__)
def test_batch_of_numbers_takes_each_its_way(case: Row) -> None:
    module = sd.function(case.function, shapes={"x": ()}).grad().load()
    if hasattr(module, "SHAPES"):  # integers take part, and arrays of them are not numbers
        with pytest.raises(ValueError, match="expected the shape"):
            module.grad(np.array(case.points))
        return
    found = module.grad(np.array(case.points))
    right = [module.grad(point) for point in case.points]
    np.testing.assert_allclose(found, right, rtol=1e-14)


# --- what is refused ---------------------------------------------------------------------------

REFUSED: list[tuple[Callable[..., Any], str]] = []
HISTORY: list[Any] = []
LATEST = {"x": 0.0}
count = 0


def refused(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        REFUSED.append((function, words))
        return function

    return enter


@refused("'append'")
def appended(x: Any) -> Any:
    values = []
    if x > 0:
        values.append(x)
    return sum(values) + x


@refused("'print'")
def printed(x: Any) -> Any:
    if x > 0:
        print(x)
    return x


@refused("'count'")
def a_global(x: Any) -> Any:
    global count
    if x > 0:
        count = 1
    return x


@refused("'count'")
def a_global_of_a_helper(x: Any) -> Any:
    if x > 0:
        _counted()
    return x


def _counted() -> None:
    global count
    count += 1


@refused("'total'")
def a_variable_around(x: Any) -> Any:
    total = 0.0

    def add(v: Any) -> None:
        nonlocal total
        total += v

    if x > 0:
        add(x)
    return total


@refused("an item of a dict is made")
def a_new_key(x: Any) -> Any:
    table = {"a": x}
    if x > 0:
        table["b"] = x
    return x


@refused("is set in one way only")
def set_in_one_way(x: Any) -> Any:
    if x > 0:
        y = x
    return y


@refused("the shape (3,) in one way and () in the other")
def of_two_shapes(x: Any) -> Any:
    y = np.ones(3) * x if x > 0 else x
    return np.sum(y)


@refused("is a number in one way and None in the other")
def a_number_or_nothing(x: Any) -> Any:
    y = None
    if x > 0:
        y = x
    return y * 2


@refused("'left' in one way and 'right' in the other")
def two_words(x: Any) -> Any:
    side = "left" if x > 0 else "right"
    return x * len(side)


@refused("nothing in the other")  # noqa: RET503  what is tried
def returns_in_one_way(x: Any) -> Any:
    if x > 0:
        return x


@refused("whether a 'while' goes on depends on values")
def unbounded(x: Any) -> Any:
    parts = np.array([x])
    while parts[-1] > 1:
        parts = np.concatenate((parts, parts[-1:] / 2))
    return parts.sum()


@refused("a function calls itself")
def endless(x: Any) -> Any:
    if x > 0:
        return endless(x - 1)
    return x


@refused("inside of a 'with'")
def left_block(x: Any) -> Any:
    with np.errstate(all="ignore"):
        if x > 0:
            return x
        x = x * 2
    return x + 1


@pytest.mark.parametrize(("function", "words"), REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_is_refused_with_the_place(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(sd.UnsupportedError) as caught, without_ways():
        sd.grad(function)(1.5)
    assert words in str(caught.value)
    assert "test_branches.py, line" in str(caught.value)
    assert count == 0


def test_traceback_names_the_users_function() -> None:
    def loss(x: Any) -> Any:
        if x.ndim == 1:
            raise KeyError("mine")
        return x

    with pytest.raises(KeyError, match="mine") as caught:
        sd.grad(loss)(np.ones(2))
    assert [frame.name for frame in caught.traceback][-1] == "loss"


def test_decisions_by_plain_values_are_pythons() -> None:
    def loss(x: Any, mode: str = "square") -> Any:
        seen = []
        for k in range(4):
            if k % 2:
                continue
            seen.append(k)
            if mode == "square" and k == 2:
                return x**2 * len(seen)
        return x

    assert sd.grad(loss)(3.0) == 12.0


def test_source_that_has_changed_is_not_taken(tmp_path: Any) -> None:
    path = tmp_path / "model.py"
    path.write_text("def f(x):\n    return x if x > 0 else 2 * x\n")
    space: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), space)
    path.write_text("def f(x):\n    return x if x > 0 else 3 * x\n")
    with pytest.raises(sd.UnsupportedError, match="decision"), without_ways():
        sd.grad(space["f"])(-1.0)

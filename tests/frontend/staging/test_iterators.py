"""Iterators, which are gone through once: in loops that are rolled, in branches, in steps."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

Program = Callable[[Any], Any]
X = np.random.default_rng(1).normal(size=12)
PROGRAMS: list[Program] = []


def is_right(function: Program) -> Program:
    PROGRAMS.append(function)
    return function


@is_right
def a_zip_twice(x: Any) -> Any:
    pairs, s = zip(x, x[::-1], strict=True), 0.0
    for a, b in pairs:
        s = s * 0.5 + a * b
    for a, b in pairs:
        s = s * 0.5 + a - b
    return s


@is_right
def a_generator_twice(x: Any) -> Any:
    doubled = (2 * v for v in x)
    return sum(doubled) ** 2 + sum(doubled)


@is_right
def an_enumerate_that_was_left(x: Any) -> Any:
    items, s = enumerate(x), 0.0
    for k, v in items:
        s = s * 0.5 + v * k
        if s > 1:
            break
    for k, v in items:
        s = s + v * v * k
    return s


@is_right
def a_zip_in_each_step(x: Any) -> Any:
    pairs, s = zip(x, x[::-1], strict=True), 0.0
    for i in range(len(x)):
        for a, b in pairs:
            s = s * 0.5 + a * b + i
    return s


@is_right
def a_new_zip_in_each_step(x: Any) -> Any:
    s = 0.0
    for _ in range(6):
        pairs = zip(x, x[::-1], strict=True)
        for a, b in pairs:
            s = s * 0.5 + a * b
        for a, b in pairs:
            s = s * 0.5 + a - b
    return s


@is_right
def counts_backwards_twice(x: Any) -> Any:
    counts, s = reversed(range(len(x))), 0.0
    for i in counts:
        s = s * 0.5 + i * x[0]
    for i in counts:
        s = s * 0.5 + i * x[1]
    return s


@is_right
def counts_backwards_to_a_number_of_values(x: Any) -> Any:
    s = 0.0
    for i in reversed(range(int(x[0]) + 3)):
        s = s * 0.5 + i * x[0]
    for i in reversed(range(0)):
        s = s + i * x[1]
    return s


@is_right
def an_iterator_of_numbers_in_each_step(x: Any) -> Any:
    numbers, s = iter([1.0, 2.0, 3.0]), 0.0
    for i in range(12):
        for a in numbers:
            s = s * 0.5 + a + x[0]
        s = s * 0.9 + x[1] * i
    return s


@is_right
def a_counter_beside_the_loop(x: Any) -> Any:
    count, s = itertools.count(), 0.0
    for _ in range(8):
        s = s * 0.9 + next(count) * x[0]
    return s


@is_right
def a_generator_in_one_way(x: Any) -> Any:
    doubled, s = (2 * v for v in x), 0.0
    if x[0] > 0:
        s = sum(doubled)
    return s + sum(doubled)


@is_right
def one_that_a_way_makes(x: Any) -> Any:
    s = 0.0
    if x[0] > 0:
        pairs = zip(x, x[::-1], strict=True)
        for a, b in pairs:
            s = s * 0.5 + a * b
    return s + x[1]


class _Holder:
    def __init__(self, held: Any) -> None:
        self.held = held

    def take(self) -> Any:
        return next(self.held)


def _kept_in_an_attribute() -> Any:
    holder = _Holder(iter([1.0, 2.0, 3.0]))
    return lambda: holder.held


def _kept_in_a_list() -> Any:
    held = [v * 2.0 for v in range(3)], (v * 2.0 for v in range(3) if v)
    return lambda: held[1]


def _kept_in_a_dict() -> Any:
    held = {"a": map(float, range(3))}
    return lambda: held["a"]


def _starred(*items: float) -> float:
    return float(len(items))


def _by_a_loop(items: Any) -> Any:
    s = 0.0
    for a in items:
        s = s * 0.5 + a
    return s


def _into_a_list(items: Any) -> Any:
    found: list[Any] = []
    found += items
    return float(len(found))


def _unpacked(items: Iterable[float]) -> Any:
    first, *_ = [*items, 0.0]
    return first


WAYS: dict[str, Callable[[Any], Any]] = {
    "for": _by_a_loop,
    "sum": sum,
    "generator": lambda items: sum(a * 2 for a in items),
    "comprehension": lambda items: float(len([a * 2 for a in items])),
    "max": lambda items: max(items, default=0.0),
    "sorted": lambda items: float(len(sorted(items))),
    "any": lambda items: float(any(items)),
    "star": lambda items: float(len([*items])),
    "call": lambda items: _starred(*items),
    "unpacking": _unpacked,
    "in": lambda items: float(2.0 in items),
    "zip": lambda items: sum(a * b for a, b in zip(items, [1.0, 2.0, 3.0], strict=False)),
    "next": lambda items: next(items, 0.0),
    "update": _into_a_list,
    "fromiter": lambda items: np.sum(np.fromiter(items, float)),
    "islice": lambda items: sum(itertools.islice(items, 2)),
    "reduce": lambda items: functools.reduce(lambda a, b: a + b, items, 0.0),
}
KEEPERS = [_kept_in_an_attribute, _kept_in_a_list, _kept_in_a_dict]


@is_right
def a_method_that_takes_the_next(x: Any) -> Any:
    class Own:
        def __init__(self) -> None:
            self.held = iter(x)

        def take(self) -> Any:
            return next(self.held)

    own, s = Own(), 0.0
    for _ in range(6):
        s = s * 0.5 + own.take()
    return s


@is_right
def a_class_that_takes_the_next(x: Any) -> Any:
    holder, s = _Holder(v * v for v in x), 0.0
    for _ in range(6):
        s = s * 0.5 + holder.take()
    return s


@is_right
def one_that_is_left_where_values_decide(x: Any) -> Any:
    items, s = iter([x[0], x[1], x[2] * 2, 3.0]), 0.0
    for v in items:
        s = s * 0.5 + v
        if s > 0.1:
            break
    for v in items:
        s = s + v * v
    return s


@is_right
def one_that_any_leaves_where_values_decide(x: Any) -> Any:
    items, s = iter([x[0], x[1], x[2] * 2, 3.0]), x[3]
    if any(v > 0 for v in items):
        s = s * 2
    for v in items:
        s = s + v * v
    return s


@is_right
def one_that_all_leaves_where_values_decide(x: Any) -> Any:
    items, s = (v > 0 for v in [x[0], x[1], x[2]]), x[3]
    if all(items):
        s = s * 2
    return s + float(len(list(items)))


@is_right
def one_that_any_leaves(x: Any) -> Any:
    items = iter([0.0, 1.0, 2.0, 3.0])
    return x[0] * any(items) + x[1] * sum(items)


@is_right
def two_of_one(x: Any) -> Any:
    first, second = itertools.tee(v * v for v in x)
    return sum(first) * sum(v * x[0] for v in second)


@is_right
def a_generator_is_sent_values(x: Any) -> Any:
    def sums() -> Any:
        total = 0.0
        while True:
            total = total + (yield total)

    running, s = sums(), 0.0
    next(running)
    for v in x:
        s = s + running.send(v) * v
    return s


@is_right
def asks_for_its_class(x: Any) -> Any:
    squares = map(np.square, x)
    return sum(squares) if isinstance(squares, map) else x[0]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize("length", [len(X), "n"])
def test_it_is_right_or_refused(program: Program, length: int | str) -> None:
    try:
        made = sd.function(program, shapes={"x": (length,)}).value_and_grad()
    except sd.UnsupportedError:
        return
    steps = 1e-5 * np.eye(len(X))
    for x in (X, -X):
        value, gradient = made(x)
        assert value == pytest.approx(program(x), rel=1e-12)
        wanted = [(program(x + h) - program(x - h)) / 2e-5 for h in steps]
        np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("keeper", KEEPERS)
def test_one_that_is_kept_anywhere_is_gone_through_once(keeper: Any, way: str) -> None:
    take = WAYS[way]

    def in_a_branch(x: Any) -> Any:
        get, s = keeper(), 0.0
        if x[0] > 0:
            s = s + take(get()) * x[0]
        return s + take(get()) * x[1]

    def in_a_step(x: Any) -> Any:
        get, s = keeper(), 0.0
        for i in range(len(x)):
            s = s * 0.5 + (take(get()) + 1) * x[0] + i
        return s + x[1]

    for program in (in_a_branch, in_a_step):
        for length in (len(X), "n"):
            test_it_is_right_or_refused(program, length)


REACHED = [
    a_zip_twice,
    a_generator_twice,
    counts_backwards_to_a_number_of_values,
    one_that_a_way_makes,
    one_that_any_leaves,
]


@pytest.mark.parametrize("program", REACHED)
def test_these_are_not_refused(program: Program) -> None:
    for length in (len(X), "n"):
        sd.function(program, shapes={"x": (length,)})


def test_an_iterator_in_one_way_is_refused_by_name() -> None:
    with pytest.raises(sd.UnsupportedError, match="an iterator is gone through in one way"):
        sd.function(a_generator_in_one_way, shapes={"x": (3,)})

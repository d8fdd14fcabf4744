"""Programs that break a rule of branches and loops, each with what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd


def two_shapes(x: Any) -> Any:
    y = x[:2] if x.sum() > 0 else x
    return np.sum(y)


def two_kinds(x: Any) -> Any:
    if x > 0:
        y: Any = x
    else:
        y = "low"
    return y


def two_structures(x: Any) -> Any:
    if x > 0:
        y: Any = (x, x)
    else:
        y = [x]
    return y[0]


def set_in_one_way(x: Any) -> Any:
    if x > 0:
        y = 2 * x
    return y


def reads_behind(x: Any) -> Any:
    if x > 0:
        y = 2 * x
    z = x * x
    return z + y


def writes_to_a_global(x: Any) -> Any:
    global COUNT
    if x > 0:
        COUNT = 1
    return x


def prints(x: Any) -> Any:
    if x > 0:
        print("positive")
    return x


def deletes_an_item(x: Any) -> Any:
    found = {"a": x, "b": 2 * x}
    if x > 0:
        del found["a"]
    return found["b"]


def deletes_by_value(x: Any) -> Any:
    found = {1: x, 2: 2 * x}
    del found[x]
    return found[2]


def yields(x: Any) -> Any:
    yield 2 * x


async def waits(x: Any) -> Any:
    return 2 * x


def grows_in_a_while(x: Any) -> Any:
    a = np.ones(1) * x
    while a[-1] > 1e-3:
        a = np.concatenate([a, a[-1:] * x])
    return np.sum(a)


def grows_in_a_for(x: Any) -> Any:
    a = x[:1]
    for i in range(x.shape[0]):
        a = np.concatenate([a, a[-1:] * x[i]])
    return np.sum(a)


def lengthens_a_list(x: Any) -> Any:
    a = [x]
    while a[-1] > 1e-3:
        a = [*a, a[-1] * 0.5]
    return a[-1]


def appends_until_it_breaks(x: Any) -> Any:
    items, s = [], 0.0
    for i in range(len(x)):
        s += x[i]
        items.append(s * s)
        if s > 2.0:
            break
    return np.sum(np.array(items))


@pytest.mark.parametrize(
    ("program", "shape", "said"),
    [
        (two_shapes, (3,), r"a value has the shape \(2,\) in one way and \(3,\) in the other"),
        (two_kinds, (), "'y' is a number in one way and a str in the other"),
        (two_structures, (), "'y' is a tuple in one way and a list in the other"),
        (set_in_one_way, (), "'y' is set in one way only of a branch .*, and is returned"),
        (reads_behind, (), r"'y' is set in one way only of a branch .*, and is read in line \d+"),
        (writes_to_a_global, (), "'COUNT', which belongs to a function or module around, is set"),
        (prints, (), "'print' is called in one way of a branch"),
        (deletes_an_item, (), "an item or an attribute is deleted in one way of a branch"),
        (deletes_by_value, (), "a hash, for a key or a set, depends on a value"),
        (yields, (), r"returns a generator.*\n.*def yields(.|\n)*append what is yielded to a list"),
        (waits, (), r"returns a coroutine.*\n.*async def(.|\n)*'def' in the place of 'async def'"),
        (grows_in_a_while, (), r"'a' changes its shape from \(1,\) to \(2,\)(.|\n)*np.concatenate"),
        (grows_in_a_for, ("N",), r"'a' changes its shape from \(1,\) to \(2,\)(.|\n)*concatenate"),
        (lengthens_a_list, (), "'a' changes its length from 1 to 2"),
        (appends_until_it_breaks, ("N",), r"a list grows by a number of (.|\n)*found = np.zeros"),
    ],
)
def test_it_is_refused_with_its_line(
    program: Callable[[Any], Any], shape: tuple[int, ...], said: str
) -> None:
    with pytest.raises(sd.UnsupportedError, match=said) as found:
        sd.function(program, shapes={"x": shape})
    assert found.value.line
    assert found.value.suggestion


def test_what_is_deleted_in_one_way_is_read_in_the_other() -> None:
    def program(x: Any) -> Any:
        y = 2 * x
        if x > 0:
            del y
            return x
        return y

    gradient = sd.function(program, shapes={"x": ()}).grad()
    assert (gradient(3.0), gradient(-3.0)) == (1.0, 2.0)


def test_a_loop_that_is_written_out_again_and_again_says_why() -> None:
    def program(x: Any) -> Any:
        a = np.ones(1) * x
        for _ in range(1001):
            a = np.concatenate([a[-1:], a])
        return a[0]

    with pytest.warns(UserWarning, match=r"written out step by step: 'a' changes its shape"):
        assert sd.grad(program)(0.5) == 1.0

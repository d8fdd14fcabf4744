"""Loops that append to a list and look at more of it than its last item: the list is not all there.

Such a loop is written out step by step, or refused where it is to be rolled.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd

X = np.array([0.3, -0.2, 0.1])
LOOKS = (
    "len(rows)*x[0]", "rows[1][0]", "rows[2][0]", "rows[-2][0]", "rows[:2][1][0]",
    "np.sum(list(rows)[1])", "rows.copy()[1][0]", "(rows + [x])[1][0]", "[*rows][1][0]",
    "rows.__len__()*x[1]", "len([row for row in rows])*x[0]", "len(rows[:])*x[0]",
    "x[0]*sum(1 for row in rows)", "x[0]*len(list(zip(rows, rows)))", "rows.__getitem__(1)[0]",
    "(x[0] if len(rows) > 5 else x[1])", "rows[-1][0]",
)  # fmt: skip
TEXT = """
def program(x):
    rows, t = [x, x*2], 0.0
    for i in range(9):
        {before}
        rows.append(np.sin(x*i + t))
        t = t*0.5 + {look}
    return t + sum([np.sum(row) for row in rows])
"""


def program(look: str, before: str = "pass") -> Callable[[Any], Any]:
    text, name = TEXT.format(look=look, before=before), f"<{look}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)
    return space["program"]  # type: ignore[no-any-return]


def is_right(function: Callable[[Any], Any], loops: str) -> bool:
    """Whether a value and a gradient are those of Python; false where it is refused."""
    try:
        value, gradient = sd.value_and_grad(function, loops=loops)(X)
    except sd.UnsupportedError:
        return False
    slopes = [(function(X + h) - function(X - h)) / 2e-6 for h in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(value, function(X), rtol=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-8)
    return True


@pytest.mark.parametrize("look", LOOKS)
def test_what_a_step_sees_of_a_list_is_what_python_does(look: str) -> None:
    assert is_right(program(look), "auto")
    assert is_right(program(look), "roll") == (look in ("rows[-1][0]", "rows[-2][0]"))


def test_a_list_that_an_inner_loop_appends_to() -> None:
    inner = "for k in range(5): rows.append(x*k)"
    assert is_right(program("len(rows)*x[0]", inner), "auto")
    assert not is_right(program("len(rows)*x[0]", inner), "roll")


@pytest.mark.parametrize("count", [1, 2])
def test_an_item_that_is_read_by_its_place(count: int) -> None:
    def program(x: Any) -> Any:
        found = [0.5]
        for t in range(1, 30):
            found.append(np.sin(x * found[t - 1]) + 0.1 * t)
            if count == 2:
                found.append(x)
        return np.sum(np.array(found) ** 2)

    wanted = (program(0.7 + 1e-6) - program(0.7 - 1e-6)) / 2e-6
    assert sd.grad(program)(0.7) == pytest.approx(wanted, rel=1e-6)
    text = sd.function(program, shapes={"x": ()}).grad().emit()
    assert ("in reversed(range(29))" in text) == (count == 1)

"""Long chains and deep nests: no recursion of the tracer's, or one clear sentence."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable
from typing import Any

import pytest

import symdiff as sd
from tests.frontend.tracing.checks import without_ways

MANY = 300


def written(name: str, body: str) -> Callable[[float], float]:
    """The function of a text, whose lines can be looked up."""
    text, file = f"def f(x):\n{body}", f"<deep {name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space: dict[str, Any] = {"sin": math.sin}
    exec(compile(text, file, "exec"), space)
    function: Callable[[float], float] = space["f"]
    return function


def lines(template: str, count: int = MANY) -> str:
    return "".join(template.format(i=i, at=i / 10) for i in range(1, count))


TEXTS = {
    "elif": "    if x < 0:\n        y = x\n"
    + lines("    elif x < {at}:\n        y = {i}*x\n")
    + "    else:\n        y = x*x\n    return y\n",
    "elif with return": "    if x < 0:\n        return x\n"
    + lines("    elif x < {at}:\n        return {i}*x\n")
    + "    return x*x\n",
    "elif that binds": "    if x < 0:\n        y = x\n"
    + lines("    elif (y := x*{i}) < {at}:\n        y = y*x\n")
    + "    return y\n",
    "returns": lines("    if x < {at}:\n        return {i}*x\n") + "    return x*x\n",
    "returns and errors": lines(
        "    if x < {at}:\n        return {i}*x\n    if x > 1000 + {i}:\n        raise ValueError\n"
    )
    + "    return x*x\n",
    "steps": "    y = x\n" + lines("    if x < {at}:\n        y = y + {i}*x\n") + "    return y\n",
    "statements": "    y = x\n" + lines("    y = sin(y)*0.5 + x\n" * 5) + "    return y\n",
    "and": f"    if {' and '.join(f'x > {-i}' for i in range(MANY))}:\n        return x*2\n"
    "    return x*x\n",
    "or": f"    if {' or '.join(f'x > {i}' for i in range(MANY))}:\n        return x*2\n"
    "    return x*x\n",
    "sum": f"    return {' + '.join(f'sin(x*{i})' for i in range(3 * MANY))}\n",
    "choices": f"    return {''.join(f'x*{i} if x < {i / 10} else ' for i in range(80))}x*x\n",
    "shared in a step": "    s = x\n    for i in range(9):\n        y = s*0.3\n"
    + "        y = sin(y*y + y)\n" * 60
    + "        if y > 0.2:\n            y = 0.2*y\n        s = s*0.5 + y\n    return s\n",
    "nest": "    y = x\n"
    + "".join(f"{'    ' * i}if x > {-i}:\n{'    ' * (i + 1)}y = y + {i}*x\n" for i in range(1, 19))
    + "    return y\n",
}


@pytest.mark.filterwarnings("ignore:an expression is traced")  # of the chain as a whole
@pytest.mark.parametrize("name", TEXTS)
def test_values_and_gradients_are_those_of_python(name: str) -> None:
    function = written(name, TEXTS[name])
    derived = sd.value_and_grad(function)
    for x in (-1.03, 3.34, 1e3):
        value, slope = derived(x)
        assert value == pytest.approx(function(x), rel=1e-12)
        ends = function(x + 1e-5), function(x - 1e-5)
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-4)


def test_no_branch_in_another_is_too_deep_without_a_word() -> None:
    template = "    y = sin(y + {i})\n    if y < {at}:\n        return {i}*y\n"
    function = written("interleaved", "    y = x\n" + lines(template, 150) + "    return y\n")
    try:
        with without_ways():
            assert sd.value_and_grad(function)(0.5)[0] == pytest.approx(function(0.5))
    except sd.SymdiffError as error:
        assert "too deep" in str(error) or "calls itself" in str(error)  # noqa: PT017

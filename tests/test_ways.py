"""Functions whose branches cannot be kept: traced along the way that each call takes."""

from __future__ import annotations

import contextlib
import logging
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff import ways

SOURCE = """
def piecewise(x):
    if x > 1:
        return x*x
    elif x > 0:
        return 3*x
    return -x

def root(a):
    x = a
    while abs(x*x - a) > 1e-12*a:
        x = (x + a/x)/2
    return x

def gathered(x):
    if x[0] > 0:
        return np.sum(x[1:]**2)
    found = []
    for v in x:
        if v > 0.5:
            found.append(v*v)
    return sum(found)*x[0]

def of_one_number(x):
    a = np.asarray(x)*1.0
    found = a > 1
    if not found:
        return 3.0*x
    part = a[found]
    more = np.zeros_like(part)
    more[part > 2] = part[part > 2]**2
    return np.sum(part*2 + more)

def counted(x):
    n = 0
    while x < 100:
        x = x*scale
        n += 1
    return x*n
"""


@pytest.fixture
def unseen() -> Iterator[dict[str, Any]]:
    """Functions without source, in their namespace; each warns once."""
    space: dict[str, Any] = {"np": np, "scale": 2.0}
    exec(SOURCE, space)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield space


def slope(function: Callable[..., Any], at: Any) -> Any:
    h, x = 1e-6, np.asarray(at, float)
    if not x.shape:
        return (function(at + h) - function(at - h)) / (2 * h)
    return np.array([(function(x + h * e) - function(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("piecewise", (0.5, 2.0, -1.0, 0.7, 3.0)),
        ("root", (2.0, 9.5, 2.5, 0.3)),
        ("gathered", ([1.0, 2, 3], [-1.0, 2, 0.3], [-1.0, 0.2, 0.7], [1.0, -1, 0.0])),
        ("of_one_number", (1.5, 2.5, 0.5)),
        ("counted", (1.5, 40.0, 3.0, 200.0)),
    ],
)
def test_each_call_takes_its_way(unseen: dict[str, Any], name: str, points: Any) -> None:
    function = unseen[name]
    derived = sd.value_and_grad(function)
    for point in (*points, *points):
        at = np.array(point) if isinstance(point, list) else point
        value, gradient = derived(at)
        np.testing.assert_allclose(value, function(at), rtol=1e-12)
        np.testing.assert_allclose(gradient, slope(function, at), rtol=1e-6, atol=1e-7)


def count_of(x: Any) -> Any:
    letter = "abcd"[int(x) >> 1]
    return x * x if letter >= "c" else 3 * x


def weight_of_a_list(x: Any) -> Any:
    return [1.0, 2.0, 5.0, 7.0, 9.0][round(x)] * x


def weight_of_a_dict(x: Any) -> Any:
    return {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0, 4: 5.0}[math.floor(x)] * x


def sum_of_so_many(x: Any) -> Any:
    return np.sum(np.arange(int(x) + 1) * np.sin(x)) + np.sum(np.zeros(int(x)) + x)


def series(x: Any) -> Any:
    return sum((-x) ** k / math.factorial(k) for k in range(int(x) + 2)) * math.comb(7, int(x))


def bits(x: Any) -> Any:
    return round(x * 1.2345, int(x)) * x + (1 << int(x)) * x


COUNTED = [count_of, weight_of_a_list, weight_of_a_dict, sum_of_so_many, series, bits]


@pytest.mark.filterwarnings("ignore:.*is traced along the way")
@pytest.mark.parametrize("function", COUNTED)
def test_a_whole_number_of_a_value_is_that_of_each_call(function: Callable[[Any], Any]) -> None:
    derived = sd.value_and_grad(function)
    for x in (1.3, 2.8, 1.2, 3.7, 0.2):
        value, gradient = derived(x)
        assert value == pytest.approx(function(x), rel=1e-12)
        assert gradient == pytest.approx(slope(function, x), rel=1e-6, abs=1e-7)


@pytest.mark.filterwarnings("ignore:.*is traced along the way")
def test_a_module_of_one_whole_number_refuses_others() -> None:
    gradient = sd.grad(weight_of_a_dict)
    assert gradient(1.5) == 2.0
    module = gradient.load()
    assert module.grad(1.9) == 2.0
    with pytest.raises(RuntimeError, match="a decision falls otherwise"):
        module.grad(2.1)


def test_a_last_bit_that_decides_otherwise_in_the_module_is_no_matter(
    unseen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = ways._result

    def otherwise(entry: Any, values: Any) -> Any:
        has_guards = any(node.op == "check" for node in entry.traced.graph.nodes)
        return (False, None) if has_guards else taken(entry, values)

    monkeypatch.setattr(ways, "_result", otherwise)
    gradient = sd.grad(unseen["piecewise"])
    assert [gradient(x) for x in (2.0, 0.5, -1.0, 3.0)] == [4.0, 3.0, -1.0, 6.0]


def test_decisions_are_those_of_the_functions_of_python(unseen: dict[str, Any]) -> None:
    unseen["exp"] = math.exp
    for x in np.linspace(0.1, 9.0, 400).tolist():  # NumPy's exponentials differ in the last bit
        unseen["limit"] = math.exp(x)
        exec("def limited(x):\n    return 3*x if exp(x) >= limit else x*x", unseen)
        assert sd.grad(unseen["limited"])(x) == 3.0
        if np.exp(x) < unseen["limit"]:
            break


def test_other_derivatives_take_it_too(unseen: dict[str, Any]) -> None:
    hessian = sd.hessian(unseen["piecewise"])
    assert [float(hessian(x)) for x in (2.0, 0.5, 3.0)] == [2.0, 0.0, 2.0]
    product = sd.jvp(unseen["gathered"])
    at = np.array([-1.0, 2.0, 0.3])
    _, tangent = product(at, np.array([1.0, 2.0, 1.0]))
    right = slope(unseen["gathered"], at) @ [1.0, 2.0, 1.0]
    assert tangent == pytest.approx(right, rel=1e-6)


def test_what_the_function_reads_is_looked_at_on_each_way(unseen: dict[str, Any]) -> None:
    gradient = sd.grad(unseen["counted"])
    assert gradient(60.0) == 2.0
    unseen["scale"] = 3.0
    assert gradient(60.0) == 3.0
    assert gradient(200.0) == 0.0


def test_warns_once_with_the_line() -> None:
    space: dict[str, Any] = {}
    exec(compile("def f(x):\n    return x if x > 0 else -x\n", "<typed here>", "exec"), space)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sd.grad(space["f"])(1.0)
        sd.grad(space["f"])(-1.0)
    assert "f is traced along the way" in str(caught[0].message)
    assert [(one.filename, one.lineno) for one in caught] == [("<typed here>", 2)]


def test_emitted_module_raises_with_the_line_where_a_call_decides_otherwise(
    unseen: dict[str, Any],
) -> None:
    gradient = sd.grad(unseen["piecewise"])
    gradient(2.0)
    gradient(0.5)
    module = gradient.load()
    assert module.grad(0.25) == 3.0
    with pytest.raises(RuntimeError, match="line 3: a decision falls otherwise"):
        module.grad(2.0)
    with pytest.raises(RuntimeError, match="line 5: a decision falls otherwise"):
        module.grad(-2.0)


def test_shapes_alone_give_no_way(unseen: dict[str, Any]) -> None:
    with pytest.raises(sd.UnsupportedError, match="a decision depends on a value"):
        sd.function(unseen["piecewise"], shapes={"x": ()})


def test_number_of_ways_is_bounded(unseen: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "MOST_WAYS", 2)
    gradient = sd.grad(unseen["counted"])
    gradient(60.0)
    gradient(30.0)
    with pytest.warns(UserWarning, match="counted takes more than 2 ways, and calls .* are slow"):
        assert gradient(10.0) == 16.0 * 4
    assert gradient(30.0) == 2.0 * 4
    assert gradient(60.0) == 2.0
    (entry,) = gradient._entries.values()
    assert len(entry.compiled.entries) == 2


def grown(x: Any) -> Any:
    found = [x]
    if x > 0:
        found.append(x * x)
    label = "a" if x > 2 else "b"
    return sum(found) * {"a": 2.0, "b": x}[label]


def terms(x: Any) -> Iterator[Any]:
    term, k = 1.0, 0
    while True:
        yield term
        k += 1
        term = term * x / k


def summed(x: Any) -> Any:
    total = 0.0
    for term in terms(x):
        total += term
        if abs(term) < 1e-14:
            break
    return total


def test_an_endless_generator_that_values_leave_takes_one_way() -> None:
    with pytest.warns(UserWarning, match="an iterator, of which no end is known"):
        value, slope = sd.value_and_grad(summed)(0.3)
    assert value == pytest.approx(math.exp(0.3), rel=1e-13)
    assert slope == pytest.approx(math.exp(0.3), rel=1e-13)


def printed(x: Any) -> Any:
    if x > 0:
        print("positive")
    return x


@pytest.mark.filterwarnings("ignore:grown is traced")
def test_what_cannot_be_selected_between_takes_one_way() -> None:
    gradient = sd.grad(grown)
    for x in (-1.5, 0.5, 3.0, 0.7):
        assert gradient(x) == pytest.approx(slope(grown, x), rel=1e-6)


def test_what_would_be_done_while_tracing_alone_is_refused() -> None:
    with pytest.raises(sd.UnsupportedError, match="'print'"):
        sd.grad(printed)(1.0)


def overflowing(x: Any) -> Any:
    try:
        y = math.exp(x[0])
    except OverflowError:
        y = 1e10 * x[1]
    return y * x[1]


def of_anything(x: Any) -> Any:
    try:
        return float(1.0 / x[0]) * x[1]
    except:  # noqa: E722  what is tried
        return x[1] ** 2


def in_a_loop(x: Any) -> Any:
    total = 0.0
    for v in x:
        with contextlib.suppress(ValueError):
            total = total + math.log(v * v) * v
    return total


@pytest.mark.parametrize("function", [overflowing, of_anything, in_a_loop])
@pytest.mark.filterwarnings("ignore:.* is traced along")
def test_what_raises_nothing_in_a_call_stands_where_errors_are_caught(
    function: Callable[[Any], Any],
) -> None:
    derived = sd.value_and_grad(function)
    for x in (np.array([0.5, 2.0]), np.array([-1.5, 0.3]), np.array([3.0, -1.0])):
        value, gradient = derived(x)
        np.testing.assert_allclose(value, function(x), rtol=1e-13)
        np.testing.assert_allclose(gradient, slope(function, x), rtol=1e-6, atol=1e-7)


@pytest.mark.filterwarnings("ignore:.* is traced along")
def test_what_raises_in_a_call_is_refused() -> None:
    derived = sd.value_and_grad(overflowing)
    derived(np.array([0.5, 2.0]))
    with pytest.raises(sd.UnsupportedError, match="OverflowError is caught"):
        derived(np.array([1000.0, 2.0]))


def test_a_logger_is_silent_in_a_way(caplog: pytest.LogCaptureFixture) -> None:
    def logged(x: float) -> float:
        if x > 1:
            logging.getLogger("ways").warning("large: %s", x)
            return x**3
        return x**2

    assert sd.grad(logged)(2.0) == 12.0
    assert not caplog.records

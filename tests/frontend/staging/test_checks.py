"""Checks of arguments: what the function raises for some values, the emitted module raises too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.staging.asserting import asserted
from tests.frontend.tracing.checks import without_ways

VERBS = ("value", "grad", "value_and_grad", "jacobian", "hessian", "jvp", "vjp", "hvp")


def root(x: Any) -> Any:
    """With a check before the work."""
    if x < 0:
        raise ValueError(f"x must not be negative, and is {x:.3f}")
    return math.sqrt(x) * x


def nested(x: Any) -> Any:
    """With a check in one way of a branch, and in a helper."""
    if x > 1:
        return logarithm(x - 2) * x
    return x**2


def logarithm(v: Any) -> Any:
    """A helper that checks what it is given."""
    if v <= 0:
        raise ArithmeticError
    return np.log(v)


def last_way(x: Any) -> Any:
    """Which raises where no way before was taken."""
    if x < 1:
        return x**2
    if x < 3:
        return 2 * x
    raise NotImplementedError("only below 3")


def in_a_loop(x: Any) -> Any:
    """With a check in each step."""
    total = 0.0
    for k in range(3):
        total += x * k
        if total > 6:
            raise OverflowError(f"in step {k}: {total}")
    return total**2


def said_by_str(x: Any) -> Any:
    """With a text that is joined from the value's own."""
    if x > 3:
        said = "too large: " + str(x) + "!"
        raise ValueError(said)
    return x**2


FUNCTIONS = (
    (said_by_str, 1.5, 4.25),
    (root, 2.25, -1.5),
    (asserted, 2.0, 4.5),
    (nested, 3.5, 1.5),
    (nested, 0.5, 2.0),
    (last_way, 0.5, 3.5),
    (last_way, 2.5, 3.5),
    (in_a_loop, 1.2, 2.5),
)


def raised_by(call: Callable[[], Any]) -> tuple[type[BaseException], str]:
    with pytest.raises(
        (ArithmeticError, AssertionError, NotImplementedError, ValueError)
    ) as caught:
        call()
    return caught.type, str(caught.value)


@pytest.mark.parametrize(("function", "good", "bad"), FUNCTIONS)
def test_call_raises_what_the_function_raises(
    function: Callable[..., Any], good: float, bad: float
) -> None:
    derived = sd.grad(function)
    h = 1e-6
    slope = (function(good + h) - function(good - h)) / (2 * h)
    assert derived(good) == pytest.approx(slope, rel=1e-7)
    assert raised_by(lambda: derived(bad)) == raised_by(lambda: function(bad))


@pytest.mark.spread(2)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("function", "good", "bad"), FUNCTIONS)
def test_module_of_each_verb_raises(
    function: Callable[..., Any], good: float, bad: float, verb: str
) -> None:
    f = sd.function(function, shapes={"x": ()})
    derived = f if verb == "value" else getattr(f, verb)()
    module = derived.load()
    extra = [1.0] * (verb in ("jvp", "vjp", "hvp"))
    getattr(module, verb)(good, *extra)
    wanted = raised_by(lambda: function(bad))
    assert raised_by(lambda: getattr(module, verb)(bad, *extra)) == wanted


def test_batch_raises_where_one_point_does() -> None:
    module = sd.function(root, shapes={"x": ()}).grad().load()
    np.testing.assert_allclose(module.grad(np.array([1.0, 4.0])), [1.5, 3.0])
    with pytest.raises(ValueError, match="must not be negative"):
        module.grad(np.array([1.0, -4.0]))


def test_arrays_are_checked_as_a_whole() -> None:
    def loss(x: Any, w: Any) -> Any:
        if np.any(x < 0):
            raise ValueError("negative data")
        if x.shape[0] != w.shape[0]:
            raise ValueError("two lengths")
        return np.sum(w * np.sqrt(x))

    module = sd.function(loss, shapes={"x": ("N",), "w": ("N",)}).grad(wrt="w").load()
    x = np.array([1.0, 4.0])
    np.testing.assert_allclose(module.grad(x, x), [1.0, 2.0])
    with pytest.raises(ValueError, match="negative data"):
        module.grad(-x, x)
    with pytest.raises(ValueError, match="two lengths"):
        sd.grad(loss, wrt="w")(x, np.ones(3))


def test_check_stands_before_the_work() -> None:
    text = sd.function(root, shapes={"x": ()}).grad().emit()
    body = text[text.index("def _value_and_grad") :]
    assert body.index("raise ValueError(f") < body.index("sqrt(x)")


def test_error_along_the_way_of_a_call_says_its_numbers() -> None:
    def of_two_things(x: Any) -> Any:
        if x < 0:
            raise ValueError("negative", x)
        return x**2

    def of_what_it_shows(x: Any) -> Any:
        if x < 0:
            raise ValueError("negative: " + repr(x))
        return x**2

    with pytest.raises(ValueError, match=r"negative: -2\.0"):
        sd.grad(of_what_it_shows)(-2.0)
    with pytest.raises(ValueError, match="negative") as caught:
        sd.grad(of_two_things)(-2.0)
    assert caught.value.args == ("negative", -2.0)


@pytest.mark.parametrize("kind", [NameError, RecursionError, MemoryError, ReferenceError])
def test_errors_of_python_are_raised_as_they_are(kind: type[Exception]) -> None:
    def checked(x: Any) -> Any:
        if x < 0:
            raise kind("negative")
        return x * x

    module = sd.function(checked, shapes={"x": ()}).grad().load()
    assert module.grad(1.5) == 3.0
    with pytest.raises(kind, match="negative"):
        module.grad(-1.5)


def test_a_check_beside_a_row_at_a_computed_place() -> None:
    def written(x: Any) -> Any:
        found = np.zeros(2)
        found[0] = x[0, 0]
        row = x[np.argmin(x[:, 0])]
        if row[0] > 5:
            raise ValueError("large")
        found[1] = row[1] ** 2
        return found

    x, right = np.array([[0.7, 0.9], [0.3, 0.8], [0.4, 0.2]]), np.zeros((2, 3, 2))
    right[0, 0, 0], right[1, 1, 1] = 1.0, 1.6
    np.testing.assert_allclose(sd.jacobian(written)(x), right)
    with pytest.raises(ValueError, match="large"):
        sd.jacobian(written)(x + 5.0)


REFUSED = []


def refused(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        REFUSED.append((function, words))
        return function

    return enter


@refused("where ValueError is caught")
def caught(x: Any) -> Any:
    try:
        if x < 0:
            raise ValueError("negative")
        y = x
    except ValueError:
        y = -x
    return y


@refused("raises StopIteration, a class that the emitted module does not know")
def of_another_class(x: Any) -> Any:
    if x < 0:
        raise StopIteration("negative")
    return x


@refused("with what is no text")
def of_two_things(x: Any) -> Any:
    if x < 0:
        raise ValueError("negative", 1)
    return x


@refused("both ways")
def in_both_ways(x: Any) -> Any:
    if x < 0:
        raise ValueError("negative")
    else:  # noqa: RET506  what is tried
        raise ValueError("positive")


@refused("of an expression")
def in_an_expression(x: Any) -> Any:
    return x if x > 0 else stop()


def stop() -> Any:
    """Raise."""
    raise ValueError("stop")


@pytest.mark.parametrize(("function", "words"), REFUSED)
def test_is_refused(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(sd.UnsupportedError) as found, without_ways():
        sd.grad(function)(1.5)
    assert words in str(found.value)
    assert "test_checks.py, line" in str(found.value)


# --- in loops that do nothing else ---------------------------------------------------------------


def each_element(x: Any) -> Any:
    for i in range(len(x)):
        if x[i] < 0:
            raise ValueError(f"element {i} is negative")
    return np.sum(x**3)


def each_pair(x: Any) -> Any:
    for v in x:
        for w in x:
            if v * w < 0:
                raise ValueError("signs differ")
    return np.sum(x**3)


def beside_a_sum_that_nothing_reads(x: Any) -> Any:
    s = 0.0
    for v in x:
        if v < 0:
            raise ValueError("negative")
        s = s + v
    return np.sum(x**3)


def beside_a_value_that_drops_out_of_derivatives(x: Any) -> Any:
    s = 0.0
    for v in x:
        if v < 0:
            raise ValueError("negative")
        s = s + v * v
    return s


def in_one_way(x: Any) -> Any:
    if x[0] > 1:
        for v in x:
            if v < 0:
                raise ValueError(f"{v:.2f} is negative")
    return np.sum(x**3)


def in_a_way_of_each_step(x: Any) -> Any:
    for v in x:
        if v > 1:
            for w in x:
                if w < 0:
                    raise ValueError(f"{w:.2f} is negative")
    return np.sum(x**3)


IN_LOOPS = (
    each_element,
    each_pair,
    beside_a_sum_that_nothing_reads,
    beside_a_value_that_drops_out_of_derivatives,
    in_one_way,
    in_a_way_of_each_step,
)
POINTS = ([1.5, 0.5, 2.0, 3.0, 1.0], [1.5, 0.5, -2.0, 3.0, 1.0], [0.5, -0.5, 0.25, 0.5, 0.75])


@pytest.mark.parametrize("program", IN_LOOPS)
@pytest.mark.parametrize("length", ["N", 5])
def test_a_loop_that_only_checks_stays(program: Callable[..., Any], length: int | str) -> None:
    function = sd.function(program, shapes={"x": (length,)})
    for point in map(np.array, POINTS):
        said = raised(program, point)
        for verb, more in (("value_and_grad", 0), ("hessian", 0), ("jvp", 1), ("hvp", 1)):
            made = getattr(function, verb)()
            args = [point] * (1 + more)
            assert raised(made, *args) == said
            assert raised(getattr(made.load(target="python"), verb), *args) == said
        if not said:
            steps = 1e-5 * np.eye(len(point))
            wanted = [(program(point + h) - program(point - h)) / 2e-5 for h in steps]
            gradient = function.grad()(point)
            np.testing.assert_allclose(gradient, wanted, rtol=1e-7)


def raised(function: Callable[..., Any], *args: Any) -> str:
    """What a call raises, with its class; empty for nothing."""
    try:
        function(*args)
    except (ValueError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def test_a_loop_that_only_checks_is_written_as_the_user_wrote_it() -> None:
    text = sd.function(in_one_way, shapes={"x": ("N",)}).emit()
    body = text[text.index("def _value(x)") :].partition("\n\n")[0]
    lines = [line.partition("  # line")[0] for line in body.splitlines()]
    assert lines == [
        "def _value(x):",
        "    N = x.shape[0]",
        "    if x[0] > 1.0:",
        "        for i in range(N):",
        "            v = x[i]",
        "            if v < 0.0:",
        '                raise ValueError(f"{v:.2f} is negative")',
        "    return (x * x * x).sum()",
    ]


# --- numbers in messages -------------------------------------------------------------------------


def whole_numbers(x: Any) -> Any:
    if x < 0:
        raise ValueError(f"{int(x)} {int(x)!r} {int(x):d} {int(x):03d} {int(x):>5} {int(x / 10)}")
    return x * x


def floats(x: Any) -> Any:
    if x < 0:
        raise ValueError(f"{x!r}, {x!r:>10}, {x:.2f}, {x + 1!r}, {math.sin(x)!a}")
    return x * x


def of_an_element(x: Any) -> Any:
    for i in range(len(x)):
        if x[i] < 0:
            raise ValueError(f"element {i} of {len(x)} is {x[i]!r}, {float(x[i])!r}")
    return np.sum(x**2)


def beside_an_array(x: Any, c: float) -> Any:
    if c < 0:
        raise RuntimeError("c is %s, %r of %s" % (c, c + 1, int(c)))  # noqa: UP031  what is tried
    return np.sum(x) * c


SAID = (
    (whole_numbers, {"x": ()}, (-1.7,)),
    (floats, {"x": ()}, (-1.7,)),
    (of_an_element, {"x": ("N",)}, (np.array([1.0, -2.5, 3.0]),)),
    (beside_an_array, {"x": ("N",), "c": ()}, (np.ones(2), -2.5)),
)


@pytest.mark.parametrize(("program", "shapes", "args"), SAID)
def test_numbers_are_said_as_the_function_says_them(
    program: Callable[..., Any], shapes: Any, args: tuple[Any, ...]
) -> None:
    made = sd.function(program, shapes=shapes).value_and_grad()
    for function in (made, made.load().value, sd.grad(program)):
        with pytest.raises((ValueError, RuntimeError)) as found:
            function(*args)
        with pytest.raises(type(found.value)) as own:
            program(*args)
        assert str(found.value) == str(own.value)


class NoRootError(Exception):
    """With more than a message."""

    def __init__(self, message: str, at: Any) -> None:
        super().__init__(message)
        self.at = at


class SteepError(ValueError):
    """A class of its own below one of Python's."""


class FarError(ArithmeticError):
    """Without a message."""

    def __init__(self, at: Any, most: float) -> None:
        super().__init__(at, most)


def of_own_classes(x: Any) -> Any:
    if x < 0:
        raise NoRootError(f"no root of {x}", at=x)
    root = x
    for _ in range(40):
        if abs(root) > 1e3:
            raise SteepError("too large")
        step = (root * root - x) / (2 * root)
        root = root - step
        if abs(step) < 1e-12:
            break
    if root > 5:
        raise FarError(root, 5.0)
    return root


@pytest.mark.filterwarnings("error")
def test_errors_of_own_classes_are_those_of_the_call() -> None:
    derived = sd.value_and_grad(of_own_classes)
    for x in (2.0, 9.0):
        value, slope = derived(x)
        assert value == pytest.approx(math.sqrt(x), rel=1e-12)
        assert slope == pytest.approx(0.5 / math.sqrt(x), rel=1e-9)
    with pytest.raises(NoRootError, match=r"^no root of -4.0$") as raised:
        derived(-4.0)
    assert raised.value.at == -4.0
    with pytest.raises(SteepError, match=r"^too large$"):
        derived(2e3)
    with pytest.raises(FarError) as far:
        sd.jvp(of_own_classes)(36.0, 1.0)
    assert far.value.args == (6.0, 5.0)


def test_errors_of_own_classes_are_their_bases_in_the_module() -> None:
    derived = sd.grad(of_own_classes)
    derived(2.0)
    module = derived.load()
    assert module.grad(9.0) == pytest.approx(1 / 6, rel=1e-9)
    with pytest.raises(Exception, match=r"^NoRootError: no root of -4.0$") as raised:
        module.grad(-4.0)
    assert type(raised.value) is Exception
    with pytest.raises(ValueError, match=r"^SteepError: too large$"):
        module.grad(2e3)
    with pytest.raises(ArithmeticError, match=r"^FarError$"):
        module.grad(36.0)


class LowError(RuntimeError):
    """That words its own message."""

    def __init__(self, at: Any, why: str = "low") -> None:
        self.at = at
        super().__init__(f"too {why}: {at}" if why == "low" else f"too {why}: {at:.3f}")


def of_own_words(x: Any) -> Any:
    if x < 0:
        raise LowError(x)
    if x > 10:
        raise LowError(x, "high")
    return np.sqrt(x)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("x", "message"), [(-2.0, "too low: -2.0"), (11.0, "too high: 11.000")])
def test_an_error_of_an_own_class_words_its_message(x: float, message: str) -> None:
    derived = sd.grad(of_own_words)
    assert derived(4.0) == pytest.approx(0.25)
    with pytest.raises(LowError, match=f"^{message}$") as raised:
        derived(x)
    assert raised.value.at == x
    with pytest.raises(RuntimeError, match=f"^LowError: {message}$"):
        derived.load().grad(x)

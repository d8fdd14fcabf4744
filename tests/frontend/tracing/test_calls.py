"""NumPy under every name, and Python around it: functions, loops, unpacking, methods."""

from __future__ import annotations

import functools
import itertools
import math
import math as m
import numbers
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sin as sine
from operator import mul
from types import SimpleNamespace
from typing import Any

import numpy
import numpy as np
import numpy as xp
import numpy.linalg
import numpy.linalg as la
import pytest
from numpy import array, linspace, sin, zeros, zeros_like

import symdiff as sd
from tests.frontend.tracing.checks import A, X, Y, agree, refusal, value_of

rows: list[Callable[..., Any]] = []


def row(function: Callable[..., Any]) -> Callable[..., Any]:
    rows.append(function)
    return function


# --- names of NumPy and of math ------------------------------------------------------------------


@row
def whole_name(x: Any) -> Any:
    out = numpy.zeros(3)
    out[1] = numpy.sum(x * x)
    return out


@row
def another_name(x: Any) -> Any:
    out = xp.empty(2)
    out[0] = xp.sin(x[0])
    out[1] = xp.exp(x).sum()
    return out


@row
def taken_by_name(x: Any) -> Any:
    out = zeros(3)
    out[:] = sin(x)
    return out + array([x[0], 1.0, x[2]]) + linspace(0.0, 1.0, 3)


@row
def taken_like(x: Any) -> Any:
    out = zeros_like(x)
    out[0] = x[1]
    return out


@row
def linalg_names(x: Any) -> Any:
    matrix = np.outer(x, x) + 5.0 * np.eye(3)
    return numpy.linalg.solve(matrix, x) + la.norm(x) + np.linalg.det(matrix)


@row
def imported_inside(x: Any) -> Any:
    import math as mathematics

    import numpy as inner
    from numpy import ones

    out = ones(3)
    out[2] = mathematics.exp(x[0])
    return inner.cos(x) * out


@row
def math_of_numbers(x: Any) -> Any:
    return math.sin(x[0]) * m.exp(x[1]) + sine(x[2]) + math.log(x[2], 2) + math.hypot(x[0], x[1])


@row
def math_of_known_numbers(x: Any) -> Any:
    return x * math.sqrt(2.0) + math.factorial(4) + math.pi


@row
def dotted_lookups(x: Any) -> Any:
    function = getattr(np, "tan" + "h")
    return function(x)


TABLE = {"sin": np.sin}


@row
def functions_in_a_table(x: Any) -> Any:
    return TABLE["sin"](x)


def enclosing() -> Callable[..., Any]:
    from numpy import ones as make

    def inside(x: Any) -> Any:
        out = make(3)
        out[0] = x[0]
        return out

    return inside


rows.append(enclosing())


@row
def lists_of_numbers(x: Any) -> Any:
    return np.sum([x[0], 2.0, x[1]]) + np.mean([v**2 for v in x]) + np.dot([x[0], x[2]], [1, 2])


# --- operators -----------------------------------------------------------------------------------


@row
def reflected(x: Any) -> Any:
    return 1 - x + 2.0 / (x + 5) + 2.0**x + (3 // (x + 10)) + 7 % (x + 10)


@row
def reflected_arrays(x: Any) -> Any:
    return Y - x + Y / (x + 5) + np.float64(2.0) * x + np.float64(1.5) / (x + 5) + np.int64(2) ** x


@row
def reflected_lists(x: Any) -> Any:
    return [1.0, 2.0, 3.0] * x + [1, 2, 3] - x / [1.0, 2.0, 4.0] + (1, 2, 3)


@row
def matrices(x: Any) -> Any:
    return A @ x + x @ A + [[1.0, 0.0, 2.0]] @ x + x @ [1.0, 2.0, 3.0]


@row
def unary(x: Any) -> Any:
    return -x + +x + abs(x) + x.__abs__()


@row
def comparisons(x: Any) -> Any:
    return (x > 0) * x + (x <= Y) * 2.0 + np.where((x > 0) & ~(x > 2), x, 0.0) + (x > 0)


@row
def division_in_parts(x: Any) -> Any:
    quotient, rest = divmod(x, 0.7)
    return quotient + rest


@row
def in_place_of_names(x: Any) -> Any:
    total = 0.0
    total += x[0]
    total *= x[1]
    total -= x[2]
    total /= 3
    total **= 2
    return total


# --- shapes and methods --------------------------------------------------------------------------


@row
def sizes(x: Any) -> Any:
    return x * len(x) + x.shape[0] + x.size + x.ndim + np.size(x) + np.ndim(x) + np.shape(x)[0]


@row
def methods(x: Any) -> Any:
    outer = x[:, None] * x
    return (
        outer.sum(axis=0) + outer.T[0] + outer.reshape(9)[:3] + outer.mean(1) + outer.max()
        + outer.flatten()[3:6] + outer.dot(x) + outer.trace() + outer.ravel()[2:5]
        + outer.swapaxes(0, 1)[1] + outer.transpose(1, 0)[2] + outer.diagonal() + x.cumsum()
        + x.clip(-1, 1) + x.copy() + x.astype(float) + x.prod() + x.min() + x.std() + x.var()
        + outer.reshape((3, 3))[0] + outer.reshape(-1, 3)[1] + x.argmax() + x.repeat(2)[:3]
        + x.squeeze() + x.take([2, 1, 0]) + x.round() + x.real + x.imag + np.ptp(x)
    )  # fmt: skip


@row
def keyword_arguments(x: Any) -> Any:
    outer = np.outer(x, x)
    return np.sum(a=outer, axis=-1, keepdims=True)[:, 0] + outer.sum(axis=(0, 1), initial=2.0)


@row
def single_truths(x: Any) -> Any:
    rows = np.outer(x, x)
    copied = rows[True]
    copied[0, 0] = 5.0 * x
    changed = rows * 1.0
    changed[np.True_] = rows**2
    changed[False] = 7.0
    changed[True, 0] = x
    return copied[:, :, True][0, :, 0] + changed[..., True][:, :, 0] + rows[:, True].sum()


# --- Python around it ----------------------------------------------------------------------------


@row
def unpacking(x: Any) -> Any:
    a, b, c = x
    first, *rest = x
    return a * b + c * first + rest[0] * rest[1]


@row
def unpacking_what_is_known(x: Any) -> Any:
    a, b = np.array([2.0, 3.0])
    white = np.array([Y[k] for k in range(2)])
    (c, d), e = np.eye(2), np.empty(1)
    e[:] = 5.0
    f, *g = e
    for p, q in (white, white[::-1]):
        x = x * p + q
    return a * x + b * c[0] + d[1] * f + len(g)


@row
def unpacking_rows(x: Any) -> Any:
    (a, b), (c, d) = np.array([[x[0], x[1]], [x[2], 1.0]])
    return a * d - b * c


@row
def loops(x: Any) -> Any:
    total = 0
    for value in x:
        total = total * 0.5 + value**2
    for number, value in enumerate(x):
        total += number * value
    for a, b in zip(x, Y, strict=True):
        total += a * b
    for number in range(len(x)):
        total += x[number] * x[-number]
    for a, b in itertools.product(x, x[1:]):
        total += a * b
    for a, b in itertools.pairwise(reversed(x)):
        total += a - b * b
    return total


@row
def comprehensions(x: Any) -> Any:
    squares = [value * value for value in x]
    table = {number: value + 0 for number, value in enumerate(squares)}
    return sum(squares) + sum(v**3 for v in x) + table[1] + np.array([v * 2 for v in x])


@row
def generator(x: Any) -> Any:
    def powers(value: Any) -> Iterator[Any]:
        current = value
        for _ in range(3):
            yield current
            current = current * value

    return sum(powers(x))


@row
def functional(x: Any) -> Any:
    return functools.reduce(lambda a, b: a * b + 1, x) + sum(map(mul, x, Y)) + np.prod(list(x))


def helper(x: Any, scale: float = 2.0, *, shift: float = 1.0) -> Any:
    out = np.zeros(3)
    out[:] = x * scale
    return out + shift


@row
def helpers(x: Any) -> Any:
    return helper(x) + helper(x, 3.0) + helper(x, shift=x[0]) + helper(*[x, x[1]], **{"shift": 0.5})


@row
def defaults(x: Any, power: int = 3, *, scale: float = 2.0) -> Any:
    return scale * x**power


@row
def surplus(*args: Any, **kwargs: Any) -> Any:
    return args[0] ** 2 + len(args) + len(kwargs)


square_later = lambda x: np.sin(x) ** 2  # noqa: E731  a lambda is what is tried
rows.append(square_later)


def of_two(a: Any, b: Any, c: Any = 1.0) -> Any:
    return a * b * c


rows.append(functools.partial(of_two, 2.0))
rows.append(functools.partial(of_two, b=Y, c=3.0))


class Model:
    """A model with weights."""

    scale = 3.0

    def __init__(self, weights: Any) -> None:
        self.weights = weights

    def predict(self, x: Any) -> Any:
        out = np.zeros(3)
        out[0] = x @ self.weights
        return out * self.scale + self._shift(x)

    def _shift(self, x: Any) -> Any:
        return x[0]

    @property
    def doubled(self) -> Any:
        return self.weights * 2

    @staticmethod
    def plain(x: Any) -> Any:
        return np.tanh(x)

    @classmethod
    def of_class(cls, x: Any) -> Any:
        return x * cls.scale

    def __call__(self, x: Any) -> Any:
        return self.predict(x) + self.doubled


model = Model(Y)
rows += [model.predict, model, Model.plain, Model.of_class, Model(np.ones(3)).predict]


@row
def method_of_a_global(x: Any) -> Any:
    return model.predict(x) + model(x) + Model.plain(x)


def closure(weights: Any) -> Callable[..., Any]:
    def inner(x: Any) -> Any:
        def innermost(y: Any) -> Any:
            out = np.ones(3)
            out[1] = y[1] * weights[0]
            return out

        return innermost(x) * weights

    return inner


rows.append(closure(Y))


@row
def recursion(x: Any) -> Any:
    def power(value: Any, n: int) -> Any:
        return value if n == 0 else value * power(value, n - 1)

    return power(x, 5)


def recursive(x: Any, n: int = 4) -> Any:
    return x if n == 0 else np.sin(recursive(x, n - 1)) + x


rows.append(recursive)


@row
def mutual(x: Any) -> Any:
    return even(x, 4)


def even(x: Any, n: int) -> Any:
    return x if n == 0 else odd(x * 2, n - 1)


def odd(x: Any, n: int) -> Any:
    return even(x + 1, n - 1)


@row
def decisions_on_shapes(x: Any) -> Any:
    if x.ndim == 1 and x.shape == (3,) and len(x) > 2:
        return x * 2
    return x * 3


@row
def decisions_on_known(x: Any) -> Any:
    table = np.arange(3)
    return x[int(table[1])] * float(table[2]) if table[2] > 1 and bool(table.any()) else x[0]


@row
def tried(x: Any) -> Any:
    try:
        return x * {}["missing"]
    except KeyError:
        return x * 5


@row
def matching(x: Any) -> Any:
    match x.shape:
        case (3,):
            return x * 7
        case _:
            return x


@row
def walrus(x: Any) -> Any:
    return (y := x * 2) * y + np.sum(z := y[:2]) * z[0]


@dataclass
class State:
    """What a loop changes."""

    position: Any
    speed: Any


@row
def objects_made_inside(x: Any) -> Any:
    state = State(x, np.zeros(3))
    for _ in range(3):
        state.speed = state.speed - 0.1 * state.position
        state.speed *= 0.5
        state = State(state.position + 0.1 * state.speed, state.speed)
    space = SimpleNamespace(value=state.position)
    return space.value


@functools.wraps(helper)
def wrapped(*args: Any, **kwargs: Any) -> Any:
    return 2 * helper(*args, **kwargs)


rows.append(wrapped)


@functools.lru_cache(maxsize=None)  # noqa: UP033
def cached_table(n: int) -> Any:
    return np.arange(n) * 2.0


@row
def several_results(x: Any) -> Any:
    def both(y: Any) -> tuple[Any, Any]:
        return y**2, np.sum(y)

    square, total = both(x)
    return square * total


@row
def nested_lists(x: Any) -> Any:
    matrix = np.array([[x[0], 1.0], [2, x[1] * x[2]]])
    stacked = np.stack([x, x * 2]) + np.vstack([x, Y])[1]
    joined = np.concatenate([x, [x[0], 3.0, 4]])
    return np.linalg.det(matrix) + stacked.sum() + joined[2:5].sum()


@row
def conditional_numbers(x: Any) -> Any:
    return np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), x**2)


@pytest.mark.parametrize("function", rows, ids=lambda f: getattr(f, "__name__", repr(f))[:30])
def test_agrees_with_numpy(function: Callable[..., Any]) -> None:
    agree(function, X)


def test_a_function_of_numbers() -> None:
    def area(a: float, b: float = 2.0, *, c: float = 0.5) -> float:
        return math.sqrt(a * a + b * b) * math.atan2(a, b) + math.pow(c, a) + abs(a)

    agree(area, 1.25, 0.5)
    assert sd.grad(area, wrt="c")(1.25, c=0.75) == pytest.approx(1.25 * 0.75**0.25)


def test_code_without_a_source() -> None:
    space: dict[str, Any] = {}
    exec("import numpy as q\nf = lambda x: q.sum(q.zeros(3) + x**2)", space)
    np.testing.assert_allclose(sd.grad(space["f"])(X), 2 * X)


def test_a_ufunc_as_the_function() -> None:
    assert sd.grad(np.sin)(1.0) == pytest.approx(math.cos(1.0), rel=1e-15)
    assert sd.grad(np.sum)(X).tolist() == [1.0, 1.0, 1.0]
    assert sd.grad(math.sin)(1.0) == pytest.approx(math.cos(1.0), rel=1e-15)
    assert sd.grad(math.hypot, wrt=(0, 2))(1.0, 2.0, 2.0) == pytest.approx((1 / 3, 2 / 3))
    assert sd.grad(np.linalg.norm)(np.array([3.0, 4.0])) == pytest.approx(np.array([0.6, 0.8]))


def test_what_isinstance_says() -> None:
    def function(x: Any) -> Any:
        number = x[0]
        if not isinstance(x, np.ndarray) or isinstance(x, (list, tuple, float)):
            return x
        if not isinstance(number, float) or not isinstance(number, numbers.Real):
            return x * 2
        if isinstance(number, np.ndarray) or not np.isscalar(number) or np.isscalar(x):
            return x * 3
        match number:
            case float():
                return x * 4
            case _:
                return x * 5

    agree(function, X)
    assert value_of(lambda x: x * 2 if isinstance(x, float) else x * 3, 1.5) == 3.0


@functools.cache
def kept_table(n: int) -> Any:
    return np.arange(n) * 2.0


class Keeping:
    """Keeps what it has computed."""

    @functools.cache  # noqa: B019
    def table(self) -> Any:
        return np.ones(3)

    @functools.cached_property
    def weights(self) -> Any:
        return np.ones(3)


def test_functions_that_keep_their_results() -> None:
    agree(lambda x: kept_table(3) * x, X)
    assert type(kept_table(3)) is np.ndarray
    assert type(kept_table(4)) is np.ndarray
    keeping = Keeping()
    agree(lambda x: keeping.table() * x, X)
    agree(lambda x: keeping.weights * x, X)
    assert type(keeping.weights) is np.ndarray
    ready = Keeping()
    ready.table()
    assert ready.weights.sum() == 3.0
    agree(lambda x: ready.weights * x + ready.table(), X)


def test_a_cache_that_the_first_call_fills() -> None:
    cache: dict[str, Any] = {}
    kept: list[Any] = []

    def of_table(x: Any) -> Any:
        if "table" not in cache:
            cache["table"] = np.arange(9.0).reshape(3, 3)
        return np.sum((cache["table"] @ x - 1.0) ** 2)

    def of_many(x: Any) -> Any:
        if "many" not in cache:
            cache["many"] = np.sin(np.arange(6000.0)).reshape(2000, 3)
        return np.sum((cache["many"] @ x) ** 2)

    def keeping(x: Any) -> Any:
        kept.append(np.sum(x))
        return np.sum(x)

    for function in (of_table, of_many):
        steps = [(X + h, X - h) for h in 1e-6 * np.eye(3)]
        gradient = sd.grad(function)(X)
        expected = [(function(a) - function(b)) / 2e-6 for a, b in steps]
        np.testing.assert_allclose(gradient, expected, rtol=1e-6)
    assert [type(value) for value in cache.values()] == [np.ndarray, np.ndarray]
    with pytest.raises(sd.UnsupportedError, match="keeps a value that is not known yet in 'kept'"):
        sd.grad(keeping)(X)
    assert kept == []


def test_a_stand_in_is_an_array_of_numpys_for_isinstance_by_shape() -> None:
    def checked(x: Any) -> Any:
        x = np.asarray(x, dtype=float)
        return np.sum(np.atleast_1d(x) ** 2) if np.isscalar(2.0) else x

    agree(checked, X)


def test_the_names_are_restored() -> None:
    before = np.zeros, math.sin, zeros, np.random.rand
    value_of(lambda x: zeros(3) + x, X)
    with pytest.raises(ZeroDivisionError):
        value_of(lambda x: x * (1 / 0), X)
    assert (np.zeros, math.sin, zeros, np.random.rand) == before
    assert type(np.zeros(3)) is np.ndarray


def test_piecewise_with_further_arguments() -> None:
    for function in (
        lambda x: np.piecewise(
            x, [x < 0, x >= 0], [lambda t, k: k * t**2, lambda t, k: k * t], 3.0
        ),
        lambda x: np.piecewise(x, [x < 0], [lambda t, k=1: k * t**2, lambda t, k=1: t * k], k=3.0),
        lambda x: np.piecewise(
            x, [x < 0, x > 2], [lambda t, a, b: a * t + b, 5.0, lambda t, a, b: t * b], 2.0, b=1.5
        ),
        lambda x: np.piecewise(x, [x < 0, x >= 0], [np.power, np.add], 2.0),
        lambda x: np.piecewise(x, [x < 0, x >= 0], [np.sin, np.cos]),
    ):
        agree(function, X)


def test_piecewise_gives_a_function_some_of_the_elements() -> None:
    error = refusal(
        lambda x: np.sum(np.piecewise(x, [x < 0], [lambda t: t - t.mean(), lambda t: t])), X
    )
    assert "several elements" in error.message


def test_what_an_array_is_unpacked_to_has_the_names_of_the_user() -> None:
    def decay(theta: Any, t: Any) -> Any:
        (A, k), offset = theta[:2], theta[2]
        first, *rest = t
        return A * np.exp(-k * first) + offset * sum(rest) * k + A

    gradient = sd.grad(decay)
    gradient(np.array([1.0, 2.0, 3.0]), np.ones(3))
    text = gradient.emit()
    assert "A = theta_part[0]" in text
    assert "k = theta_part[1]" in text
    assert "A2" not in text

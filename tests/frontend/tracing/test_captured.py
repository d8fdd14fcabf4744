"""What a function reads beside its arguments: never a stale answer, and no needless trace."""

from __future__ import annotations

import collections
import functools
import math
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X, Y

SCALE: Any = 2.0
WEIGHTS = np.array([1.0, 2.0, 3.0])
NUMBERS = [1.0, 2.0, 3.0]
TABLE: dict[str, Any] = {"scale": 2.0, "inner": {"deep": [1.0]}}
SET = {1.0}
QUEUE = collections.deque([1.0])
SPACE = SimpleNamespace(scale=2.0)
OBJECTS = np.array([1.0, 2.0, 3.0], dtype=object)


class Slotted:
    """Without a dictionary."""

    __slots__ = ("scale",)

    def __init__(self, scale: float) -> None:
        self.scale = scale


class Base:
    """What a layer inherits."""

    gain = 1.0

    @property
    def doubled(self) -> float:
        return 2 * SCALE


class Layer(Base):
    """A layer with weights."""

    offset = 0.5

    def __init__(self) -> None:
        self.weights = np.ones(3)

    def __call__(self, x: Any) -> Any:
        return x * self.weights * self.gain * self.doubled * self.offset


@dataclass
class Model:
    """Layers in a list."""

    layers: list[Layer] = field(default_factory=lambda: [Layer(), Layer()])
    link: Any = None

    def loss(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x.sum()


MODEL = Model()
MODEL.link = MODEL  # a cycle
SLOTTED = Slotted(2.0)
CONFIG = ModuleType("config_of_a_user")
CONFIG.scale = 2.0
CONFIG.inner = ModuleType("config_of_a_user.inner")
CONFIG.inner.weights = np.ones(3)
sys.modules["config_of_a_user"] = CONFIG


def helper(x: Any) -> Any:
    return x * SCALE


def other_helper(x: Any) -> Any:
    return x * 10.0


HELPERS = [helper]


def of_scale(x: Any) -> Any:
    return np.sum(x) * SCALE


def of_weights(x: Any) -> Any:
    return np.sum(x * WEIGHTS)


def of_a_sum_of_weights(x: Any) -> Any:
    return np.sum(x) * np.sum(WEIGHTS)


def of_numbers(x: Any) -> Any:
    return np.sum(x * NUMBERS)


def of_a_table(x: Any) -> Any:
    return np.sum(x) * TABLE["scale"] * TABLE["inner"]["deep"][0]


def of_a_set(x: Any) -> Any:
    return np.sum(x) * sum(SET) * sum(QUEUE)


def of_a_space(x: Any) -> Any:
    return np.sum(x) * SPACE.scale


def of_slots(x: Any) -> Any:
    return np.sum(x) * SLOTTED.scale


def of_objects(x: Any) -> Any:
    return np.sum(x) * OBJECTS[0]


def of_a_model(x: Any) -> Any:
    return MODEL.loss(x)


def of_a_module(x: Any) -> Any:
    return np.sum(x * CONFIG.inner.weights) * CONFIG.scale


def of_a_module_imported_inside(x: Any) -> Any:
    import config_of_a_user as config
    from config_of_a_user import scale

    return np.sum(x * config.inner.weights) * scale


def of_helpers(x: Any) -> Any:
    return np.sum(helper(x)) + np.sum(HELPERS[0](x))


def of_a_default(x: Any, weights: Any = NUMBERS, *, table: Any = TABLE) -> Any:
    return np.sum(x * np.array(weights)) * table["scale"]


def of_a_library(x: Any) -> Any:
    return np.sum(x) * len(x) * abs(-2.0) * math.pi


def of_its_own_attribute(x: Any) -> Any:
    return np.sum(x) * of_its_own_attribute.scale  # type: ignore[attr-defined]


of_its_own_attribute.scale = 2.0  # type: ignore[attr-defined]


def set_global(name: str, value: Any) -> Callable[[], None]:
    return lambda: globals().__setitem__(name, value)


def set_item(target: Any, key: Any, value: Any) -> Callable[[], None]:
    return lambda: target.__setitem__(key, value)


def set_attribute(target: Any, name: str, value: Any) -> Callable[[], None]:
    return lambda: setattr(target, name, value)


CHANGES: list[tuple[Callable[..., Any], Callable[[], Any]]] = [
    (of_scale, set_global("SCALE", 5.0)),
    (of_scale, set_global("SCALE", 5)),
    (of_scale, set_global("SCALE", np.float64(-0.5))),
    (of_scale, set_global("SCALE", np.arange(3.0).sum())),
    (of_weights, set_item(WEIGHTS, 1, 7.0)),
    (of_weights, set_global("WEIGHTS", np.ones(3))),
    (of_weights, set_global("WEIGHTS", 4.0)),
    (of_a_sum_of_weights, lambda: WEIGHTS.__imul__(2.0)),
    (of_a_sum_of_weights, lambda: WEIGHTS.fill(3.0)),
    (of_numbers, set_item(NUMBERS, 0, 9.0)),
    (of_a_table, set_item(TABLE, "scale", 11.0)),
    (of_a_table, lambda: TABLE["inner"]["deep"].__setitem__(0, 12.0)),
    (of_a_table, set_item(TABLE, "inner", {"deep": (3.5,)})),
    (of_a_set, lambda: SET.add(4.0)),
    (of_a_set, lambda: QUEUE.append(4.0)),
    (of_a_space, set_attribute(SPACE, "scale", 13.0)),
    (of_slots, set_attribute(SLOTTED, "scale", 14.0)),
    (of_objects, set_item(OBJECTS, 0, 15.0)),
    (of_a_model, set_item(MODEL.layers[1].weights, 0, 16.0)),
    (of_a_model, set_attribute(MODEL.layers[0], "weights", np.full(3, 17.0))),
    (of_a_model, set_attribute(MODEL.layers[0], "offset", 18.0)),
    (of_a_model, set_attribute(Layer, "offset", 19.0)),
    (of_a_model, set_attribute(Base, "gain", 20.0)),
    (of_a_model, set_global("SCALE", 21.0)),
    (of_a_model, lambda: MODEL.layers.append(Layer())),
    (of_a_model, set_attribute(Layer, "__call__", lambda self, x: x * 22.0)),
    (of_a_module, set_attribute(CONFIG, "scale", 23.0)),
    (of_a_module, set_item(CONFIG.inner.weights, 0, 24.0)),
    (of_a_module, set_attribute(CONFIG.inner, "weights", Y)),
    (of_a_module_imported_inside, set_attribute(CONFIG, "scale", 25.0)),
    (of_a_module_imported_inside, set_item(CONFIG.inner.weights, 2, 26.0)),
    (of_helpers, set_global("helper", other_helper)),
    (of_helpers, set_global("SCALE", 27.0)),
    (of_helpers, set_item(HELPERS, 0, other_helper)),
    (of_helpers, set_attribute(helper, "__code__", other_helper.__code__)),
    (of_a_default, set_item(NUMBERS, 2, 28.0)),
    (of_a_default, set_item(TABLE, "scale", 29.0)),
    (of_a_default, set_attribute(of_a_default, "__defaults__", ([1.0, 1.0, 1.0],))),
    (of_a_default, set_attribute(of_a_default, "__kwdefaults__", {"table": {"scale": 30.0}})),
    (of_a_library, set_global("abs", lambda x: 31.0)),
    (of_a_library, set_global("len", lambda x: 32.0)),
    (of_a_library, set_global("math", SimpleNamespace(pi=3.0))),
    (of_its_own_attribute, set_attribute(of_its_own_attribute, "scale", 33.0)),
]  # fmt: skip


def expected(function: Callable[..., Any]) -> Any:
    """The gradient of a function that is linear."""
    return np.array([function(row) for row in np.eye(3)]) - function(np.zeros(3))


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_the_next_call_gives_the_new_answer(number: int, kept_state: None) -> None:
    function, change = CHANGES[number]
    grad = sd.grad(function)
    before = expected(function)
    np.testing.assert_allclose(grad(X), before, rtol=1e-14)
    np.testing.assert_allclose(grad(X), before, rtol=1e-14)
    change()
    after = expected(function)
    assert not np.array_equal(before, after)
    np.testing.assert_allclose(grad(X), after, rtol=1e-14)
    np.testing.assert_allclose(grad(X.copy()), after, rtol=1e-14)


@pytest.fixture
def kept_state() -> Any:
    """The module as it was, afterwards."""
    space = dict(globals())
    arrays = [(array, array.copy()) for array in (WEIGHTS, OBJECTS)]
    layers = [(layer, dict(vars(layer)), layer.weights.copy()) for layer in MODEL.layers]
    code, defaults = helper.__code__, of_a_default.__defaults__
    keywords, inner, of_config = of_a_default.__kwdefaults__, CONFIG.inner.weights, CONFIG.scale
    weights, call = inner.copy(), Layer.__call__
    yield
    globals().update(space)
    for name in set(globals()) - set(space):
        del globals()[name]
    for array, values in arrays:
        array[:] = values
    for layer, attributes, values in layers:
        vars(layer).clear()
        vars(layer).update(attributes)
        layer.weights[:] = values
    MODEL.layers[:] = [layer for layer, _, _ in layers]
    helper.__code__, of_a_default.__defaults__ = code, defaults
    of_a_default.__kwdefaults__ = keywords
    CONFIG.inner.weights, CONFIG.scale = inner, of_config
    inner[:] = weights
    NUMBERS[:] = [1.0, 2.0, 3.0]
    TABLE.update(scale=2.0, inner={"deep": [1.0]})
    SET.clear()
    SET.add(1.0)
    QUEUE.clear()
    QUEUE.append(1.0)
    HELPERS[:] = [helper]
    SPACE.scale = SLOTTED.scale = 2.0
    of_its_own_attribute.scale = 2.0  # type: ignore[attr-defined]
    Layer.offset, Base.gain, Layer.__call__ = 0.5, 1.0, call  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "function", list(dict.fromkeys(function for function, _ in CHANGES)), ids=lambda f: f.__name__
)
def test_no_second_trace_where_nothing_changed(function: Callable[..., Any]) -> None:
    calls = []

    def counted(x: Any) -> Any:
        calls_of.append(1)
        return function(x)

    # through an attribute of a module that is taken to stay as it is
    calls_of = sys.modules[__name__].__dict__.setdefault("_calls", calls)
    del counted
    grad = sd.grad(function)
    grad(X)
    entries = list(grad._entries.values())
    for _ in range(3):
        grad(X)
        grad(X + 1.0)
    assert list(grad._entries.values()) == entries
    assert not calls_of


def test_closures_are_read_again() -> None:
    scale, weights = 2.0, np.ones(3)

    def loss(x: Any) -> Any:
        return np.sum(x * weights) * scale

    grad = sd.grad(loss)
    assert grad(X).tolist() == [2.0] * 3
    scale = 3.0
    assert grad(X).tolist() == [3.0] * 3
    weights[0] = 5.0
    assert grad(X).tolist() == [15.0, 3.0, 3.0]
    weights = np.array([1.0, 0.0, 0.0])
    assert grad(X).tolist() == [3.0, 0.0, 0.0]


def test_objects_and_partials_as_the_function() -> None:
    layer = Layer()
    weights = np.ones(3)

    def product(w: Any, x: Any) -> Any:
        return np.sum(w * x)

    class Loss:
        def __init__(self) -> None:
            self.weights = np.ones(3)

        def __call__(self, x: Any) -> Any:
            return np.sum(x * self.weights)

        def method(self, x: Any) -> Any:
            return np.sum(x * self.weights) * 2

    loss = Loss()
    partial, called, bound = (
        sd.grad(functools.partial(product, weights)),
        sd.grad(loss),
        sd.grad(loss.method),
    )
    for grad in (partial, called, bound, sd.grad(lambda x: layer(x).sum())):
        grad(X)
    weights[0] = loss.weights[0] = 4.0
    assert partial(X).tolist() == [4.0, 1.0, 1.0]
    assert called(X).tolist() == [4.0, 1.0, 1.0]
    assert bound(X).tolist() == [8.0, 2.0, 2.0]


BIG = np.linspace(0.0, 1.0, 5000)
BIG_INDEX = np.arange(20_000)[::-1].copy()


def of_big(x: Any) -> Any:
    return np.sum(np.sin(BIG * x)) + np.sum(BIG * 2.0) * x


def of_a_big_index(x: Any) -> Any:
    return np.sum(x[BIG_INDEX][:3] * np.array([1.0, 2.0, 3.0]))


def test_large_arrays() -> None:
    grad, value_and_grad = sd.grad(of_big), sd.value_and_grad(of_big)
    try:
        for _ in range(2):
            wanted = np.sum(np.cos(BIG * 0.5) * BIG) + np.sum(BIG * 2.0)
            assert grad(0.5) == pytest.approx(wanted, rel=1e-13)
            value, gradient = value_and_grad(0.5)
            assert value == pytest.approx(of_big(0.5), rel=1e-13)
            assert gradient == pytest.approx(wanted, rel=1e-13)
            BIG[:] = np.linspace(1.0, 3.0, 5000)
    finally:
        BIG[:] = np.linspace(0.0, 1.0, 5000)
    x = np.arange(20_000.0)
    gradient = sd.grad(of_a_big_index)(x)
    assert gradient[-3:].tolist() == [3.0, 2.0, 1.0]
    BIG_INDEX[:3] = 0
    assert sd.grad(of_a_big_index)(x)[0] == 6.0
    BIG_INDEX[:3] = [19_999, 19_998, 19_997]


def test_an_emitted_function_takes_large_arrays_as_arguments() -> None:
    made = sd.function(of_big, shapes={"x": ()})
    assert made(0.5) == pytest.approx(of_big(0.5), rel=1e-13)
    assert made.grad()(0.5) == pytest.approx(sd.grad(of_big)(0.5), rel=1e-13)


def test_large_structures_are_compared_too() -> None:
    numbers = [float(n) for n in range(50_000)]

    def loss(x: Any) -> Any:
        return x * sum(numbers[:3])

    grad = sd.grad(loss)
    assert grad(1.0) == 3.0
    numbers[0] = 7.0
    assert grad(1.0) == 10.0
    cyclic: list[Any] = [2.0]
    cyclic.append(cyclic)

    def knotted(x: Any) -> Any:
        return x * cyclic[1][1][0]

    grad = sd.grad(knotted)
    assert grad(1.0) == 2.0
    cyclic[0] = 4.0
    assert grad(1.0) == 4.0


def test_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0]})

    def loss(x: Any) -> Any:
        return np.sum(x * frame["a"].to_numpy())

    grad = sd.grad(loss)
    assert grad(X).tolist() == [1.0, 2.0, 3.0]
    frame.loc[0, "a"] = 5.0
    assert grad(X).tolist() == [5.0, 2.0, 3.0]


def test_threads() -> None:
    """Several trace and call, others use NumPy as ever."""
    failures: list[str] = []
    stop = threading.Event()

    def plain() -> None:
        while not stop.is_set():
            made = np.zeros(3)
            made[0] = math.sin(1.0)
            if type(made) is not np.ndarray or type(np.array([1.0])) is not np.ndarray:
                failures.append("a stand-in escaped")
            np.random.rand(2)  # noqa: NPY002  what is exchanged

    def traced(number: int) -> None:
        for n in range(2, 6):

            def loss(x: Any, n: int = n) -> Any:
                a = np.zeros(n)
                a[:] = x * number
                return np.sum(a * np.arange(n)) + math.exp(0.0)

            found = sd.grad(loss)(np.ones(n))
            if found.tolist() != [float(number * i) for i in range(n)]:
                failures.append(f"{number}, {n}: {found}")

    workers = [threading.Thread(target=traced, args=(number,)) for number in range(1, 5)]
    others = [threading.Thread(target=plain) for _ in range(2)]
    for thread in (*others, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    stop.set()
    for thread in others:
        thread.join()
    assert not failures
    assert not hasattr(np.zeros, "__wrapped__")


def test_one_derivative_in_several_threads() -> None:
    def loss(x: Any) -> Any:
        a = np.ones(x.shape)
        a *= x
        return np.sum(a**2)

    grad = sd.grad(loss)
    wrong: list[Any] = []

    def work(n: int) -> None:
        for _ in range(20):
            x = np.arange(float(n))
            if not np.array_equal(grad(x), 2 * x):
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in (2, 3, 4, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
